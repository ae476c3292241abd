//! Finding people in the directory who are new to an inlet.

use inlets::attributes;
use inlets::rules::JoinBy;
use scim::repository::RepositoryError;
use serde_json::Value as Json;

use super::super::columns::{COLUMNS, Stored, stored};
use super::{Mirror, Trouble};
use crate::sql::{SqlError, Value};

/// So many are looked at who have the same address or number.
const LOOKED_AT: usize = 10;

impl Mirror<'_> {
    /// How people are found.
    pub(super) fn join_by(&self) -> Result<JoinBy, SqlError> {
        let rows = self
            .store
            .sql
            .query("SELECT join_by FROM inlet_rules WHERE inlet = ?", &[Value::from(self.inlet)])?;
        let name = rows.first().map(|row| row.text("join_by")).transpose()?;
        Ok(name.and_then(JoinBy::from_name).unwrap_or_default())
    }

    /// Somebody who was away at the source and is there anew, with another id: the one from before lets go. Of anchors
    /// that were read already, the caller sees to it.
    pub(super) fn let_go(&mut self, resource_id: &str, number: i64) -> Result<(), RepositoryError> {
        let rows = self.store.sql.query(
            "UPDATE anchors SET resource_id = NULL WHERE resource_id = ? AND +inlet = ? AND absent = 1 AND number <> ?
                RETURNING number",
            &[resource_id.into(), self.inlet.into(), number.into()],
        )?;
        for row in &rows.rows {
            self.leave_groups(row.integer("number")?, resource_id, number)?;
        }
        Ok(())
    }

    /// Somebody in the directory with this e-mail address or number whom the inlet does not have: somebody live,
    /// else whoever came last into the recycle bin. More than one is nobody to be sure of; one whom the inlet has
    /// is a conflict, which may pass when that one leaves the source.
    pub(super) fn found_by(&self, join: JoinBy, value: &str) -> Result<Option<Stored>, Trouble> {
        let key = scim::filter::fold(value);
        let from = match join {
            JoinBy::Mail => "emails AS e CROSS JOIN resources AS r ON r.seq = e.seq WHERE e.value_key = ?1",
            JoinBy::EmployeeId => "resources AS r WHERE r.employee_number_key = ?1",
            JoinBy::UserPrincipalName => return Ok(None),
        };
        let statement = format!(
            "SELECT {COLUMNS}, EXISTS (
                SELECT 1 FROM anchors AS a WHERE a.resource_id = r.id AND +a.inlet = ?2 AND a.absent = 0
            ) AS ours FROM {from} AND r.type = 'User'
                ORDER BY r.deleted IS NOT NULL, r.deleted DESC, r.seq LIMIT {LOOKED_AT}"
        );
        let rows = self.store.sql.query(&statement, &[key.clone().into(), self.inlet.into()])?;
        let mut found: Option<Stored> = None;
        for row in &rows.rows {
            let candidate = stored(row)?;
            let document = Json::Object(candidate.resource.attributes.clone());
            // An address may also be somebody's second one.
            let has = attributes::get(&document, join.name()).and_then(Json::as_str);
            if has.is_none_or(|has| scim::filter::fold(has) != key) {
                continue;
            }
            let is_live = candidate.deleted_ms.is_none();
            if row.boolean("ours")? {
                if is_live {
                    let attribute = join.name().to_owned();
                    return Err(RepositoryError::Conflict { attribute, value: value.to_owned() }.into());
                }
                continue;
            }
            if is_live && found.is_some() {
                return Err(Trouble::Refused(format!(
                    "{join} {value} belongs to several people of the directory; nobody can be joined by it."
                )));
            }
            found.get_or_insert(candidate);
        }
        Ok(found)
    }
}
