//! Bearer tokens of the directory's SCIM clients. Only digests are kept.

use store::directory::tokens;

use super::{Directory, TokenRecord};
use crate::error::ApiError;
use crate::platform::clock;
use crate::platform::secret::same_digest;

/// A token that was accepted.
pub(super) struct UsedToken {
    pub(super) read_only: bool,
    pub(super) label: String,
}

impl Directory {
    /// All tokens that are not revoked.
    pub(super) fn tokens(&self) -> Result<Vec<TokenRecord>, ApiError> {
        self.setup()?;
        Ok(tokens::list(&self.sql)?
            .iter()
            .filter(|token| token.revoked_ms.is_none())
            .map(to_record)
            .collect())
    }

    /// When a token expires.
    pub(super) fn token_expiry(&self, digest: &str) -> Result<Option<i64>, ApiError> {
        self.setup()?;
        Ok(tokens::find_by_digest(&self.sql, digest)?.and_then(|token| token.expires_ms))
    }

    /// Keeps a new token by its digest.
    pub(super) fn create_token(&self, token: &TokenRecord, digest: &str) -> Result<(), ApiError> {
        self.setup()?;
        tokens::create(
            &self.sql,
            &tokens::TokenRecord {
                id: token.id.clone(),
                label: token.label.clone(),
                digest: digest.to_owned(),
                created_ms: token.created_at,
                expires_ms: Some(token.expires_at),
                last_used_ms: None,
                scope: if token.read_only { tokens::Scope::Read } else { tokens::Scope::ReadWrite },
                revoked_ms: None,
            },
        )?;
        Ok(())
    }

    /// Revokes a token; whether there was one.
    pub(super) fn revoke_token(&self, id: &str) -> Result<bool, ApiError> {
        self.setup()?;
        Ok(tokens::revoke(&self.sql, id, clock::now_ms())?)
    }

    /// The token with this digest, if it may be used now. Notes that it was.
    pub(super) fn use_token(&self, digest: &str) -> Result<Option<UsedToken>, ApiError> {
        let now = clock::now_ms();
        let Some(token) = tokens::find_by_digest(&self.sql, digest)? else { return Ok(None) };
        if !token.is_valid(now) || !same_digest(&token.digest, digest) {
            return Ok(None);
        }
        tokens::touch(&self.sql, &token, now)?;
        Ok(Some(UsedToken { read_only: token.scope == tokens::Scope::Read, label: token.label }))
    }
}

fn to_record(token: &tokens::TokenRecord) -> TokenRecord {
    TokenRecord {
        id: token.id.clone(),
        label: token.label.clone(),
        read_only: token.scope == tokens::Scope::Read,
        created_at: token.created_ms,
        expires_at: token.expires_ms.unwrap_or(i64::MAX),
        last_used_at: token.last_used_ms,
    }
}
