//! From the file's encoding to UTF-8: told by the byte order mark, else by the first character that is
//! not ASCII.
//!
//! Spreadsheets on Windows save "CSV" in Windows-1252, which has Latin-1 within it, and say so nowhere. A
//! file whose first byte beyond ASCII does not begin a character of UTF-8 is read as that; everything
//! before it was ASCII and means the same in both. Where UTF-8 turns up in such a file all the same, the
//! row is reported rather than read as two strange letters.

/// How the text of a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or nothing but ASCII so far.
    Utf8,
    /// UTF-16 with a byte order mark.
    Utf16 {
        /// The high byte comes first.
        big_endian: bool,
    },
    /// Windows-1252 and with it ISO 8859-1 (Latin-1).
    Windows1252,
}

impl Encoding {
    /// Its name in the registry of IANA, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16 { .. } => "utf-16",
            Self::Windows1252 => "windows-1252",
        }
    }
}

/// Takes bytes as they come and gives UTF-8 without the byte order mark.
///
/// UTF-8 passes as it is, valid or not: the row with the bad byte is reported. A surrogate without
/// its partner in UTF-16 becomes the byte FF and a character of UTF-8 within Windows-1252 gets the byte
/// FE before it. Neither is ever part of UTF-8, so that they are reported in the same way.
#[derive(Debug, Default)]
pub(super) struct Transcoder {
    state: State,
    /// Bytes that are too few to decide or to make a character; at most 3.
    held: Vec<u8>,
    high_surrogate: Option<u16>,
}

/// What is known of the encoding.
#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Nothing has been read.
    #[default]
    Start,
    /// There is no mark, and everything was ASCII.
    Ascii,
    Known(Encoding),
}

const UTF8_MARK: &[u8] = &[0xEF, 0xBB, 0xBF];
const LITTLE_ENDIAN_MARK: &[u8] = &[0xFF, 0xFE];
const BIG_ENDIAN_MARK: &[u8] = &[0xFE, 0xFF];
/// Stands for what UTF-16 could not say.
const NEVER_UTF8: u8 = 0xFF;
/// Stands before a character of UTF-8 in a file of Windows-1252.
pub(super) const MIXED: u8 = 0xFE;

/// What Windows-1252 means by the bytes 80 to 9F (Unicode's mapping; the five that it leaves open are the
/// control characters of Latin-1). The other bytes are the characters of the same number.
const WINDOWS_1252: [char; 32] = [
    '\u{20AC}', '\u{81}', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2C6}',
    '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8D}', '\u{17D}', '\u{8F}', '\u{90}', '\u{2018}',
    '\u{2019}', '\u{201C}', '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2DC}', '\u{2122}', '\u{161}',
    '\u{203A}', '\u{153}', '\u{9D}', '\u{17E}', '\u{178}',
];

/// What the beginning of some bytes is, read as UTF-8.
enum Beginning {
    /// A character of so many bytes.
    Character(usize),
    /// The first bytes of one.
    Incomplete,
    /// No character.
    Invalid,
}

fn beginning(bytes: &[u8]) -> Beginning {
    let start = bytes.get(..4).unwrap_or(bytes);
    let (valid, incomplete) = match std::str::from_utf8(start) {
        Ok(text) => (text, false),
        Err(error) => {
            let valid = start.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok());
            (valid.unwrap_or(""), error.error_len().is_none())
        }
    };
    match valid.chars().next() {
        Some(character) => Beginning::Character(character.len_utf8()),
        None if incomplete => Beginning::Incomplete,
        None => Beginning::Invalid,
    }
}

impl Transcoder {
    /// The encoding, as far as the bytes so far tell.
    pub(super) fn encoding(&self) -> Encoding {
        match self.state {
            State::Known(encoding) => encoding,
            State::Start | State::Ascii => Encoding::Utf8,
        }
    }

    /// Appends the text of `bytes` to `text`; `last` says that no more bytes come.
    pub(super) fn push(&mut self, bytes: &[u8], last: bool, text: &mut Vec<u8>) {
        if matches!(self.state, State::Known(Encoding::Utf8)) {
            return text.extend_from_slice(bytes);
        }
        self.held.extend_from_slice(bytes);
        if matches!(self.state, State::Start) && !self.take_mark(last) {
            return;
        }
        if matches!(self.state, State::Ascii) && !self.take_ascii(last, text) {
            return;
        }
        match self.encoding() {
            Encoding::Utf8 => text.append(&mut self.held),
            Encoding::Utf16 { big_endian } => self.take_utf16(big_endian, last, text),
            Encoding::Windows1252 => self.take_windows_1252(last, text),
        }
    }

    /// Reads the byte order mark, or finds that there is none. False while that cannot be told.
    fn take_mark(&mut self, last: bool) -> bool {
        let (state, mark) = match self.held.as_slice() {
            start if start.starts_with(UTF8_MARK) => (State::Known(Encoding::Utf8), UTF8_MARK.len()),
            start if start.starts_with(LITTLE_ENDIAN_MARK) => {
                (State::Known(Encoding::Utf16 { big_endian: false }), LITTLE_ENDIAN_MARK.len())
            }
            start if start.starts_with(BIG_ENDIAN_MARK) => {
                (State::Known(Encoding::Utf16 { big_endian: true }), BIG_ENDIAN_MARK.len())
            }
            start if start.len() < UTF8_MARK.len() && !last => return false,
            _ => (State::Ascii, 0),
        };
        self.held.drain(..mark);
        self.state = state;
        true
    }

    /// Passes ASCII and decides at the first other character. False while that has not come.
    fn take_ascii(&mut self, last: bool, text: &mut Vec<u8>) -> bool {
        let end = self.held.iter().position(|byte| !byte.is_ascii()).unwrap_or(self.held.len());
        text.extend(self.held.drain(..end));
        if self.held.is_empty() {
            return false;
        }
        self.state = State::Known(match beginning(&self.held) {
            Beginning::Character(_) => Encoding::Utf8,
            Beginning::Incomplete if !last => return false,
            Beginning::Incomplete | Beginning::Invalid => Encoding::Windows1252,
        });
        true
    }

    fn take_windows_1252(&mut self, last: bool, text: &mut Vec<u8>) {
        let mut rest = self.held.as_slice();
        while let Some((&byte, after)) = rest.split_first() {
            if byte.is_ascii() {
                text.push(byte);
                rest = after;
                continue;
            }
            match beginning(rest) {
                Beginning::Character(length) => {
                    let (character, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
                    text.push(MIXED);
                    text.extend_from_slice(character);
                    rest = after;
                }
                Beginning::Incomplete if !last => break,
                Beginning::Incomplete | Beginning::Invalid => {
                    let special = WINDOWS_1252.get(usize::from(byte).wrapping_sub(0x80));
                    text.extend(to_utf8(special.copied().unwrap_or(char::from(byte))));
                    rest = after;
                }
            }
        }
        let rest = rest.to_vec();
        self.held = rest;
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
        // Too short for a mark, and no UTF-8: Latin-1.
        check(b"\xEF\xBB", "ï»".as_bytes());
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

    #[test]
    fn windows_1252_is_told_by_the_first_character_that_is_not_ascii() {
        check(b"Zo\xEB;1", "Zoë;1".as_bytes());
        check(b"Zo\xEB", "Zoë".as_bytes());
        check(b"\x80 5 \x96 \x9Fs", "€ 5 – Ÿs".as_bytes());
        check(b"na\xEFve M\xFCller \xDF", "naïve Müller ß".as_bytes());
        // After a character of UTF-8 a byte that is none stays what it is: the row is reported.
        check(b"Zo\xC3\xAB M\xFCller", b"Zo\xC3\xAB M\xFCller");
        check(b"\xEF\xBB\xBFM\xFCller", b"M\xFCller");
        // And so is UTF-8 in a file of Windows-1252.
        check(b"M\xFCller Zo\xC3\xAB", b"M\xC3\xBCller Zo\xFE\xC3\xAB");
        check(b"\xFC \xF0\x9F\x98\x80", b"\xC3\xBC \xFE\xF0\x9F\x98\x80");
    }

    #[test]
    fn the_name_of_the_encoding() {
        for (bytes, expected) in [
            (&b""[..], "utf-8"),
            (b"abc", "utf-8"),
            ("Zoë".as_bytes(), "utf-8"),
            (b"Zo\xEB", "windows-1252"),
            (b"\xFF\xFEZ\0", "utf-16"),
        ] {
            let mut transcoder = Transcoder::default();
            let mut text = Vec::new();
            transcoder.push(bytes, true, &mut text);
            assert_eq!(transcoder.encoding().name(), expected, "{bytes:?}");
        }
    }
}
