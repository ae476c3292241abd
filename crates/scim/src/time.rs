//! Date-times (RFC 7643 section 2.3.5) as Unix milliseconds and back.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat};

/// Writes an instant as SCIM does in `meta`: `2024-02-01T09:30:00.000Z`. An instant beyond the calendar is the
/// epoch.
pub fn format(unix_ms: i64) -> String {
    DateTime::from_timestamp_millis(unix_ms)
        .unwrap_or(DateTime::UNIX_EPOCH)
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Reads an `xsd:dateTime`. Without an offset it is UTC; a date alone is its first moment.
pub fn parse(text: &str) -> Option<i64> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.timestamp_millis());
    }
    if let Ok(instant) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f") {
        return Some(instant.and_utc().timestamp_millis());
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_clients_send() {
        let check = |text: &str, expected: Option<i64>| assert_eq!(parse(text), expected, "{text}");
        check("1970-01-01T00:00:01Z", Some(1_000));
        check("1970-01-01T01:00:01.250+01:00", Some(1_250));
        check("1970-01-01T00:00:01", Some(1_000));
        check("1970-01-02", Some(86_400_000));
        check("1970-13-02", None);
        check("yesterday", None);
        check("", None);
    }

    #[test]
    fn writes_milliseconds_in_utc() {
        assert_eq!(format(1_706_779_800_000), "2024-02-01T09:30:00.000Z");
        assert_eq!(format(i64::MAX), "1970-01-01T00:00:00.000Z");
    }
}
