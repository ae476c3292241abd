//! Assignments that inlets make: each inlet sees and removes its own only.

use inlets::assignments::Made;

use super::OrganizationStore;
use super::assignments::{AssignmentRecord, record};
use crate::sql::{SqlError, Value, in_transaction};

impl OrganizationStore<'_> {
    /// A page of an inlet's assignments to an application in the order of their ids, after the id given.
    pub fn made_assignments(
        &self,
        service_principal_id: &str,
        inlet: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Made>, SqlError> {
        let rows = self.sql.query(
            "SELECT id, principal_id, app_role_id FROM assignments
             WHERE service_principal_id = ? AND inlet_id = ? AND id > ? ORDER BY id LIMIT ?",
            &[service_principal_id.into(), inlet.into(), after.into(), limit.into()],
        )?;
        rows.into_iter()
            .map(|row| {
                Ok(Made {
                    id: row.text("id")?.to_owned(),
                    principal: row.text("principal_id")?.to_owned(),
                    role: row.text("app_role_id")?.to_owned(),
                })
            })
            .collect()
    }

    /// Adds assignments, and removes others that an inlet made, as one transaction; answers how many there were of
    /// each. What somebody made by hand stays, and is not made again. Nothing is added to an application that is
    /// not there any more.
    pub fn change_made_assignments(
        &self,
        service_principal_id: &str,
        inlet: &str,
        add: &[AssignmentRecord],
        remove: &[String],
    ) -> Result<(u64, u64), SqlError> {
        in_transaction(self.sql, || {
            let (mut added, mut removed) = (0, 0);
            let here = self.service_principal(service_principal_id)?.is_some();
            for assignment in add.iter().filter(|_| here) {
                added += u64::from(self.insert_assignment(assignment)?);
            }
            for id in remove {
                let mine: [Value; 3] = [id.into(), service_principal_id.into(), inlet.into()];
                let rows = self.sql.query(
                    "SELECT * FROM assignments WHERE id = ? AND service_principal_id = ? AND inlet_id = ?",
                    &mine,
                )?;
                let Some(assignment) = rows.first().map(record).transpose()? else { continue };
                self.run("DELETE FROM assignments WHERE id = ?", &[id.into()])?;
                self.log_assignment_change(&assignment)?;
                removed += 1;
            }
            Ok((added, removed))
        })
    }

    /// An inlet's assignments become ones that somebody made by hand, but those to applications that it still
    /// mirrors.
    pub fn release_assignments(&self, inlet: &str, but: &[String]) -> Result<(), SqlError> {
        let but = serde_json::to_string(but).map_err(|error| SqlError::other(error.to_string()))?;
        self.run(
            "UPDATE assignments SET inlet_id = NULL WHERE inlet_id = ?
             AND service_principal_id NOT IN (SELECT value FROM json_each(?))",
            &[inlet.into(), but.into()],
        )?;
        Ok(())
    }
}
