//! The pace of requests to a target: so many a second at most, with a short burst, and a rest for all of them when
//! the target asks for one (429 with `Retry-After`).

use std::cell::Cell;

/// Requests a second to somebody else's service, unless the job says otherwise.
pub const DEFAULT_RATE: u32 = 25;
/// The highest rate that can be set; 0 is no limit.
pub const MAXIMUM_RATE: u32 = 1_000;

/// When the next request may be sent. A token bucket that holds a second's worth of requests.
#[derive(Debug, Default)]
pub struct Pace {
    /// When the bucket is full again, in Unix microseconds.
    full_at: Cell<i64>,
    /// Until when the target wants nothing, in Unix milliseconds.
    resting_until: Cell<i64>,
}

impl Pace {
    /// Takes a place in the order of requests: how many milliseconds to wait before it is sent. `rate` is requests
    /// a second; 0 is no limit.
    pub fn reserve(&self, now_ms: i64, rate: u32) -> i64 {
        let rest = self.resting_until.get() - now_ms;
        if rate == 0 {
            return rest.max(0);
        }
        let now = now_ms.saturating_mul(1_000);
        let full_at = self.full_at.get().max(now) + 1_000_000 / i64::from(rate);
        self.full_at.set(full_at);
        let late = (full_at - now - 1_000_000).max(0);
        // Rounded up: a request that is sent early would be one too many.
        rest.max((late + 999) / 1_000).max(0)
    }

    /// The target wants nothing until then (Unix milliseconds).
    pub fn rest_until(&self, until_ms: i64) {
        self.resting_until.set(self.resting_until.get().max(until_ms));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_requests_goes_at_once_then_one_after_the_other() {
        let pace = Pace::default();
        let waits: Vec<i64> = (0..14).map(|_| pace.reserve(1_000_000, 10)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200, 300, 400]);
        assert_eq!(pace.reserve(1_000_500, 10), 0, "half a second later, all that waited have gone");
        assert_eq!(pace.reserve(1_000_500, 10), 100);
        assert_eq!(pace.reserve(1_060_000, 10), 0, "the bucket is full again after a while");
        let never_more = (0..20).map(|_| pace.reserve(1_060_000, 10)).filter(|wait| *wait == 0).count();
        assert_eq!(never_more, 9);
    }

    #[test]
    fn without_a_rate_only_a_rest_is_kept() {
        let pace = Pace::default();
        assert!((0..1_000).all(|_| pace.reserve(5, 0) == 0));
        pace.rest_until(2_000);
        pace.rest_until(1_500);
        assert_eq!((pace.reserve(500, 0), pace.reserve(500, 25), pace.reserve(2_001, 0)), (1_500, 1_500, 0));
    }
}
