//! Lists in an order that no index serves: the keys of all resources that fulfil the condition are sorted, and only
//! the page's documents are read.

use scim::repository::{ListPage, ListQuery, Page, Position, RepositoryError};
use scim::sort::{SortBy, SortKey, SortKind};
use serde_json::Value as Json;

use super::DirectoryStore;
use super::columns::{COLUMNS, Stored, json_numbers, stored};
use super::list::{BATCH, Part, condition, parameters, plus};
use crate::sql::{Row, SqlError, Value};

/// How many keys are read at a time, without their documents.
const KEYS: usize = 5_000;

/// How many characters of a key count: keys of a whole directory are held at once, and one is part of a cursor.
const KEY_LENGTH: usize = 128;

impl DirectoryStore<'_> {
    pub(super) fn list_by_key(
        &self,
        query: &ListQuery<'_>,
        parts: &[Part<'_>],
    ) -> Result<ListPage, RepositoryError> {
        let mut found: Vec<Position> = Vec::new();
        for part in parts {
            match part.selection.sort.as_ref().and_then(|sort| Some((sort, json_path(sort)?))) {
                Some((sort, path)) if part.compiled.is_exact => {
                    self.keys_by_sql(part, sort, &path, &mut found)?;
                }
                _ => self.keys_by_evaluation(query, part, &mut found)?,
            }
        }
        let compare = |left: &Position, right: &Position| {
            let ordering = SortKey::compare(left.key.as_ref(), right.key.as_ref())
                .then(left.sequence.cmp(&right.sequence));
            if query.descending { ordering.reverse() } else { ordering }
        };
        found.sort_by(compare);
        let total = found.len();
        let skip = match &query.page {
            Page::Index(index) => *index,
            Page::First => 0,
            Page::After(position) => found.partition_point(|other| compare(other, position).is_le()),
        };
        let wanted: Vec<&Position> = found.iter().skip(skip).take(query.count).collect();
        let next = wanted.last().filter(|_| skip + wanted.len() < total).map(|last| (*last).clone());
        let mut rows = self.by_sequence(&wanted)?;
        let mut resources = Vec::with_capacity(wanted.len());
        for position in wanted {
            if let Some(index) = rows.iter().position(|row| row.seq == position.sequence) {
                resources.push(rows.swap_remove(index).resource);
            }
        }
        Ok(ListPage { resources, total: Some(total), next })
    }

    /// Keys that SQLite takes out of the documents.
    fn keys_by_sql(
        &self,
        part: &Part<'_>,
        sort: &SortBy,
        path: &str,
        found: &mut Vec<Position>,
    ) -> Result<(), RepositoryError> {
        let sequence = format!("{}r.seq", plus(part));
        let statement = format!(
            "SELECT r.seq, json_extract(r.document, ?) AS key FROM resources AS r
                WHERE {} AND {sequence} > ? ORDER BY {sequence} LIMIT {KEYS}",
            condition(part)
        );
        let mut last = 0;
        loop {
            let mut values = vec![Value::from(path)];
            values.extend(parameters(part));
            values.push(Value::from(last));
            let rows = self.sql.query(&statement, &values)?.rows;
            for row in &rows {
                last = row.integer("seq")?;
                let key = json(row, sort.kind)?.and_then(|value| sort.key_of_value(&value)).map(short);
                found.push(Position { kind: part.selection.kind, key, sequence: last });
            }
            if rows.len() < KEYS {
                return Ok(());
            }
        }
    }

    /// Keys of the candidates that fulfil the condition.
    fn keys_by_evaluation(
        &self,
        query: &ListQuery<'_>,
        part: &Part<'_>,
        found: &mut Vec<Position>,
    ) -> Result<(), RepositoryError> {
        let mut last = 0;
        loop {
            let rows = self.select_by_creation(part, last, BATCH, 0)?;
            let is_last = rows.len() < BATCH;
            for mut row in rows {
                last = row.seq;
                if part.compiled.is_exact || self.fulfils(query, part, &mut row)? {
                    let key =
                        part.selection.sort.as_ref().and_then(|sort| sort.key(&row.resource)).map(short);
                    found.push(Position { kind: part.selection.kind, key, sequence: row.seq });
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }

    fn by_sequence(&self, positions: &[&Position]) -> Result<Vec<Stored>, RepositoryError> {
        let numbers: Vec<i64> = positions.iter().map(|position| position.sequence).collect();
        let statement = format!(
            "SELECT {COLUMNS} FROM resources AS r WHERE r.seq IN (SELECT value FROM json_each(?)) AND r.deleted IS NULL"
        );
        let rows = self.sql.query(&statement, &[json_numbers(&numbers)])?;
        Ok(rows.rows.iter().map(stored).collect::<Result<_, SqlError>>()?)
    }
}

fn short(key: SortKey) -> SortKey {
    match key {
        SortKey::Text(text) => SortKey::Text(text.chars().take(KEY_LENGTH).collect()),
        number => number,
    }
}

/// Where the sort's value is in a document, if it is one value of the document itself.
fn json_path(sort: &SortBy) -> Option<String> {
    let target = sort.target.as_ref()?;
    let is_outside =
        target.extension.is_none() && matches!(target.attribute.as_str(), "id" | "meta" | "schemas");
    if sort.is_multi_valued || is_outside {
        return None;
    }
    let parts = [target.extension.as_deref(), Some(&target.attribute), target.sub.as_deref()];
    let labels: String = parts.into_iter().flatten().map(|label| format!(".\"{label}\"")).collect();
    Some(format!("${labels}"))
}

/// The value that SQLite took out of a document. It answers truth values as numbers.
fn json(row: &Row, kind: SortKind) -> Result<Option<Json>, SqlError> {
    Ok(match row.value("key")? {
        Value::Null | Value::Blob(_) => None,
        Value::Text(text) => Some(Json::from(text.as_str())),
        Value::Integer(integer) if kind == SortKind::Boolean => Some(Json::from(*integer != 0)),
        Value::Real(real) if kind == SortKind::Boolean => Some(Json::from(*real != 0.0)),
        Value::Integer(integer) => Some(Json::from(*integer)),
        Value::Real(real) => Some(Json::from(*real)),
    })
}
