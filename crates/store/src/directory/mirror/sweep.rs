//! What a complete pass over everything did not meet is not there any more.

use inlets::mirror::{Absent, Applied, Kind, Sweep, Upsert};
use scim::repository::RepositoryError;

use super::anchors::{ANCHOR, Anchor, anchor};
use super::{Mirror, PORTION, resource_type};
use crate::sql::{Value, in_transaction};

/// What a sweep takes: objects of an inlet and a type that a pass did not meet, and that are still there. Not who was
/// absent before and was brought back by somebody else.
const NOT_MET: &str = "FROM anchors AS a
                LEFT JOIN resources AS r ON r.id = a.resource_id AND r.deleted IS NULL
                WHERE a.inlet = ? AND a.type = ? AND a.pass < ? AND (
                    (r.id IS NOT NULL AND a.absent = 0) OR a.deferred IS NOT NULL
                )";

impl Mirror<'_> {
    /// Counts what a sweep of objects would take, for the numbers of passes over people and over groups; 0 for
    /// a pass that is not complete. Reads every anchor of the inlet.
    pub fn absent(&self, users: i64, groups: i64) -> Result<Absent, RepositoryError> {
        let (all_users, all_groups) = self.mirrored()?;
        Ok(Absent {
            users: self.count_absent(Kind::User, users)?,
            all_users,
            groups: self.count_absent(Kind::Group, groups)?,
            all_groups,
        })
    }

    fn count_absent(&self, kind: Kind, pass: i64) -> Result<u64, RepositoryError> {
        let statement = format!("SELECT count(*) AS n {NOT_MET}");
        let values = [self.inlet.into(), resource_type(kind).name().into(), pass.into()];
        let rows = self.store.sql.query(&statement, &values)?;
        let count = rows.first().map(|row| row.integer("n")).transpose()?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    /// Sweeps away a portion, as one transaction. `next` says that there may be more; what was swept is not
    /// found again, so there is no place to go on from.
    pub fn sweep(&mut self, sweep: Sweep, pass: i64) -> Result<Applied, RepositoryError> {
        let sql = self.store.sql;
        in_transaction(sql, || {
            let mut applied = Applied::default();
            let found = match sweep {
                Sweep::Objects(kind) => self.sweep_objects(kind, pass, &mut applied)?,
                Sweep::Managers => self.sweep_managers(pass, &mut applied)?,
                Sweep::Members => self.sweep_members(pass, &mut applied)?,
            };
            applied.next = (found == PORTION).then_some(1);
            Ok(applied)
        })
    }

    /// Into the recycle bin: absence does not say that they are gone for good.
    fn sweep_objects(
        &mut self,
        kind: Kind,
        pass: i64,
        applied: &mut Applied,
    ) -> Result<usize, RepositoryError> {
        let statement = format!("SELECT {ANCHOR} {NOT_MET} LIMIT {PORTION}");
        let kind_name = resource_type(kind).name();
        let rows = self.store.sql.query(&statement, &[self.inlet.into(), kind_name.into(), pass.into()])?;
        for row in &rows.rows {
            self.remove(&mut anchor(row)?, kind, false, &mut applied.counts)?;
        }
        Ok(rows.rows.len())
    }

    fn sweep_managers(&mut self, pass: i64, applied: &mut Applied) -> Result<usize, RepositoryError> {
        let statement = format!(
            "SELECT {ANCHOR} FROM anchors AS a WHERE a.inlet = ? AND a.manager IS NOT NULL AND a.manager_pass < ?
                LIMIT {PORTION}"
        );
        let rows = self.store.sql.query(&statement, &[self.inlet.into(), pass.into()])?;
        for row in &rows.rows {
            let mut anchor = anchor(row)?;
            anchor.manager = None;
            let said = Upsert { source_id: anchor.source_id.clone(), ..Upsert::default() };
            // Nor does the source speak for somebody who was brought back.
            if !anchor.absent && self.user_of(anchor.number)?.is_some() && anchor.deferred.is_none() {
                match self.try_user(&mut anchor, &said) {
                    Ok((written, left_out)) => {
                        written.count(&mut applied.counts);
                        self.tell(&said, left_out, applied)?;
                    }
                    Err(trouble) => self.fail(&said, trouble, applied)?,
                }
            }
            self.save(&anchor)?;
        }
        Ok(rows.rows.len())
    }

    fn sweep_members(&mut self, pass: i64, applied: &mut Applied) -> Result<usize, RepositoryError> {
        let statement = format!(
            "SELECT s.member_number, {ANCHOR} FROM source_members AS s JOIN anchors AS a ON a.number = s.group_number
                WHERE a.inlet = ? AND s.pass < ? LIMIT {PORTION}"
        );
        let rows = self.store.sql.query(&statement, &[Value::from(self.inlet), pass.into()])?;
        let mut groups: Vec<(Anchor, Vec<i64>)> = Vec::new();
        for row in &rows.rows {
            let (group, member) = (anchor(row)?, row.integer("member_number")?);
            match groups.last_mut() {
                Some((last, members)) if last.number == group.number => members.push(member),
                _ => groups.push((group, vec![member])),
            }
        }
        for (group, members) in &groups {
            // A group that somebody brought back is none of the source's any more: who is in it stays.
            if group.absent && self.live_group(group)?.is_some() {
                self.forget_members(group, members)?;
            } else {
                self.drop_members(group, members, &mut applied.counts)?;
            }
        }
        Ok(rows.rows.len())
    }
}
