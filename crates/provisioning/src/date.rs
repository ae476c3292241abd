//! Dates in the forms that directories and people write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

/// Unix milliseconds of a date: ISO 8601 with or without time and offset (`2024-02-01`,
/// `2020-03-16-07:00`, `2024-02-01T10:00:00.5+01:00`, also with a space), or `M/d/yyyy h:mm:ss tt`.
/// Without an offset it is UTC. `None` for anything else.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(date) = DateTime::parse_from_rfc3339(text) {
        return Some(date.timestamp_millis());
    }
    for format in ["%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%dT%H:%M%:z"] {
        if let Ok(date) = DateTime::parse_from_str(text, format) {
            return Some(date.timestamp_millis());
        }
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%m/%d/%Y %I:%M:%S %p"] {
        if let Ok(date) = NaiveDateTime::parse_from_str(text, format) {
            return Some(date.and_utc().timestamp_millis());
        }
    }
    let (day, offset) = match text.split_at_checked(10) {
        Some((day, offset)) if day.chars().nth(4) == Some('-') => (day, offset),
        _ => (text, ""),
    };
    let date =
        ["%Y-%m-%d", "%m/%d/%Y"].iter().find_map(|format| NaiveDate::parse_from_str(day, format).ok())?;
    let midnight = date.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
    Some(midnight - offset_ms(offset)?)
}

/// Milliseconds of `Z`, `+08:00`, `-07:00`, or nothing.
fn offset_ms(text: &str) -> Option<i64> {
    let (sign, rest) = match text.chars().next() {
        None => return Some(0),
        Some('Z' | 'z') if text.len() == 1 => return Some(0),
        Some('+') => (1, text.get(1..)?),
        Some('-') => (-1, text.get(1..)?),
        Some(_) => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=14).contains(&hours) && (0..60).contains(&minutes)).then(|| sign * (hours * 60 + minutes) * 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::iso8601;

    #[test]
    fn parse_reads_the_documented_forms() {
        for (text, utc) in [
            ("2024-02-01", "2024-02-01T00:00:00.000Z"),
            ("2020-03-16-07:00", "2020-03-16T07:00:00.000Z"),
            ("2021-06-30+08:00", "2021-06-29T16:00:00.000Z"),
            ("2024-02-01T10:00:00.5+01:00", "2024-02-01T09:00:00.500Z"),
            ("2024-02-01T10:00:00", "2024-02-01T10:00:00.000Z"),
            ("2020-12-31 23:59:59-08:00", "2021-01-01T07:59:59.000Z"),
            ("3/16/2020 7:00:00 AM", "2020-03-16T07:00:00.000Z"),
            ("7/2/2021 3:33:38 PM", "2021-07-02T15:33:38.000Z"),
            ("1/2/2021", "2021-01-02T00:00:00.000Z"),
        ] {
            assert_eq!(parse(text).map(iso8601).as_deref(), Some(utc), "{text}");
        }
        for text in ["", "tomorrow", "2024-13-01", "2024-02-01+99:00", "20240201"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
