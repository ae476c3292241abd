//! From the file's encoding to UTF-8, told by the byte order mark.

/// How the text of a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16 { big_endian: bool },
}

/// Takes bytes as they come and gives UTF-8 without the byte order mark.
///
/// UTF-8 passes as it is, valid or not: the row with the bad byte is reported. A surrogate without
/// its partner in UTF-16 becomes the byte FF, which is never part of UTF-8, so that it is reported
/// in the same way.
#[derive(Debug, Default)]
pub(super) struct Transcoder {
    encoding: Option<Encoding>,
    /// Bytes that are too few to decide or to make a character; at most 3.
    held: Vec<u8>,
    high_surrogate: Option<u16>,
}

const UTF8_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];
const LITTLE_ENDIAN_MARK: &[u8] = &[0xFF, 0xFE];
const BIG_ENDIAN_MARK: &[u8] = &[0xFE, 0xFF];
/// Stands for what UTF-16 could not say.
const NEVER_UTF8: u8 = 0xFF;

impl Transcoder {
    /// Appends the text of `bytes` to `text`; `last` says that no more bytes come.
    pub(super) fn push(&mut self, bytes: &[u8], last: bool, text: &mut Vec<u8>) {
        let encoding = match self.encoding {
            Some(Encoding::Utf8) => return text.extend_from_slice(bytes),
            Some(encoding) => {
                self.held.extend_from_slice(bytes);
                encoding
            }
            None => {
                self.held.extend_from_slice(bytes);
                let (encoding, mark) = match self.held.as_slice() {
                    start if start.starts_with(UTF8_MARK) => (Encoding::Utf8, UTF8_MARK.len()),
                    start if start.starts_with(LITTLE_ENDIAN_MARK) => {
                        (Encoding::Utf16 { big_endian: false }, LITTLE_ENDIAN_MARK.len())
                    }
                    start if start.starts_with(BIG_ENDIAN_MARK) => {
                        (Encoding::Utf16 { big_endian: true }, BIG_ENDIAN_MARK.len())
                    }
                    start if start.len() < UTF8_MARK.len() && !last => return,
                    _ => (Encoding::Utf8, 0),
                };
                self.held.drain(..mark);
                self.encoding = Some(encoding);
                encoding
            }
        };
        match encoding {
            Encoding::Utf8 => text.append(&mut self.held),
            Encoding::Utf16 { big_endian } => self.take_utf16(big_endian, last, text),
        }
    }

    fn take_utf16(&mut self, big_endian: bool, last: bool, text: &mut Vec<u8>) {
        let (pairs, rest) = self.held.as_chunks::<2>();
        let mut high = self.high_surrogate.take();
        for pair in pairs {
            let unit = if big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
            let waiting = high.take();
            if let (Some(first), 0xDC00..0xE000) = (waiting, unit) {
                text.extend(char::decode_utf16([first, unit]).flatten().flat_map(to_utf8));
                continue;
            }
            if waiting.is_some() {
                text.push(NEVER_UTF8);
            }
            match unit {
                0xD800..0xDC00 => high = Some(unit),
                0xDC00..0xE000 => text.push(NEVER_UTF8),
                _ => text.extend(char::from_u32(u32::from(unit)).into_iter().flat_map(to_utf8)),
            }
        }
        let rest = rest.to_vec();
        self.held = rest;
        if last {
            if high.take().is_some() || !self.held.is_empty() {
                text.push(NEVER_UTF8);
            }
            self.held.clear();
        }
        self.high_surrogate = high;
    }
}

fn to_utf8(character: char) -> impl Iterator<Item = u8> {
    let mut bytes = [0; 4];
    let length = character.encode_utf8(&mut bytes).len();
    bytes.into_iter().take(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &[u8]) {
        for size in 1..=bytes.len().max(1) {
            let mut transcoder = Transcoder::default();
            let mut text = Vec::new();
            for piece in bytes.chunks(size) {
                transcoder.push(piece, false, &mut text);
            }
            transcoder.push(&[], true, &mut text);
            assert_eq!(text, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn marks_are_taken_off() {
        check(b"", b"");
        check(b"a", b"a");
        check(b"a,b", b"a,b");
        check(b"\xEF\xBB\xBFa", b"a");
        check(b"\xEF\xBB", b"\xEF\xBB");
        check("Zoë".as_bytes(), "Zoë".as_bytes());
        check(b"\xFF\xFEZ\0\xEB\0", "Zë".as_bytes());
        check(b"\xFE\xFF\0Z\0\xEB", "Zë".as_bytes());
    }

    #[test]
    fn surrogates() {
        check(b"\xFF\xFE\x3D\xD8\x00\xDE", "\u{1F600}".as_bytes());
        check(b"\xFF\xFE\x3D\xD8a\0", b"\xFFa");
        check(b"\xFF\xFE\x3D\xD8\x3D\xD8", b"\xFF\xFF");
        check(b"\xFF\xFE\x00\xDEa\0", b"\xFFa");
        check(b"\xFF\xFEa\0b", b"a\xFF");
    }
}
