//! Who may manage the organization: members, who sign in, and API keys. Of a key only the digest is kept.

use serde::{Deserialize, Serialize};

use super::OrganizationStore;
use crate::sql::{Row, SqlError, in_transaction};

/// Members at most.
pub const MAX_MEMBERS: i64 = 1_000;
/// API keys at most.
pub const MAX_API_KEYS: i64 = 100;
/// How old `last_used` may be before it is written again: once a minute, not once a request.
const LAST_USED_STEP_MS: i64 = 60_000;

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRecord {
    /// Their id.
    pub id: String,
    /// E-mail address, in small letters; unique.
    pub email: String,
    /// What they may do, as the API calls it.
    pub role: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub last_sign_in_at: Option<i64>,
}

/// An API key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyRecord {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// What its holder may do, as the API calls it.
    pub role: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub expires_at: i64,
    /// Unix milliseconds, to the minute.
    pub last_used_at: Option<i64>,
}

/// What became of something that is to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Added {
    /// It is there now.
    Yes,
    /// There is one already.
    Exists,
    /// There are as many as there may be.
    Full,
}

impl OrganizationStore<'_> {
    /// All members, by address.
    pub fn members(&self) -> Result<Vec<MemberRecord>, SqlError> {
        self.sql.query("SELECT * FROM members ORDER BY email", &[])?.rows.iter().map(member).collect()
    }

    /// The member with an address in small letters.
    pub fn member_by_email(&self, email: &str) -> Result<Option<MemberRecord>, SqlError> {
        let rows = self.sql.query("SELECT * FROM members WHERE email = ?", &[email.into()])?;
        rows.first().map(member).transpose()
    }

    /// Adds a member.
    pub fn add_member(&self, new: &MemberRecord) -> Result<Added, SqlError> {
        in_transaction(self.sql, || {
            if self.member_by_email(&new.email)?.is_some() {
                return Ok(Added::Exists);
            }
            if self.count_of("members")? >= MAX_MEMBERS {
                return Ok(Added::Full);
            }
            self.run(
                "INSERT INTO members (id, email, role, created_at) VALUES (?, ?, ?, ?)",
                &[(&new.id).into(), (&new.email).into(), (&new.role).into(), new.created_at.into()],
            )?;
            Ok(Added::Yes)
        })
    }

    /// Gives a member another role; the member as it was.
    pub fn set_member_role(&self, id: &str, role: &str) -> Result<Option<MemberRecord>, SqlError> {
        in_transaction(self.sql, || {
            let before = self.member(id)?;
            self.run("UPDATE members SET role = ? WHERE id = ?", &[role.into(), id.into()])?;
            Ok(before)
        })
    }

    /// Removes a member, and the links that were made for them; the member, if there was one.
    pub fn remove_member(&self, id: &str) -> Result<Option<MemberRecord>, SqlError> {
        in_transaction(self.sql, || {
            let Some(member) = self.member(id)? else { return Ok(None) };
            self.run("DELETE FROM members WHERE id = ?", &[id.into()])?;
            self.run("DELETE FROM sign_in_links WHERE email = ?", &[(&member.email).into()])?;
            Ok(Some(member))
        })
    }

    /// Notes that a member signed in; false when there is none with this address.
    pub fn note_sign_in(&self, email: &str, now: i64) -> Result<bool, SqlError> {
        let statement = "UPDATE members SET last_sign_in_at = ? WHERE email = ? RETURNING id";
        Ok(self.sql.query(statement, &[now.into(), email.into()])?.first().is_some())
    }

    /// The member with an id.
    pub fn member(&self, id: &str) -> Result<Option<MemberRecord>, SqlError> {
        self.sql.query("SELECT * FROM members WHERE id = ?", &[id.into()])?.first().map(member).transpose()
    }

    /// All API keys, the newest first; expired ones too.
    pub fn api_keys(&self) -> Result<Vec<ApiKeyRecord>, SqlError> {
        let rows = self.sql.query("SELECT * FROM api_keys ORDER BY created_at DESC, id", &[])?;
        rows.rows.iter().map(api_key).collect()
    }

    /// Adds a key by the digest of its secret.
    pub fn add_api_key(&self, key: &ApiKeyRecord, digest: &str) -> Result<Added, SqlError> {
        in_transaction(self.sql, || {
            if self.count_of("api_keys")? >= MAX_API_KEYS {
                return Ok(Added::Full);
            }
            self.run(
                "INSERT INTO api_keys (id, digest, label, role, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
                &[
                    (&key.id).into(),
                    digest.into(),
                    (&key.label).into(),
                    (&key.role).into(),
                    key.created_at.into(),
                    key.expires_at.into(),
                ],
            )?;
            Ok(Added::Yes)
        })
    }

    /// Removes a key; the key, if there was one.
    pub fn remove_api_key(&self, id: &str) -> Result<Option<ApiKeyRecord>, SqlError> {
        let rows = self.sql.query("DELETE FROM api_keys WHERE id = ? RETURNING *", &[id.into()])?;
        rows.first().map(api_key).transpose()
    }

    /// The key with this digest, if it is still good. Notes at most once a minute that it was used.
    pub fn use_api_key(&self, digest: &str, now: i64) -> Result<Option<ApiKeyRecord>, SqlError> {
        let rows = self.sql.query(
            "SELECT * FROM api_keys WHERE digest = ? AND expires_at > ?",
            &[digest.into(), now.into()],
        )?;
        let Some(key) = rows.first().map(api_key).transpose()? else { return Ok(None) };
        if key.last_used_at.is_none_or(|last| now - last >= LAST_USED_STEP_MS) {
            self.run("UPDATE api_keys SET last_used_at = ? WHERE id = ?", &[now.into(), (&key.id).into()])?;
        }
        Ok(Some(key))
    }

    fn count_of(&self, table: &str) -> Result<i64, SqlError> {
        let rows = self.sql.query(&format!("SELECT count(*) AS many FROM {table}"), &[])?;
        rows.first().map_or(Ok(0), |row| row.integer("many"))
    }
}

fn member(row: &Row) -> Result<MemberRecord, SqlError> {
    Ok(MemberRecord {
        id: row.text("id")?.to_owned(),
        email: row.text("email")?.to_owned(),
        role: row.text("role")?.to_owned(),
        created_at: row.integer("created_at")?,
        last_sign_in_at: row.optional_integer("last_sign_in_at")?,
    })
}

fn api_key(row: &Row) -> Result<ApiKeyRecord, SqlError> {
    Ok(ApiKeyRecord {
        id: row.text("id")?.to_owned(),
        label: row.text("label")?.to_owned(),
        role: row.text("role")?.to_owned(),
        created_at: row.integer("created_at")?,
        expires_at: row.integer("expires_at")?,
        last_used_at: row.optional_integer("last_used_at")?,
    })
}
