//! OAuth clients of the directory, and the access tokens that they get.

use store::directory::clients;
use store::directory::tokens::{Scope, TokenRecord};

use super::{ClientRecord, Directory};
use crate::error::ApiError;
use crate::platform::secret::same_digest;
use crate::platform::{clock, random};

impl Directory {
    /// All clients.
    pub(super) fn clients(&self) -> Result<Vec<ClientRecord>, ApiError> {
        self.setup()?;
        let kept = clients::list(&self.sql)?;
        Ok(kept
            .into_iter()
            .map(|client| ClientRecord {
                id: client.id,
                label: client.label,
                read_only: client.scope == Scope::Read,
                created_at: client.created_ms,
                last_used_at: client.last_used_ms,
            })
            .collect())
    }

    /// Keeps a new client by the digest of its secret.
    pub(super) fn create_client(&self, client: &ClientRecord, digest: &str) -> Result<(), ApiError> {
        self.setup()?;
        Ok(clients::create(
            &self.sql,
            &clients::ClientRecord {
                id: client.id.clone(),
                label: client.label.clone(),
                digest: digest.to_owned(),
                scope: if client.read_only { Scope::Read } else { Scope::ReadWrite },
                created_ms: client.created_at,
                last_used_ms: None,
            },
        )?)
    }

    /// Removes a client with its access tokens; whether there was one.
    pub(super) fn remove_client(&self, id: &str) -> Result<bool, ApiError> {
        self.setup()?;
        Ok(clients::remove(&self.sql, id)?)
    }

    /// Keeps an access token for a client whose secret is right.
    pub(super) fn issue_token(
        &self,
        client_id: &str,
        client_digest: &str,
        token_digest: &str,
        expires_at: i64,
    ) -> Result<bool, ApiError> {
        if !self.setup()?.enabled {
            return Ok(false);
        }
        let Some(client) = clients::find(&self.sql, client_id)? else { return Ok(false) };
        if !same_digest(&client.digest, client_digest) {
            return Ok(false);
        }
        let token = TokenRecord {
            id: random::uuid()?,
            label: client.label,
            digest: token_digest.to_owned(),
            created_ms: clock::now_ms(),
            expires_ms: Some(expires_at),
            last_used_ms: None,
            scope: client.scope,
            revoked_ms: None,
        };
        clients::issue(&self.sql, client_id, &token)?;
        Ok(true)
    }
}
