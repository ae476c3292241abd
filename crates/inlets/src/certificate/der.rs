//! A reader of DER (ITU-T X.690): tags, definite lengths in their shortest form, values. What is not DER is an
//! error, and nothing is guessed.

/// Not DER, or not what is expected there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DerError;

/// Identifier octets of what is read here.
pub(super) mod tag {
    /// `INTEGER`.
    pub(in crate::certificate) const INTEGER: u8 = 0x02;
    /// `BIT STRING`.
    pub(in crate::certificate) const BIT_STRING: u8 = 0x03;
    /// `OCTET STRING`.
    pub(in crate::certificate) const OCTET_STRING: u8 = 0x04;
    /// `OBJECT IDENTIFIER`.
    pub(in crate::certificate) const OBJECT_IDENTIFIER: u8 = 0x06;
    /// `UTCTime`.
    pub(in crate::certificate) const UTC_TIME: u8 = 0x17;
    /// `GeneralizedTime`.
    pub(in crate::certificate) const GENERALIZED_TIME: u8 = 0x18;
    /// `SEQUENCE`.
    pub(in crate::certificate) const SEQUENCE: u8 = 0x30;
    /// The version of a certificate: `[0]`, explicit.
    pub(in crate::certificate) const VERSION: u8 = 0xa0;
}

/// Bytes of a length at most: nothing here is longer than 16 MiB.
const MAX_LENGTH_BYTES: usize = 3;

/// Reads values one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The tag of the next value.
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The content of the next value, which has this tag.
    pub(super) fn take(&mut self, tag: u8) -> Result<&'a [u8], DerError> {
        let (found, rest) = self.rest.split_first().ok_or(DerError)?;
        if *found != tag {
            return Err(DerError);
        }
        let (length, rest) = length(rest)?;
        let (content, rest) = rest.split_at_checked(length).ok_or(DerError)?;
        self.rest = rest;
        Ok(content)
    }

    /// Reads inside the next value, which has this tag.
    pub(super) fn enter(&mut self, tag: u8) -> Result<Reader<'a>, DerError> {
        self.take(tag).map(Reader::new)
    }

    /// The next value, a whole number that is not negative: its bytes without a leading zero.
    pub(super) fn unsigned(&mut self) -> Result<&'a [u8], DerError> {
        match self.take(tag::INTEGER)? {
            [] => Err(DerError),
            [0] => Ok(&[]),
            [0, rest @ ..] if rest.first().is_some_and(|byte| *byte >= 0x80) => Ok(rest),
            // Two bytes for what fits into one, or a negative number.
            [0 | 0x80.., ..] => Err(DerError),
            content => Ok(content),
        }
    }

    /// The next value, a time, in Unix milliseconds.
    pub(super) fn time(&mut self) -> Result<i64, DerError> {
        let read = match self.peek() {
            Some(tag::UTC_TIME) => super::time::utc(self.take(tag::UTC_TIME)?),
            Some(tag::GENERALIZED_TIME) => super::time::generalized(self.take(tag::GENERALIZED_TIME)?),
            _ => None,
        };
        read.ok_or(DerError)
    }

    /// There is nothing more.
    pub(super) fn end(&self) -> Result<(), DerError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DerError) }
    }
}

/// A length, and what comes after it.
fn length(bytes: &[u8]) -> Result<(usize, &[u8]), DerError> {
    let (first, rest) = bytes.split_first().ok_or(DerError)?;
    if *first < 0x80 {
        return Ok((usize::from(*first), rest));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > MAX_LENGTH_BYTES {
        return Err(DerError);
    }
    let (digits, rest) = rest.split_at_checked(count).ok_or(DerError)?;
    let length = digits.iter().fold(0_usize, |length, digit| length << 8 | usize::from(*digit));
    let is_shortest = length >= 0x80 && digits.first() != Some(&0);
    if is_shortest { Ok((length, rest)) } else { Err(DerError) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_definite_and_shortest() {
        let check = |bytes: &[u8], expected: Option<usize>| {
            assert_eq!(length(bytes).ok().map(|(length, _)| length), expected, "{bytes:x?}");
        };
        check(&[], None);
        check(&[0x00], Some(0));
        check(&[0x7f], Some(127));
        check(&[0x80], None);
        check(&[0x81, 0x7f], None);
        check(&[0x81, 0x80], Some(128));
        check(&[0x82, 0x00, 0x80], None);
        check(&[0x82, 0x01, 0x00], Some(256));
        check(&[0x82, 0x01], None);
        check(&[0x83, 0x01, 0x00, 0x00], Some(65_536));
        check(&[0x84, 0x01, 0x00, 0x00, 0x00], None);
    }

    #[test]
    fn whole_numbers_lose_their_sign_byte_only() {
        let check = |bytes: &[u8], expected: Option<&[u8]>| {
            assert_eq!(Reader::new(bytes).unsigned().ok(), expected, "{bytes:x?}");
        };
        check(&[2, 1, 0], Some(&[]));
        check(&[2, 1, 0x7f], Some(&[0x7f]));
        check(&[2, 2, 0, 0x80], Some(&[0x80]));
        check(&[2, 2, 0, 0x7f], None);
        check(&[2, 1, 0x80], None);
        check(&[2, 0], None);
        check(&[2, 2, 1], None);
        check(&[4, 1, 1], None);
    }

    #[test]
    fn values_follow_one_another_and_end() {
        let bytes = [0x30, 3, 2, 1, 5, 4, 1, 9];
        let mut reader = Reader::new(&bytes);
        let mut inner = reader.enter(tag::SEQUENCE).expect("a sequence");
        assert_eq!(inner.unsigned().ok(), Some(&[5_u8][..]));
        assert_eq!(inner.end(), Ok(()));
        assert_eq!(reader.end(), Err(DerError));
        assert_eq!(reader.take(tag::INTEGER), Err(DerError));
        assert_eq!(reader.take(tag::OCTET_STRING), Ok(&[9_u8][..]));
        assert_eq!((reader.end(), reader.peek()), (Ok(()), None));
        assert_eq!(reader.time(), Err(DerError));
    }
}
