//! The thresholds among the job's settings: when deletions are held, and when failures quarantine the job.

use api::job::NameValue;
use provisioning::DeletionThreshold;
use provisioning::quarantine::EscrowLimits;
use serde_json::{Map, Value};

use super::settings::number;
use crate::error::ApiError;

/// So many deletions and disablings in one cycle are held; 0 is no limit by number. Graph's name.
pub const DELETES: &str = "QuarantineTooManyDeletesThreshold";
/// So many hundredths of the linked accounts; 0 is no limit by share. Not in Graph.
pub const DELETES_PERCENT: &str = "QuarantineTooManyDeletesPercent";
/// Fewer failures in one cycle than this are not judged. Not in Graph, as are those that follow.
pub const MINIMUM: &str = "QuarantineEscrowMinimum";
/// More than so many hundredths of the objects fail.
pub const PROPORTION: &str = "QuarantineEscrowProportionThreshold";
/// More than so many failures that are no references.
pub const BASE: &str = "QuarantineBaseEscrowThreshold";
/// More than so many failures of any kind.
pub const TOTAL: &str = "QuarantineTotalEscrowThreshold";

/// Names of the settings.
pub const NAMES: [&str; 6] = [DELETES, DELETES_PERCENT, MINIMUM, PROPORTION, BASE, TOTAL];

/// The largest number of objects.
const MAXIMUM: u32 = 1_000_000;

/// The thresholds of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thresholds {
    /// When deletions are held; `None` switches accidental-deletion prevention off.
    pub deletions: Option<DeletionThreshold>,
    /// When failures quarantine the job.
    pub escrows: EscrowLimits,
}

impl Thresholds {
    /// Names and values for the API.
    pub fn list(&self) -> [(&'static str, u64); 6] {
        let off = DeletionThreshold { count: 0, percent: None };
        let deletions = self.deletions.unwrap_or(off);
        [
            (DELETES, deletions.count),
            (DELETES_PERCENT, deletions.percent.unwrap_or(0).into()),
            (MINIMUM, self.escrows.minimum),
            (PROPORTION, self.escrows.percent),
            (BASE, self.escrows.base),
            (TOTAL, self.escrows.total),
        ]
    }

    /// Sets one of [`NAMES`].
    pub fn set(&mut self, NameValue { name, value }: &NameValue) -> Result<(), ApiError> {
        let name = name.as_str();
        let maximum = if matches!(name, DELETES_PERCENT | PROPORTION) { 100 } else { MAXIMUM };
        let value = number(name, value, maximum)?;
        if value == 0 && !matches!(name, DELETES | DELETES_PERCENT) {
            return Err(ApiError::bad_request(format!("{name} is 0; give a number from 1 to {maximum}.")));
        }
        match name {
            // Switched off, it has no share that could be taken away.
            DELETES_PERCENT if value == 0 && self.deletions.is_none() => {}
            DELETES | DELETES_PERCENT => {
                let mut deletions = self.deletions.unwrap_or_default();
                if name == DELETES {
                    deletions.count = value.into();
                } else {
                    deletions.percent = u8::try_from(value).ok().filter(|percent| *percent > 0);
                }
                self.deletions = Some(deletions);
            }
            MINIMUM => self.escrows.minimum = value.into(),
            PROPORTION => self.escrows.percent = value.into(),
            BASE => self.escrows.base = value.into(),
            _ => self.escrows.total = value.into(),
        }
        Ok(())
    }

    /// Checks the whole once all are set: without any limit deletions are not held.
    pub fn checked(mut self) -> Result<Self, ApiError> {
        let is_off = |deletions: &DeletionThreshold| deletions.count == 0 && deletions.percent.is_none();
        if self.deletions.as_ref().is_some_and(is_off) {
            self.deletions = None;
        }
        let EscrowLimits { minimum, base, total, .. } = self.escrows;
        for (name, value) in [(BASE, base), (TOTAL, total)] {
            if value < minimum {
                return Err(ApiError::bad_request(format!(
                    "{name} is {value}, but fewer failures than {minimum} are not judged; give at least {minimum}, or lower {MINIMUM}."
                )));
            }
        }
        if base > total {
            return Err(ApiError::bad_request(format!(
                "{BASE} is {base}, more than {TOTAL}, which is {total} and counts those failures too."
            )));
        }
        Ok(self)
    }
}

/// `SyncNotificationSettings` with Entra's switch of accidental-deletion prevention set.
pub fn with_prevention(notification: &str, on: bool) -> Result<String, ApiError> {
    let mut members: Map<String, Value> =
        if notification.is_empty() { Map::new() } else { crate::json::read(notification)? };
    members.insert("DeleteThresholdEnabled".to_owned(), on.into());
    Ok(crate::json::write(&members)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(pairs: &[(&str, &str)]) -> Result<Thresholds, String> {
        let mut thresholds = Thresholds::default();
        for (name, value) in pairs {
            let pair = NameValue { name: (*name).to_owned(), value: (*value).to_owned() };
            thresholds.set(&pair).map_err(|error| error.message)?;
        }
        thresholds.checked().map_err(|error| error.message)
    }

    #[test]
    fn deletions_are_held_by_number_or_share_or_not() {
        let check = |pairs: &[(&str, &str)], expected: Option<(u64, Option<u8>)>| {
            let deletions = after(pairs).map(|thresholds| thresholds.deletions);
            let deletions = deletions.map(|found| found.map(|limits| (limits.count, limits.percent)));
            assert_eq!(deletions, Ok(expected), "{pairs:?}");
        };
        check(&[], None);
        check(&[(DELETES, "3")], Some((3, None)));
        check(&[(DELETES_PERCENT, "10")], Some((500, Some(10))));
        check(&[(DELETES, "0"), (DELETES_PERCENT, "100")], Some((0, Some(100))));
        check(&[(DELETES, "0")], None);
        check(&[(DELETES_PERCENT, "0")], None);
        check(&[(DELETES, "1000000"), (DELETES_PERCENT, "0")], Some((1_000_000, None)));
    }

    #[test]
    fn every_figure_of_the_quarantine_is_set_on_its_own() {
        let usual = EscrowLimits::default();
        let check = |pairs: &[(&str, &str)], expected: EscrowLimits| {
            assert_eq!(after(pairs).map(|thresholds| thresholds.escrows), Ok(expected), "{pairs:?}");
        };
        check(&[], usual);
        check(&[(MINIMUM, "1")], EscrowLimits { minimum: 1, ..usual });
        check(&[(PROPORTION, "100")], EscrowLimits { percent: 100, ..usual });
        check(&[(BASE, "5000")], EscrowLimits { base: 5_000, ..usual });
        check(&[(TOTAL, "40000")], EscrowLimits { total: 40_000, ..usual });
    }

    #[test]
    fn what_cannot_work_is_refused_with_a_reason() {
        let check = |pairs: &[(&str, &str)], part: &str| match after(pairs) {
            Ok(found) => panic!("{pairs:?} was taken as {found:?}"),
            Err(message) => assert!(message.contains(part), "{pairs:?}: {message}"),
        };
        check(&[(DELETES, "-1")], "whole number from 0 to 1000000");
        check(&[(DELETES, "1000001")], "whole number");
        check(&[(DELETES_PERCENT, "101")], "from 0 to 100");
        check(&[(DELETES_PERCENT, "ten")], "from 0 to 100");
        check(&[(MINIMUM, "0")], "from 1 to");
        check(&[(PROPORTION, "0")], "from 1 to 100");
        check(&[(BASE, "4999")], "lower QuarantineEscrowMinimum");
        check(&[(MINIMUM, "70000")], "not judged");
        check(&[(BASE, "60001")], "more than QuarantineTotalEscrowThreshold");
    }

    #[test]
    fn the_switch_is_entras() {
        let check = |before: &str, on: bool, expected: &str| {
            assert_eq!(with_prevention(before, on).ok().as_deref(), Some(expected), "{before}");
        };
        check("", true, r#"{"DeleteThresholdEnabled":true}"#);
        let before = r#"{"Enabled":true,"DeleteThresholdEnabled":true,"Recipients":"a@example.com"}"#;
        check(before, false, &before.replacen("Enabled\":true,\"Rec", "Enabled\":false,\"Rec", 1));
    }
}
