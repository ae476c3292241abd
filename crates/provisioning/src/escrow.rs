//! When a failed object is tried again: in the next cycle, then 6, 12 and 24 hours after its first
//! failure, then daily, for 28 days.

use crate::cycle::{Escrow, EscrowChange, SourceEntry};
use crate::log::ErrorInformation;
use crate::schema::ObjectType;
use crate::time::{DAY, HOUR};

/// An object that fails longer than this is given up.
pub const GIVE_UP_AFTER: i64 = 28 * DAY;

/// The time of the next try after so many tries, the last of which was at `now`; `None` when the
/// object is given up.
pub fn next_attempt(first_failure: i64, attempts: u32, now: i64) -> Option<i64> {
    let planned = match attempts {
        0 | 1 => return Some(now),
        2 => first_failure + 6 * HOUR,
        3 => first_failure + 12 * HOUR,
        4 => first_failure + DAY,
        _ => now + DAY,
    };
    // A try that other changes brought forward leaves the plan as it is; one that came late must
    // not be followed by another at once.
    let next = if planned > now { planned } else { now + 6 * HOUR };
    // The last try is at the end of the 28 days, however late those before it were.
    let end = first_failure + GIVE_UP_AFTER;
    (now < end).then_some(next.min(end))
}

/// The escrow of an object that has just failed.
pub fn failed(
    entry: &SourceEntry,
    object_type: ObjectType,
    error: &ErrorInformation,
    now: i64,
) -> EscrowChange {
    let before = entry.escrow.as_ref();
    let first_failure = before.map_or(now, |escrow| escrow.first_failure);
    let attempts = before.map_or(0, |escrow| escrow.attempts).saturating_add(1);
    let next = next_attempt(first_failure, attempts, now);
    let escrow = Escrow {
        object_type,
        source_id: entry.source_id.clone(),
        error_code: error.error_code.clone(),
        reason: error.reason.clone(),
        attempts,
        first_failure,
        last_failure: now,
        next_attempt: next.unwrap_or(now),
    };
    if next.is_some() { EscrowChange::Upsert(escrow) } else { EscrowChange::Expire(escrow) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_attempt_follows_the_published_cadence() {
        let first = 1_000_000;
        for (attempts, after, next) in [
            (1, 0, Some(0)),
            (2, HOUR, Some(6 * HOUR)),
            (3, 6 * HOUR, Some(12 * HOUR)),
            (4, 12 * HOUR, Some(DAY)),
            (5, DAY, Some(2 * DAY)),
            (31, 27 * DAY, Some(28 * DAY)),
            (31, 27 * DAY + HOUR, Some(28 * DAY)),
            (32, 28 * DAY, None),
        ] {
            assert_eq!(
                next_attempt(first, attempts, first + after),
                next.map(|next| first + next),
                "{attempts} tries"
            );
        }
    }
}
