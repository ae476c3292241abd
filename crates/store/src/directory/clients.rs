//! OAuth 2.0 clients (RFC 6749 section 4.4, client credentials): who may ask for access tokens. Secrets and
//! access tokens are kept as digests.

use super::tokens::{Scope, TokenRecord};
use crate::sql::{Row, Sql, SqlError, Value, in_transaction};

/// A client as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRecord {
    /// Its id: `client_id`.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// The SHA-256 of the secret, in lower-case hex.
    pub digest: String,
    /// What its access tokens allow.
    pub scope: Scope,
    /// When it was created, in Unix milliseconds.
    pub created_ms: i64,
    /// When it last got an access token.
    pub last_used_ms: Option<i64>,
}

const COLUMNS: &str = "id, label, digest, scope, created, last_used";

/// All clients, the newest first.
pub fn list(sql: &dyn Sql) -> Result<Vec<ClientRecord>, SqlError> {
    let statement = format!("SELECT {COLUMNS} FROM clients ORDER BY created DESC, id");
    sql.query(&statement, &[])?.rows.iter().map(client).collect()
}

/// Stores a client.
pub fn create(sql: &dyn Sql, client: &ClientRecord) -> Result<(), SqlError> {
    let statement = format!("INSERT INTO clients ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)");
    sql.query(
        &statement,
        &[
            Value::from(&client.id),
            Value::from(&client.label),
            Value::from(&client.digest),
            Value::from(client.scope.as_str()),
            Value::from(client.created_ms),
            Value::from(client.last_used_ms),
        ],
    )?;
    Ok(())
}

/// The client with this id. The caller compares the digest of the secret.
pub fn find(sql: &dyn Sql, id: &str) -> Result<Option<ClientRecord>, SqlError> {
    let statement = format!("SELECT {COLUMNS} FROM clients WHERE id = ?");
    sql.query(&statement, &[Value::from(id)])?.first().map(client).transpose()
}

/// Removes a client with its access tokens, at once. Answers whether there was one.
pub fn remove(sql: &dyn Sql, id: &str) -> Result<bool, SqlError> {
    in_transaction(sql, || {
        sql.query("DELETE FROM tokens WHERE client_id = ?", &[Value::from(id)])?;
        let rows = sql.query("DELETE FROM clients WHERE id = ? RETURNING id", &[Value::from(id)])?;
        Ok(rows.first().is_some())
    })
}

/// Stores an access token of a client, notes its use, and forgets access tokens that have expired.
pub fn issue(sql: &dyn Sql, client_id: &str, token: &TokenRecord) -> Result<(), SqlError> {
    in_transaction(sql, || {
        sql.query(
            "DELETE FROM tokens WHERE client_id = ? AND expires <= ?",
            &[Value::from(client_id), Value::from(token.created_ms)],
        )?;
        super::tokens::create(sql, token)?;
        sql.query(
            "UPDATE tokens SET client_id = ? WHERE id = ?",
            &[Value::from(client_id), Value::from(&token.id)],
        )?;
        sql.query(
            "UPDATE clients SET last_used = ? WHERE id = ?",
            &[Value::from(token.created_ms), Value::from(client_id)],
        )?;
        Ok(())
    })
}

fn client(row: &Row) -> Result<ClientRecord, SqlError> {
    let scope = row.text("scope")?;
    Ok(ClientRecord {
        id: row.text("id")?.to_owned(),
        label: row.text("label")?.to_owned(),
        digest: row.text("digest")?.to_owned(),
        scope: Scope::from_name(scope).ok_or_else(|| SqlError::other(format!("{scope} is no scope")))?,
        created_ms: row.integer("created")?,
        last_used_ms: row.optional_integer("last_used")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{DirectoryStore, tokens};
    use crate::sqlite::Sqlite;

    fn token(id: &str, created_ms: i64, expires_ms: i64) -> TokenRecord {
        TokenRecord {
            id: id.into(),
            label: "access token".into(),
            digest: format!("digest of {id}"),
            created_ms,
            expires_ms: Some(expires_ms),
            last_used_ms: None,
            scope: Scope::Read,
            revoked_ms: None,
        }
    }

    #[test]
    fn access_tokens_live_and_go_with_their_client() {
        let sql = Sqlite::in_memory().expect("a database");
        DirectoryStore::migrate(&sql).expect("the schema");
        let kept = ClientRecord {
            id: "c".into(),
            label: "Okta".into(),
            digest: "d".into(),
            scope: Scope::Read,
            created_ms: 1,
            last_used_ms: None,
        };
        create(&sql, &kept).expect("create");
        issue(&sql, "c", &token("t1", 10, 20)).expect("issue");
        issue(&sql, "c", &token("t2", 30, 40)).expect("issue");
        assert_eq!(find(&sql, "c").expect("find").and_then(|client| client.last_used_ms), Some(30));
        assert!(
            tokens::find_by_digest(&sql, "digest of t1").expect("find").is_none(),
            "expired and forgotten"
        );
        assert!(tokens::find_by_digest(&sql, "digest of t2").expect("find").is_some());
        assert!(tokens::list(&sql).expect("list").is_empty(), "access tokens are not listed");
        assert!(remove(&sql, "c").expect("remove"));
        assert!(!remove(&sql, "c").expect("remove again"));
        assert!(tokens::find_by_digest(&sql, "digest of t2").expect("find").is_none());
    }
}
