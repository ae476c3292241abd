//! The thresholds: how many failures, and how many deletions, are too many.

use serde::{Deserialize, Serialize};

use super::QuarantineReason;
use crate::cycle::Counters;
use crate::job::DeletionThreshold;

/// Entra's published limits of failures in one cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EscrowLimits {
    /// Below this many failures nothing is judged.
    pub minimum: u64,
    /// More than this many hundredths of the objects.
    pub percent: u64,
    /// More than this many failures that are no references.
    pub base: u64,
    /// More than this many failures of any kind.
    pub total: u64,
}

impl Default for EscrowLimits {
    fn default() -> Self {
        Self { minimum: 5_000, percent: 40, base: 40_000, total: 60_000 }
    }
}

/// The reason to quarantine a job after a cycle with these counters, if there is one.
pub fn escrow_reason(counters: &Counters, limits: &EscrowLimits) -> Option<QuarantineReason> {
    let total = counters.escrowed;
    let base = total.saturating_sub(counters.escrowed_references);
    if total < limits.minimum {
        None
    } else if base > limits.base {
        Some(QuarantineReason::EncounteredBaseEscrowThreshold)
    } else if total > limits.total {
        Some(QuarantineReason::EncounteredTotalEscrowThreshold)
    } else {
        let events = total + counters.exported + counters.unchanged;
        (total.saturating_mul(100) > events.saturating_mul(limits.percent))
            .then_some(QuarantineReason::EncounteredEscrowProportionThreshold)
    }
}

/// Whether `staged` deletions and disablings of one cycle are to be held, in a job that has
/// `linked` accounts.
pub fn deletions_held(staged: u64, linked: u64, threshold: &DeletionThreshold) -> bool {
    let by_count = threshold.count > 0 && staged >= threshold.count;
    let by_share = threshold.percent.is_some_and(|percent| {
        linked > 0 && staged.saturating_mul(100) >= linked.saturating_mul(u64::from(percent))
    });
    staged > 0 && (by_count || by_share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(escrowed: u64, references: u64, exported: u64) -> Counters {
        Counters { escrowed, escrowed_references: references, exported, ..Counters::default() }
    }

    #[test]
    fn escrow_reason_agrees_with_the_published_examples() {
        use QuarantineReason::*;
        for (failed, references, ok, reason) in [
            (45_000, 0, 1_000_000, Some(EncounteredBaseEscrowThreshold)),
            (30_000, 0, 5_000, Some(EncounteredEscrowProportionThreshold)),
            (20_000, 0, 100_000, None),
            (61_000, 21_000, 1_000_000, Some(EncounteredTotalEscrowThreshold)),
            (4_999, 0, 0, None),
        ] {
            assert_eq!(escrow_reason(&counters(failed, references, ok), &EscrowLimits::default()), reason);
        }
    }

    #[test]
    fn deletions_held_at_the_first_limit_reached() {
        let threshold = DeletionThreshold { count: 3, percent: Some(10) };
        for (staged, linked, held) in
            [(0, 100, false), (2, 100, false), (3, 100, true), (2, 20, true), (1, 20, false)]
        {
            assert_eq!(deletions_held(staged, linked, &threshold), held, "{staged} of {linked}");
        }
        let by_share = DeletionThreshold { count: 0, percent: Some(10) };
        assert!(!deletions_held(9, 100, &by_share) && deletions_held(10, 100, &by_share));
        assert!(!deletions_held(1_000, 1_000, &DeletionThreshold { count: 0, percent: None }));
    }
}
