//! Times as Unix milliseconds and their text. There is no clock here.

use chrono::{DateTime, SecondsFormat, Utc};

/// Milliseconds in an hour.
pub(crate) const HOUR: i64 = 3_600_000;
/// Milliseconds in a day.
pub(crate) const DAY: i64 = 24 * HOUR;

/// ISO 8601 in UTC with milliseconds. A time that no calendar holds becomes the epoch.
pub(crate) fn iso8601(unix_ms: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(unix_ms)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// ISO 8601 in UTC, with fractions of a second only if there are any: `2024-02-01T00:00:00Z`.
pub(crate) fn scim_date_time(unix_ms: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(unix_ms)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso8601_is_utc_with_milliseconds() {
        assert_eq!(iso8601(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso8601(1_700_000_000_123), "2023-11-14T22:13:20.123Z");
        assert_eq!(iso8601(i64::MAX), "1970-01-01T00:00:00.000Z");
    }
}
