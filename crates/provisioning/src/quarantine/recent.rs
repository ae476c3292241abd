//! What went in the cycles shortly before: a threshold of one cycle would let a company go person by person, since a
//! change begins a cycle within seconds.

use serde::{Deserialize, Serialize};

use crate::cycle::Report;
use crate::log::{Action, Status};

/// So long, in milliseconds, deletions count together, or as long as the job's interval is: what a cycle at the usual
/// interval would have had at once.
pub const RECENT_MS: i64 = 40 * 60 * 1000;

/// Records of a span at most; nearer ones are taken together.
const RECORDS: i64 = 40;

/// Deletions and disablings that were carried out, by the end of their cycles. Kept with the job.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecentDeletions(Vec<(i64, u64)>);

impl RecentDeletions {
    /// How many went in the time before `now`, Unix milliseconds.
    pub fn count(&self, now: i64, interval: i64) -> u64 {
        let since = now - interval.max(RECENT_MS);
        self.0.iter().filter(|(at, _)| *at > since).map(|(_, count)| count).sum()
    }

    /// Adds what a cycle did. After one in which held deletions were approved everything begins anew: somebody has
    /// looked. Answers whether there is anything to keep that was not there.
    pub fn add(&mut self, report: &Report, approved: bool, now: i64, interval: i64) -> bool {
        let span = interval.max(RECENT_MS);
        if approved {
            let had = !self.0.is_empty();
            self.0.clear();
            return had;
        }
        let done = |action| {
            let count = |status| report.counters.count(action, status);
            count(Status::Success) + count(Status::Warning)
        };
        let went = done(Action::Disable) + done(Action::Delete);
        if went == 0 {
            return false;
        }
        self.0.retain(|(at, _)| *at > now - span);
        match self.0.last_mut() {
            Some((at, count)) if now - *at < span / RECORDS => *count += went,
            _ => self.0.push((now, went)),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60 * 1000;

    fn recent(counts: &[(i64, u64)]) -> RecentDeletions {
        RecentDeletions(counts.iter().map(|(minute, count)| (minute * MINUTE, *count)).collect())
    }

    #[test]
    fn what_is_older_than_an_interval_does_not_count() {
        let check = |now: i64, interval: i64, expected: u64| {
            let recent = recent(&[(0, 4), (30, 2), (50, 1)]);
            assert_eq!(recent.count(now * MINUTE, interval * MINUTE), expected, "{now}, {interval}");
        };
        check(30, 5, 6 + 1);
        check(60, 5, 3);
        check(60, 40, 3);
        check(60, 120, 7);
        check(200, 40, 0);
    }
}
