//! The time between two rounds, as an ISO 8601 duration.

use std::fmt;

use provisioning::schedule::duration;

/// The shortest: a minute.
pub const SHORTEST_MS: i64 = 60_000;
/// The longest: a day. A delta token lives for seven, and a round may be late.
pub const LONGEST_MS: i64 = 24 * 60 * 60 * 1_000;

/// Not an interval that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntervalError(String);

impl fmt::Display for IntervalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The interval is `{}`; give an ISO 8601 duration from PT1M to P1D, such as PT40M.", self.0)
    }
}

impl std::error::Error for IntervalError {}

/// The milliseconds of a duration such as `PT40M`, `PT1H30M` or `P1D`.
pub fn parse(text: &str) -> Result<i64, IntervalError> {
    duration(text)
        .filter(|ms| (SHORTEST_MS..=LONGEST_MS).contains(ms))
        .ok_or_else(|| IntervalError(text.chars().take(40).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_within_their_limits() {
        let check = |text: &str, minutes: Option<i64>| {
            assert_eq!(parse(text).ok(), minutes.map(|minutes| minutes * 60_000), "{text}");
        };
        check("PT1M", Some(1));
        check("PT40M", Some(40));
        check("PT1H30M", Some(90));
        check("PT120S", Some(2));
        check("P1D", Some(1_440));
        check("PT24H", Some(1_440));
        check("P0DT1H", Some(60));
        for wrong in [
            "",
            "P",
            "PT",
            "40",
            "PT40",
            "PTM",
            "PT-1M",
            "PT1M1H",
            "PT1M1M",
            "P1DT",
            "PT59S",
            "P2D",
            "PT1441M",
            "pt40m",
            "PT9999999M",
            "PT1\u{665}M",
        ] {
            check(wrong, None);
        }
        assert!(parse("PT0M").expect_err("too short").to_string().contains("PT1M"));
    }
}
