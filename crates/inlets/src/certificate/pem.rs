//! PEM (RFC 7468): blocks between two lines, base64 inside.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// A block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'a> {
    /// What it is.
    pub(super) label: &'a str,
    body: &'a str,
}

impl Block<'_> {
    /// Its bytes, if it is base64.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        let text: String = self.body.split_whitespace().collect();
        STANDARD.decode(text).ok().filter(|bytes| !bytes.is_empty())
    }

    /// Whether its header says that it is encrypted (RFC 1421 section 4.6.1.1, as OpenSSL writes it).
    pub(super) fn is_encrypted(&self) -> bool {
        self.body.trim_start().starts_with("Proc-Type: 4,ENCRYPTED")
    }
}

/// The blocks of a text, one after the other. What stands around them is passed over.
pub(super) fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(BEGIN)?;
        let (label, after) = after.split_once(DASHES)?;
        let (body, after) = after.split_once(END)?;
        rest = after;
        Some(Block { label: label.trim(), body })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_among_other_text() {
        let text = "subject=a\r\n-----BEGIN A B-----\r\nAQI\r\nD\r\n-----END A B-----\n-----BEGIN C-----\nProc-Type: 4,ENCRYPTED\n\nAQ==\n-----END C-----\n-----BEGIN D-----\nAQ";
        let found: Vec<Block<'_>> = blocks(text).collect();
        assert_eq!(found.iter().map(|block| block.label).collect::<Vec<_>>(), ["A B", "C"]);
        let told: Vec<_> = found.iter().map(|block| (block.bytes(), block.is_encrypted())).collect();
        assert_eq!(told, [(Some(vec![1, 2, 3]), false), (None, true)]);
        assert_eq!(blocks("MIIB").count(), 0);
        // Pasted into one line.
        let line = blocks("-----BEGIN A----- AQID -----END A-----").next().and_then(|block| block.bytes());
        assert_eq!(line, Some(vec![1, 2, 3]));
    }
}
