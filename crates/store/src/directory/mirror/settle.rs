//! What had to wait, tried again at the end of a round.

use inlets::mirror::{Applied, Upsert};
use inlets::rules::JoinBy;
use scim::repository::RepositoryError;

use super::anchors::{ANCHOR, Anchor, anchor};
use super::{Mirror, PORTION, Trouble, Written, deferred};
use crate::sql::{SqlError, Value, in_transaction};

/// Names that are exchanged in one transaction at most.
const MAX_NAMES: usize = 1_000;

impl Mirror<'_> {
    /// Tries a portion of what waits, after a place, as one transaction. First names that were taken; then
    /// people, places from 1 on; then groups, places from -1 down.
    pub fn settle(&mut self, after: i64) -> Result<Applied, RepositoryError> {
        let sql = self.store.sql;
        in_transaction(sql, || {
            let mut applied = Applied::default();
            if after == 0 {
                self.settle_names(&mut applied)?;
            }
            applied.next = if after >= 0 {
                self.settle_people(after, &mut applied)?
            } else {
                self.settle_groups(-1 - after, &mut applied)?
            };
            Ok(applied)
        })
    }

    /// Names that were taken when they were given: their holders may have others by now, or take theirs in
    /// exchange.
    fn settle_names(&mut self, applied: &mut Applied) -> Result<(), RepositoryError> {
        let statement = format!(
            "SELECT {ANCHOR} FROM anchors AS a INDEXED BY anchors_unsettled WHERE a.inlet = ? AND a.unsettled = 1 AND a.deferred IS NOT NULL
                ORDER BY a.number LIMIT {MAX_NAMES}"
        );
        let rows = self.store.sql.query(&statement, &[Value::from(self.inlet)])?;
        let mut waiting: Vec<(Anchor, Upsert)> = Vec::new();
        for row in &rows.rows {
            let anchor = anchor(row)?;
            if let Some(said) = deferred(&anchor)? {
                waiting.push((anchor, said));
            }
        }
        let mut progress = true;
        while progress && !waiting.is_empty() {
            let count = waiting.len();
            waiting = self.try_each(waiting, applied)?;
            if waiting.len() == count {
                progress = self.exchange(&mut waiting, applied)?;
            }
        }
        for (_, said) in waiting {
            let name = said.attribute("userPrincipalName").flatten().unwrap_or_default();
            let join = self.join_by()?;
            let by = said.attribute(join.name()).flatten().filter(|_| join != JoinBy::UserPrincipalName);
            let by = by.map(|value| format!(" or {join} {value}")).unwrap_or_default();
            let trouble =
                Trouble::Refused(format!("userPrincipalName {name}{by} is in use by another person."));
            self.fail(&said, trouble, applied)?;
        }
        Ok(())
    }

    /// Tries each by itself; answers those whose name is still taken.
    fn try_each(
        &mut self,
        waiting: Vec<(Anchor, Upsert)>,
        applied: &mut Applied,
    ) -> Result<Vec<(Anchor, Upsert)>, RepositoryError> {
        let mut still = Vec::new();
        for (mut anchor, said) in waiting {
            match self.try_user(&mut anchor, &said) {
                Ok((written, left_out)) => {
                    self.save(&anchor)?;
                    self.tell(&said, left_out, applied)?;
                    let waits = anchor.deferred.is_some();
                    if written != Written::Unchanged || !waits {
                        written.count(&mut applied.counts);
                    }
                    if waits {
                        still.push((anchor, said));
                    }
                }
                Err(trouble) if trouble.is_conflict() => still.push((anchor, said)),
                Err(trouble) => {
                    anchor.deferred = None;
                    anchor.unsettled = false;
                    self.save(&anchor)?;
                    self.fail(&said, trouble, applied)?;
                }
            }
        }
        Ok(still)
    }

    /// Lets all of them give up their names first. Those that do not get theirs even so are left out, and the
    /// rest tries without them. Whether anybody got their name.
    fn exchange(
        &mut self,
        waiting: &mut Vec<(Anchor, Upsert)>,
        applied: &mut Applied,
    ) -> Result<bool, RepositoryError> {
        let mut candidates: Vec<usize> = (0..waiting.len()).collect();
        while candidates.len() > 1 {
            let mut refused = Vec::new();
            let mut changed = waiting.clone();
            let mut counts = applied.counts;
            let mut told = Vec::new();
            let sql = self.store.sql;
            let outcome = in_transaction(sql, || -> Result<(), Trouble> {
                for index in &candidates {
                    if let Some((anchor, _)) = changed.get(*index) {
                        self.park(anchor)?;
                    }
                }
                for index in &candidates {
                    let Some((anchor, said)) = changed.get_mut(*index) else { continue };
                    match self.try_user(anchor, said) {
                        Ok((written, left_out)) => {
                            written.count(&mut counts);
                            self.save(anchor)?;
                            if anchor.deferred.is_some() {
                                refused.push(*index);
                            }
                            told.push((*index, left_out));
                        }
                        Err(trouble) => {
                            trouble.of_theirs()?;
                            refused.push(*index);
                        }
                    }
                }
                if refused.is_empty() { Ok(()) } else { Err(Trouble::Refused(String::new())) }
            });
            match outcome {
                Ok(()) => {
                    applied.counts = counts;
                    for (index, left_out) in told {
                        if let Some((_, said)) = waiting.get(index) {
                            self.tell(said, left_out, applied)?;
                        }
                    }
                    let mut index = 0;
                    waiting.retain(|_| {
                        index += 1;
                        !candidates.contains(&(index - 1))
                    });
                    return Ok(true);
                }
                Err(Trouble::Store(error)) => return Err(error),
                Err(Trouble::Refused(_)) => candidates.retain(|index| !refused.contains(index)),
            }
        }
        Ok(false)
    }

    /// People whose manager was not known.
    fn settle_people(&mut self, after: i64, applied: &mut Applied) -> Result<Option<i64>, RepositoryError> {
        let statement = format!(
            "SELECT {ANCHOR} FROM anchors AS a INDEXED BY anchors_unsettled WHERE a.inlet = ? AND a.unsettled = 1 AND a.number > ?
                ORDER BY a.number LIMIT {PORTION}"
        );
        let rows = self.store.sql.query(&statement, &[Value::from(self.inlet), after.into()])?;
        let people = rows.rows.iter().map(anchor).collect::<Result<Vec<_>, SqlError>>()?;
        let last = people.last().map(|anchor| anchor.number).filter(|_| people.len() == PORTION);
        for mut anchor in people {
            if anchor.absent || anchor.deferred.is_some() || anchor.resource_id.is_none() {
                continue;
            }
            let before = anchor.clone();
            let said = Upsert { source_id: anchor.source_id.clone(), ..Upsert::default() };
            if !self.is_live(&anchor)? {
                continue;
            }
            match self.try_user(&mut anchor, &said) {
                Ok((written, left_out)) => {
                    if written == Written::Updated {
                        written.count(&mut applied.counts);
                    }
                    self.tell(&said, left_out, applied)?;
                }
                Err(trouble) => self.fail(&said, trouble, applied)?,
            }
            if anchor != before {
                self.save(&anchor)?;
            }
        }
        Ok(Some(last.unwrap_or(-1)))
    }

    /// Somebody in the recycle bin stays there.
    fn is_live(&self, anchor: &Anchor) -> Result<bool, SqlError> {
        Ok(self.user_of(anchor.number)?.is_some())
    }

    /// Groups whose members were not known.
    fn settle_groups(&mut self, after: i64, applied: &mut Applied) -> Result<Option<i64>, RepositoryError> {
        let statement = format!(
            "SELECT {ANCHOR} FROM (
                SELECT DISTINCT group_number FROM source_members INDEXED BY source_members_unsettled WHERE settled = 0 AND group_number > ?
            ) AS s CROSS JOIN anchors AS a ON a.number = s.group_number WHERE a.inlet = ?
                ORDER BY a.number LIMIT {PORTION}"
        );
        let rows = self.store.sql.query(&statement, &[after.into(), Value::from(self.inlet)])?;
        let groups = rows.rows.iter().map(anchor).collect::<Result<Vec<_>, SqlError>>()?;
        let last = groups.last().map(|anchor| anchor.number).filter(|_| groups.len() == PORTION);
        for group in &groups {
            self.settle_members(group, applied, true)?;
        }
        Ok(last.map(|last| -1 - last))
    }
}
