//! What inlets write into a directory.

use api::inlet::InletCounts;
use inlets::attributes::is_extension;
use inlets::mirror::{Applied, Batch, Change, Failure, Sweep};
use scim::repository::RepositoryError;
use store::directory::mirror::Mirror;

use super::{AttributeOrders, Directory, Profile};
use crate::error::ApiError;
use crate::platform::{clock, random};

/// How soon the alarm goes on with what another order of the inlets made due. Whoever changed it works on it
/// meanwhile; the alarm does what is left, or all of it when that one is gone.
const FOLLOW_AFTER_MS: i64 = 1_000;
/// Portions that one alarm does before it lets others in.
const PORTIONS_AN_ALARM: usize = 20;

impl Directory {
    /// Writes a batch. Extension attributes that the directory does not have yet are added before; one that cannot
    /// be added keeps nobody from being written: it is left out, and told.
    pub(super) fn mirror_batch(&self, inlet: &str, mut batch: Batch) -> Result<Applied, ApiError> {
        let names = extension_names(&batch);
        let refused = if names.is_empty() { Vec::new() } else { self.add_text_attributes(&names)? };
        let people = leave_out(&mut batch, &refused);
        let mut applied = self.mirror(inlet, |mirror| mirror.apply(&batch))?;
        applied.counts.failed += people;
        // First: the log names only so many failures.
        applied.failures.splice(0..0, refused.into_iter().map(told));
        Ok(applied)
    }

    /// Sweeps away a portion of what a complete pass did not meet.
    pub(super) fn mirror_sweep(&self, inlet: &str, sweep: Sweep, pass: i64) -> Result<Applied, ApiError> {
        self.mirror(inlet, |mirror| mirror.sweep(sweep, pass))
    }

    /// Writes a portion of what had to wait.
    pub(super) fn mirror_settle(&self, inlet: &str, after: i64) -> Result<Applied, ApiError> {
        self.mirror(inlet, |mirror| mirror.settle(after))
    }

    /// Forgets an inlet, a portion at a time; people and groups stay. Whether there is more to do.
    pub(super) fn release_inlet(&self, inlet: &str) -> Result<bool, ApiError> {
        self.mirror(inlet, |mirror| mirror.release())
    }

    /// What comes from an inlet.
    pub(super) fn mirrored(&self, inlet: &str) -> Result<InletCounts, ApiError> {
        let (users, groups) = self.mirror(inlet, |mirror| Ok(mirror.mirrored()?))?;
        Ok(InletCounts { users, groups })
    }

    /// The orders of single attributes, and whom they may concern.
    pub(super) fn attribute_orders(&self) -> Result<AttributeOrders, ApiError> {
        self.mirror("", |mirror| {
            Ok(AttributeOrders {
                orders: mirror.orders()?.as_ref().clone(),
                disputes: mirror.disputes()?,
                due: mirror.is_due()?,
            })
        })
    }

    /// Arms the alarm when people wait to be looked at since the order of the inlets is another one.
    pub(super) async fn follow_later(&self) -> Result<(), ApiError> {
        if self.setup()?.profile == Profile::Workforce && self.mirror("", |mirror| Ok(mirror.is_due()?))? {
            self.wake_within(FOLLOW_AFTER_MS).await?;
        }
        Ok(())
    }

    /// Goes through people whom another order of the inlets concerns, and arms the alarm for those that are left.
    /// What fails is tried again by the next batch of an inlet, or the next tidying.
    pub(super) async fn follow_orders(&self) -> Result<(), ApiError> {
        if self.setup()?.profile != Profile::Workforce {
            return Ok(());
        }
        for _ in 0..PORTIONS_AN_ALARM {
            if !self.mirror("", |mirror| mirror.reorder())?.more {
                return Ok(());
            }
        }
        self.wake_within(0).await
    }

    pub(super) fn mirror<T>(
        &self,
        inlet: &str,
        work: impl FnOnce(&mut Mirror<'_>) -> Result<T, RepositoryError>,
    ) -> Result<T, ApiError> {
        if self.setup()?.profile != Profile::Workforce {
            return Err(ApiError::bad_request("Only a workforce directory has inlets."));
        }
        let schemas = self.schemas()?;
        let mut new_id = random::new_id;
        let store = self.store()?.by("Inlet");
        let mut mirror = Mirror::new(store, schemas.as_ref(), inlet, clock::now_ms(), &mut new_id);
        Ok(work(&mut mirror)?)
    }
}

/// Names of the extension attributes that have a value in a batch.
fn extension_names(batch: &Batch) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for change in &batch.changes {
        let Change::Upsert(upsert) = change else { continue };
        for (name, value) in &upsert.attributes {
            if value.is_some() && is_extension(name) && !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    names
}

/// Takes attributes out of a batch; answers of how many people a value is missing by that.
fn leave_out(batch: &mut Batch, refused: &[(String, String)]) -> u64 {
    let mut people = 0;
    if refused.is_empty() {
        return people;
    }
    for change in &mut batch.changes {
        let Change::Upsert(upsert) = change else { continue };
        let mut is_missing = false;
        upsert.attributes.retain(|(name, value)| {
            let is_refused = refused.iter().any(|(refused, _)| refused == name);
            is_missing |= is_refused && value.is_some();
            !is_refused
        });
        people += u64::from(is_missing);
    }
    people
}

/// An attribute that was left out, as a failure that concerns no single object.
fn told((name, reason): (String, String)) -> Failure {
    let reason = reason.trim_end_matches('.');
    let message = format!(
        "the attribute cannot be added to the directory, people are written without it ({reason}). Once it can be added, reset the inlet."
    );
    Failure { source_id: String::new(), name, message }
}

#[cfg(test)]
mod tests {
    use inlets::mirror::{Kind, Upsert};
    use inlets::rules::Rules;

    use super::*;

    fn person(id: &str, attributes: &[(&str, Option<&str>)]) -> Change {
        let given = |(name, value): &(&str, Option<&str>)| ((*name).to_owned(), value.map(str::to_owned));
        let attributes = attributes.iter().map(given).collect();
        Change::Upsert(Upsert { source_id: id.to_owned(), attributes, ..Upsert::default() })
    }

    #[test]
    fn an_attribute_that_cannot_be_added_is_left_out_of_everybody() {
        let (good, bad) = ("extension_0a_good", "extension_0a_bad");
        let changes = vec![
            person("1", &[("city", Some("Bonn")), (bad, Some("x")), (good, Some("y"))]),
            person("2", &[(bad, None), ("city", None)]),
            Change::Remove { source_id: "3".to_owned(), permanent: true },
        ];
        let mut batch = Batch { kind: Kind::User, pass: 1, rules: Rules::default(), changes };
        assert_eq!(extension_names(&batch), [bad, good]);
        let whole = batch.clone();
        assert_eq!(leave_out(&mut batch, &[]), 0);
        assert_eq!(batch, whole);
        let refused = [(bad.to_owned(), "It is full.".to_owned())];
        assert_eq!(leave_out(&mut batch, &refused), 1, "only one of them has a value");
        let left = [
            person("1", &[("city", Some("Bonn")), (good, Some("y"))]),
            person("2", &[("city", None)]),
            Change::Remove { source_id: "3".to_owned(), permanent: true },
        ];
        assert_eq!(batch.changes, left);
        let [refused] = refused;
        let failure = told(refused);
        assert_eq!((failure.source_id.as_str(), failure.name.as_str()), ("", bad));
        assert!(failure.message.contains("(It is full)"), "{}", failure.message);
    }
}
