//! How many requests a client may send: a bucket of tokens (RFC 6585 section 4, RFC 7644 section 3.12 for 429).

/// Seconds' worth of requests that may come at once after a rest: clients send in bursts.
pub const BURST_SECONDS: u32 = 2;

/// Requests a second at most that a limit can be set to.
pub const MAX_REQUESTS_PER_SECOND: u32 = 10_000;

/// A bucket that fills by a number of requests a second up to [`BURST_SECONDS`] of them; each request takes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    per_second: u32,
    /// What is left, in thousandths of a request.
    left: u64,
    /// When that was so, in Unix milliseconds.
    at_ms: i64,
}

impl RateLimit {
    /// A full bucket; at least one request a second.
    pub fn new(per_second: u32, now_ms: i64) -> Self {
        let per_second = per_second.clamp(1, MAX_REQUESTS_PER_SECOND);
        RateLimit { per_second, left: full(per_second), at_ms: now_ms }
    }

    /// Takes a request out of the bucket, or answers after how many seconds, at least one, there is one again.
    pub fn take(&mut self, now_ms: i64) -> Result<(), u32> {
        // A clock that is set back gives nothing and takes nothing.
        let passed = u64::try_from(now_ms - self.at_ms).unwrap_or(0);
        self.left = full(self.per_second).min(self.left.saturating_add(passed * u64::from(self.per_second)));
        self.at_ms = now_ms;
        if self.left < ONE {
            let missing = ONE - self.left;
            let wait_ms = missing.div_ceil(u64::from(self.per_second));
            return Err(u32::try_from(wait_ms.div_ceil(1_000)).unwrap_or(u32::MAX).max(1));
        }
        self.left -= ONE;
        Ok(())
    }
}

/// One request.
const ONE: u64 = 1_000;

fn full(per_second: u32) -> u64 {
    u64::from(per_second) * u64::from(BURST_SECONDS) * ONE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_a_rate() {
        let mut limit = RateLimit::new(10, 0);
        for _ in 0..20 {
            assert_eq!(limit.take(0), Ok(()));
        }
        assert_eq!(limit.take(0), Err(1));
        assert_eq!(limit.take(99), Err(1));
        assert_eq!(limit.take(100), Ok(()));
        assert_eq!(limit.take(100), Err(1));
        // A rest fills it, but not over its size.
        for _ in 0..20 {
            assert_eq!(limit.take(1_000_000), Ok(()));
        }
        assert_eq!(limit.take(1_000_000), Err(1));
    }

    #[test]
    fn a_clock_that_is_set_back_takes_nothing() {
        let mut limit = RateLimit::new(1, 1_000);
        assert_eq!((limit.take(1_000), limit.take(0), limit.take(0)), (Ok(()), Ok(()), Err(1)));
    }

    #[test]
    fn a_limit_is_a_sane_number() {
        let check = |asked: u32, burst: usize| {
            let mut limit = RateLimit::new(asked, 0);
            let taken = (0..).take_while(|_| limit.take(0).is_ok()).count();
            assert_eq!(taken, burst, "{asked}");
        };
        check(0, 2);
        check(1, 2);
        check(MAX_REQUESTS_PER_SECOND, 20_000);
        check(u32::MAX, 20_000);
    }
}
