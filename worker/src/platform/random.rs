//! Randomness: ids, tokens, nonces.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::ApiError;

/// Bytes from the platform's cryptographic generator.
pub fn bytes<const N: usize>() -> Result<[u8; N], ApiError> {
    let mut buffer = [0_u8; N];
    getrandom::fill(&mut buffer).map_err(|error| ApiError::internal(format!("no random bytes: {error}")))?;
    Ok(buffer)
}

/// A version 4 UUID (RFC 9562 section 5.4), lower case.
pub fn uuid() -> Result<String, ApiError> {
    let mut value = u128::from_be_bytes(bytes::<16>()?);
    value = (value & !(0xf << 76)) | (0x4 << 76);
    value = (value & !(0x3 << 62)) | (0x2 << 62);
    Ok(format_uuid(value))
}

fn format_uuid(value: u128) -> String {
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        value >> 96,
        (value >> 80) & 0xffff,
        (value >> 64) & 0xffff,
        (value >> 48) & 0xffff,
        value & 0xffff_ffff_ffff
    )
}

/// A secret of 256 bits, as 43 URL-safe characters.
pub fn secret() -> Result<String, ApiError> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<32>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_have_version_4_and_the_rfc_variant() {
        assert_eq!(format_uuid(0x1234), "00000000-0000-0000-0000-000000001234");
        let id = uuid().expect("random bytes");
        assert_eq!(id.len(), 36);
        assert_eq!(id.chars().nth(14), Some('4'), "{id}");
        assert!(matches!(id.chars().nth(19), Some('8' | '9' | 'a' | 'b')), "{id}");
        assert_ne!(id, uuid().expect("random bytes"));
    }
}
