//! Parts of addresses, percent-encoded (RFC 3986).

/// Percent-encodes everything but the unreserved characters (section 2.3), so that it is safe in a path segment and
/// in a query value: space is `%20`, quote is `%22`.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn reserved_characters_are_encoded() {
        assert_eq!(encode("a b/ü&c~"), "a%20b%2F%C3%BC%26c~");
    }
}
