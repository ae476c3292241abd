//! Finding people in the directory who are new to an inlet.

use inlets::attributes;
use inlets::rules::JoinBy;
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

    /// Somebody in the directory with this e-mail address or number whom the inlet does not have yet: somebody
    /// live, else whoever came last into the recycle bin. More than one is nobody to be sure of.
    pub(super) fn found_by(&self, join: JoinBy, value: &str) -> Result<Option<Stored>, Trouble> {
        let key = scim::filter::fold(value);
        let from = match join {
            JoinBy::Mail => "emails AS e CROSS JOIN resources AS r ON r.seq = e.seq WHERE e.value_key = ?1",
            JoinBy::EmployeeId => "resources AS r WHERE r.employee_number_key = ?1",
            JoinBy::UserPrincipalName => return Ok(None),
        };
        let statement = format!(
            "SELECT {COLUMNS} FROM {from} AND r.type = 'User' AND NOT EXISTS (
                SELECT 1 FROM anchors AS a WHERE a.resource_id = r.id AND +a.inlet = ?2
            ) ORDER BY r.deleted IS NOT NULL, r.deleted DESC, r.seq LIMIT {LOOKED_AT}"
        );
        let rows = self.store.sql.query(&statement, &[key.clone().into(), self.inlet.into()])?;
        let found = rows.rows.iter().map(stored).collect::<Result<Vec<_>, SqlError>>()?;
        // An address may also be somebody's second one.
        let is_it = |found: &Stored| {
            let document = Json::Object(found.resource.attributes.clone());
            let has = attributes::get(&document, join.name()).and_then(Json::as_str);
            has.is_some_and(|has| scim::filter::fold(has) == key)
        };
        let mut found: Vec<_> = found.into_iter().filter(is_it).collect();
        if found.iter().filter(|found| found.deleted_ms.is_none()).count() > 1 {
            return Err(Trouble::Refused(format!(
                "{join} {value} belongs to several people of the directory; nobody can be joined by it."
            )));
        }
        Ok(if found.is_empty() { None } else { Some(found.swap_remove(0)) })
    }
}
