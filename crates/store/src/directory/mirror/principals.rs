//! Whom an inlet has mirrored, by their ids at the source: for assignments.

use inlets::assignments::Known;
use scim::ResourceType;

use super::super::columns::{json_list, resource_type};
use super::Mirror;
use crate::sql::{SqlError, Value};

impl Mirror<'_> {
    /// The people and groups that these became; those that did not become anything are left out. `named`: their
    /// names too, for which each document is looked into.
    pub fn principals(&self, source_ids: &[String], named: bool) -> Result<Vec<Known>, SqlError> {
        let asked: Vec<&str> = source_ids.iter().map(String::as_str).collect();
        let name = if named {
            "coalesce(json_extract(r.document, '$.displayName'), json_extract(r.document, '$.userName'), r.id)"
        } else {
            "NULL"
        };
        // `CROSS` keeps SQLite from walking over all anchors of the inlet instead of over the list.
        let statement = format!(
            "SELECT a.source_id, r.id, r.type, r.deleted IS NULL AND a.absent = 0 AS live, {name} AS name
             FROM json_each(?) AS j CROSS JOIN anchors AS a ON a.inlet = ? AND a.source_id = j.value
             JOIN resources AS r ON r.id = a.resource_id"
        );
        let rows = self.store.sql.query(&statement, &[json_list(&asked), Value::from(self.inlet)])?;
        rows.rows
            .iter()
            .map(|row| {
                Ok(Known {
                    source_id: row.text("source_id")?.to_owned(),
                    id: row.text("id")?.to_owned(),
                    is_group: resource_type(row.text("type")?)? == ResourceType::Group,
                    is_live: row.boolean("live")?,
                    name: row.optional_text("name")?.map(str::to_owned),
                })
            })
            .collect()
    }
}
