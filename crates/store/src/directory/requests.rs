//! The last requests of SCIM clients, for whoever has to find out what a client does.
//!
//! A ring: the newest [`MAX_REQUESTS`] are kept at least. They lie in blocks of [`BLOCK`], each a row, so that a
//! request costs a fraction of a row. What a record says is the caller's matter: it is JSON here.

use serde_json::Value as Json;

use crate::sql::{Sql, SqlError, Value, in_transaction};

/// So many requests are kept at least, as far as there were any.
pub const MAX_REQUESTS: i64 = 1_000;
/// Records of a block at most.
pub const BLOCK: usize = 50;

/// A record with its number.
pub type Numbered = (i64, Json);

/// Adds records, the oldest first, and removes what is beyond the limit.
pub fn append(sql: &dyn Sql, records: &[Json]) -> Result<(), SqlError> {
    in_transaction(sql, || {
        let rows =
            sql.query("SELECT first, count, records FROM request_blocks ORDER BY first DESC LIMIT 1", &[])?;
        let mut next = 1;
        let mut rest = records;
        if let Some(row) = rows.first() {
            let (first, count) = (row.integer("first")?, row.integer("count")?);
            next = first + count;
            let room = BLOCK.saturating_sub(usize::try_from(count).unwrap_or(BLOCK));
            if room > 0 && !rest.is_empty() {
                let (fitting, others) = rest.split_at(room.min(rest.len()));
                let mut all = read(row.text("records")?)?;
                all.extend_from_slice(fitting);
                next = first + length(&all);
                rest = others;
                sql.query(
                    "UPDATE request_blocks SET count = ?, records = ? WHERE first = ?",
                    &[Value::from(length(&all)), text(&all), Value::from(first)],
                )?;
            }
        }
        for block in rest.chunks(BLOCK) {
            sql.query(
                "INSERT INTO request_blocks (first, count, records) VALUES (?, ?, ?)",
                &[Value::from(next), Value::from(length(block)), text(block)],
            )?;
            next += length(block);
        }
        // Blocks are full but for the newest, so this one and those before it end before the limit.
        let full = i64::try_from(BLOCK).unwrap_or(i64::MAX);
        sql.query("DELETE FROM request_blocks WHERE first <= ?", &[Value::from(next - MAX_REQUESTS - full)])?;
        Ok(())
    })
}

/// The number of the next record.
pub fn next_number(sql: &dyn Sql) -> Result<i64, SqlError> {
    let rows =
        sql.query("SELECT first + count AS next FROM request_blocks ORDER BY first DESC LIMIT 1", &[])?;
    Ok(rows.first().map(|row| row.integer("next")).transpose()?.unwrap_or(1))
}

/// Records before a number that are `wanted`, the newest first, at most `limit`.
pub fn before(
    sql: &dyn Sql,
    number: i64,
    limit: usize,
    wanted: impl Fn(&Json) -> bool,
) -> Result<Vec<Numbered>, SqlError> {
    let mut found = Vec::new();
    let mut end = number;
    while found.len() < limit {
        let rows = sql.query(
            "SELECT first, records FROM request_blocks WHERE first < ? ORDER BY first DESC LIMIT 1",
            &[Value::from(end)],
        )?;
        let Some(row) = rows.first() else { break };
        let first = row.integer("first")?;
        let numbered = (first..).zip(read(row.text("records")?)?);
        let mut here: Vec<Numbered> =
            numbered.filter(|(at, record)| *at < number && wanted(record)).collect();
        here.reverse();
        found.append(&mut here);
        end = first;
    }
    found.truncate(limit);
    Ok(found)
}

fn length(records: &[Json]) -> i64 {
    i64::try_from(records.len()).unwrap_or(i64::MAX)
}

fn text(records: &[Json]) -> Value {
    Value::from(Json::Array(records.to_vec()).to_string())
}

fn read(text: &str) -> Result<Vec<Json>, SqlError> {
    match serde_json::from_str(text) {
        Ok(Json::Array(records)) => Ok(records),
        _ => Err(SqlError::other("a block of requests is no list".to_owned())),
    }
}
