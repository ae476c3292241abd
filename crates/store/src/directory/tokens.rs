//! Bearer tokens: records with a digest. The secret itself is shown once and kept nowhere.

use crate::sql::{Row, Sql, SqlError, Value};

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Reading.
    Read,
    /// Reading and writing.
    ReadWrite,
}

impl Scope {
    /// The name in the management API.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::ReadWrite => "readWrite",
        }
    }

    /// The scope with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Scope::Read, Scope::ReadWrite].into_iter().find(|scope| scope.as_str() == name)
    }
}

/// A token as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// The SHA-256 of the secret, in lower-case hex.
    pub digest: String,
    /// When it was created, in Unix milliseconds.
    pub created_ms: i64,
    /// From when on it is no longer valid.
    pub expires_ms: Option<i64>,
    /// When it was last used, to the minute.
    pub last_used_ms: Option<i64>,
    /// What it allows.
    pub scope: Scope,
    /// When it was revoked.
    pub revoked_ms: Option<i64>,
}

impl TokenRecord {
    /// Whether the token is valid at a time.
    pub fn is_valid(&self, now_ms: i64) -> bool {
        self.revoked_ms.is_none() && self.expires_ms.is_none_or(|expires| now_ms < expires)
    }
}

/// How old `last_used` may be before it is written again: once a minute, not once a request.
const LAST_USED_STEP_MS: i64 = 60_000;

const COLUMNS: &str = "id, label, digest, created, expires, last_used, scope, revoked";

/// All tokens that people made, the newest first; revoked ones too. Access tokens of OAuth clients
/// ([`super::clients`]) are none of them.
pub fn list(sql: &dyn Sql) -> Result<Vec<TokenRecord>, SqlError> {
    let statement = format!("SELECT {COLUMNS} FROM tokens WHERE client_id IS NULL ORDER BY created DESC, id");
    sql.query(&statement, &[])?.rows.iter().map(token).collect()
}

/// Stores a token. Several may be valid at once, so that one can be replaced without a gap.
pub fn create(sql: &dyn Sql, token: &TokenRecord) -> Result<(), SqlError> {
    let statement = format!("INSERT INTO tokens ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    sql.query(
        &statement,
        &[
            Value::from(&token.id),
            Value::from(&token.label),
            Value::from(&token.digest),
            Value::from(token.created_ms),
            Value::from(token.expires_ms),
            Value::from(token.last_used_ms),
            Value::from(token.scope.as_str()),
            Value::from(token.revoked_ms),
        ],
    )?;
    Ok(())
}

/// The token with this digest, valid or not. The caller asks [`TokenRecord::is_valid`].
pub fn find_by_digest(sql: &dyn Sql, digest: &str) -> Result<Option<TokenRecord>, SqlError> {
    let statement = format!("SELECT {COLUMNS} FROM tokens WHERE digest = ?");
    let found = sql.query(&statement, &[Value::from(digest)])?.first().map(token).transpose()?;
    Ok(found.filter(|token| digests_equal(&token.digest, digest)))
}

/// Revokes a token at once. Answers whether there was one that was not revoked.
pub fn revoke(sql: &dyn Sql, id: &str, now_ms: i64) -> Result<bool, SqlError> {
    let rows = sql.query(
        "UPDATE tokens SET revoked = ? WHERE id = ? AND revoked IS NULL RETURNING id",
        &[Value::from(now_ms), Value::from(id)],
    )?;
    Ok(rows.first().is_some())
}

/// Notes that a token was used. Writes at most once a minute.
pub fn touch(sql: &dyn Sql, token: &TokenRecord, now_ms: i64) -> Result<(), SqlError> {
    if token.last_used_ms.is_some_and(|last| now_ms - last < LAST_USED_STEP_MS) {
        return Ok(());
    }
    let parameters = [Value::from(now_ms), Value::from(&token.id)];
    sql.query("UPDATE tokens SET last_used = ? WHERE id = ?", &parameters)?;
    Ok(())
}

/// Whether two digests are equal, in a time that does not tell where they differ.
pub fn digests_equal(left: &str, right: &str) -> bool {
    let difference =
        left.bytes().zip(right.bytes()).fold(0, |difference, (left, right)| difference | (left ^ right));
    left.len() == right.len() && std::hint::black_box(difference) == 0
}

fn token(row: &Row) -> Result<TokenRecord, SqlError> {
    let scope = row.text("scope")?;
    Ok(TokenRecord {
        id: row.text("id")?.to_owned(),
        label: row.text("label")?.to_owned(),
        digest: row.text("digest")?.to_owned(),
        created_ms: row.integer("created")?,
        expires_ms: row.optional_integer("expires")?,
        last_used_ms: row.optional_integer("last_used")?,
        scope: Scope::from_name(scope).ok_or_else(|| SqlError::other(format!("{scope} is no scope")))?,
        revoked_ms: row.optional_integer("revoked")?,
    })
}
