//! One-time sign-in links. Only the digest of a link's code is kept.

use super::OrganizationStore;
use crate::sql::{SqlError, in_transaction};

/// How long a sign-in link works: 15 minutes.
pub const SIGN_IN_LINK_LIFETIME_MS: i64 = 15 * 60 * 1000;

/// What became of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInOutcome {
    /// It is good, and is used up now. Whose it is, if the link named somebody.
    SignedIn(Option<String>),
    /// Unknown, used before, or too old.
    Refused,
}

impl OrganizationStore<'_> {
    /// Keeps a new link by the digest of its code, and forgets those that have expired.
    pub fn add_sign_in_link(&self, digest: &str, email: Option<&str>, now: i64) -> Result<i64, SqlError> {
        in_transaction(self.sql, || {
            let expires_at = now + SIGN_IN_LINK_LIFETIME_MS;
            self.run("DELETE FROM sign_in_links WHERE expires_at <= ?", &[now.into()])?;
            self.run(
                "INSERT INTO sign_in_links (digest, email, expires_at) VALUES (?, ?, ?)",
                &[digest.into(), email.into(), expires_at.into()],
            )?;
            Ok(expires_at)
        })
    }

    /// Uses a link up. Works once.
    pub fn use_sign_in_link(&self, digest: &str, now: i64) -> Result<SignInOutcome, SqlError> {
        in_transaction(self.sql, || {
            let rows = self.sql.query(
                "SELECT email FROM sign_in_links WHERE digest = ? AND expires_at > ?",
                &[digest.into(), now.into()],
            )?;
            let Some(row) = rows.first() else { return Ok(SignInOutcome::Refused) };
            let email = row.optional_text("email")?.map(str::to_owned);
            self.run("DELETE FROM sign_in_links WHERE digest = ?", &[digest.into()])?;
            Ok(SignInOutcome::SignedIn(email))
        })
    }
}
