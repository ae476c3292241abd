//! Randomness: ids, tokens, nonces.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use scim::repository::RepositoryError;

use super::clock;
use crate::error::ApiError;

/// Bytes from the platform's cryptographic generator.
pub fn bytes<const N: usize>() -> Result<[u8; N], ApiError> {
    let mut buffer = [0_u8; N];
    getrandom::fill(&mut buffer).map_err(|error| ApiError::internal(format!("no random bytes: {error}")))?;
    Ok(buffer)
}

/// The id of something new: a GUID that begins with the time ([`provisioning::guid_at`]). It is no secret: see
/// [`secret`].
pub fn uuid() -> Result<String, ApiError> {
    Ok(provisioning::guid_at(clock::now_ms(), bytes()?))
}

/// The same for a store, which has errors of its own.
pub fn new_id() -> Result<String, RepositoryError> {
    uuid().map_err(|error| RepositoryError::Internal(error.internal.unwrap_or(error.message)))
}

/// A secret of 256 bits, as 43 URL-safe characters.
pub fn secret() -> Result<String, ApiError> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<32>()?))
}
