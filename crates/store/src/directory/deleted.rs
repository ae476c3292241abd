//! The recycle bin of a workforce directory, as the portal lists it.

use scim::ResourceType;

use super::DirectoryStore;
use super::columns::{COLUMNS, Stored, stored};
use crate::sql::{SqlError, Value};

/// After everything: the largest number that JavaScript carries.
const END: i64 = (1 << 53) - 1;

/// A resource that can be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedRecord {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: ResourceType,
    /// `displayName`, or the `userName` of a user without one.
    pub display_name: String,
    /// `userName` of a user.
    pub user_name: Option<String>,
    /// When it was deleted, in Unix milliseconds.
    pub deleted_ms: i64,
    /// Its place among those deleted at the same time.
    pub place: i64,
}

impl DirectoryStore<'_> {
    /// What can be restored, the last deleted first, after a record of the list.
    pub fn deleted_page(
        &self,
        after: Option<(i64, i64)>,
        limit: usize,
    ) -> Result<Vec<DeletedRecord>, SqlError> {
        let (deleted_ms, place) = after.unwrap_or((END, END));
        // `deleted` carries the range, so that the index is read from where the page begins.
        let statement = format!(
            "SELECT {COLUMNS} FROM resources AS r
                WHERE r.deleted IS NOT NULL AND r.deleted <= ?1 AND (r.deleted < ?1 OR r.seq < ?2)
                ORDER BY r.deleted DESC, r.seq DESC LIMIT {limit}"
        );
        let rows = self.sql.query(&statement, &[Value::from(deleted_ms), Value::from(place)])?;
        rows.rows.iter().map(|row| stored(row).map(record)).collect()
    }

    /// Which kind of resource can be restored under this id.
    pub fn deleted_kind(&self, id: &str) -> Result<Option<ResourceType>, SqlError> {
        let rows = self
            .sql
            .query("SELECT type FROM resources WHERE id = ? AND deleted IS NOT NULL", &[Value::from(id)])?;
        rows.first().map(|row| row.text("type").and_then(super::columns::resource_type)).transpose()
    }
}

fn record(found: Stored) -> DeletedRecord {
    let text = |name: &str| {
        found.resource.attributes.get(name).and_then(serde_json::Value::as_str).map(str::to_owned)
    };
    let user_name = text("userName");
    DeletedRecord {
        display_name: text("displayName").or_else(|| user_name.clone()).unwrap_or_default(),
        user_name,
        id: found.resource.id,
        kind: found.resource.kind,
        deleted_ms: found.deleted_ms.unwrap_or_default(),
        place: found.seq,
    }
}
