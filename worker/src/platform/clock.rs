//! Time. The crates read no clock; it comes from here as Unix milliseconds.

use chrono::{DateTime, SecondsFormat, Utc};

/// Now, in Unix milliseconds. On the platform the clock stands still between two I/O operations.
pub fn now_ms() -> i64 {
    i64::try_from(worker::Date::now().as_millis()).unwrap_or(i64::MAX)
}

/// RFC 3339 in UTC with milliseconds, e.g. `2026-11-24T09:30:00.000Z`.
pub fn rfc3339(ms: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(ms)
        .map(|time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
        .unwrap_or_default()
}

/// Unix milliseconds of an RFC 3339 date and time.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_there_and_back() {
        let check = |text: &str, ms: Option<i64>| assert_eq!(parse_rfc3339(text), ms, "{text}");
        check("2026-11-24T09:30:00.000Z", Some(1_795_512_600_000));
        check("2026-11-24T10:30:00+01:00", Some(1_795_512_600_000));
        check("2026-11-24", None);
        assert_eq!(rfc3339(1_795_512_600_000), "2026-11-24T09:30:00.000Z");
    }
}
