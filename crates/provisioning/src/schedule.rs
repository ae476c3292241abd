//! When a job runs: the interval between two cycles as an ISO 8601 duration, such as `PT40M`.

use crate::time::{DAY, HOUR};

/// The interval of a job that was not given another: 40 minutes, as Entra's. Milliseconds.
pub const DEFAULT_INTERVAL_MS: i64 = 40 * MINUTE;
/// The shortest interval: a minute.
pub const MINIMUM_INTERVAL_MS: i64 = MINUTE;
/// The longest interval: a week. The directory keeps its changes for 30 days.
pub const MAXIMUM_INTERVAL_MS: i64 = 7 * DAY;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;

/// Units of a duration that have a fixed length, in the order in which they are written: before and after `T`.
const UNITS: [(bool, char, i64); 5] =
    [(false, 'W', 7 * DAY), (false, 'D', DAY), (true, 'H', HOUR), (true, 'M', MINUTE), (true, 'S', SECOND)];

/// Reads an interval between [`MINIMUM_INTERVAL_MS`] and [`MAXIMUM_INTERVAL_MS`]. Whole numbers only; years and
/// months have no fixed length and are refused.
///
/// # Errors
/// What is wrong with it.
pub fn parse_interval(text: &str) -> Result<i64, String> {
    let wrong = || format!("interval is `{text}`; give an ISO 8601 duration such as PT40M or P1DT12H");
    let milliseconds = duration(text).ok_or_else(wrong)?;
    if (MINIMUM_INTERVAL_MS..=MAXIMUM_INTERVAL_MS).contains(&milliseconds) {
        Ok(milliseconds)
    } else {
        Err(format!("interval is `{text}`; the shortest is PT1M, the longest P7D"))
    }
}

/// The milliseconds of an ISO 8601 duration such as `PT1H30M`, of whole numbers of units that have a fixed length.
pub fn duration(text: &str) -> Option<i64> {
    let rest = text.strip_prefix('P')?;
    let (mut total, mut is_time, mut next_unit, mut digits) = (0_i64, false, 0, String::new());
    for letter in rest.chars() {
        if letter.is_ascii_digit() {
            digits.push(letter);
        } else if letter == 'T' && !is_time && digits.is_empty() {
            is_time = true;
        } else {
            let found = UNITS.iter().position(|(time, unit, _)| *time == is_time && *unit == letter)?;
            let (_, _, length) = UNITS.get(found).filter(|_| found >= next_unit)?;
            total = total.checked_add(digits.parse::<i64>().ok()?.checked_mul(*length)?)?;
            next_unit = found + 1;
            digits.clear();
        }
    }
    (digits.is_empty() && next_unit > 0 && !rest.ends_with('T')).then_some(total)
}

/// Writes an interval.
pub fn interval_text(milliseconds: i64) -> String {
    let (mut text, mut left, mut is_time) = ("P".to_owned(), milliseconds.max(SECOND), false);
    for (time, unit, length) in UNITS.into_iter().skip(1) {
        let count = left / length;
        if count > 0 {
            if time && !is_time {
                is_time = true;
                text.push('T');
            }
            text.push_str(&format!("{count}{unit}"));
            left -= count * length;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_read_and_written() {
        let check = |text: &str, minutes: i64, written: &str| {
            assert_eq!(parse_interval(text), Ok(minutes * MINUTE), "{text}");
            assert_eq!(interval_text(minutes * MINUTE), written, "{text}");
        };
        check("PT40M", 40, "PT40M");
        check("PT1M", 1, "PT1M");
        check("PT60S", 1, "PT1M");
        check("PT90M", 90, "PT1H30M");
        check("P1DT12H", 36 * 60, "P1DT12H");
        check("P1D", 24 * 60, "P1D");
        check("P1W", 7 * 24 * 60, "P7D");
        assert_eq!(interval_text(DEFAULT_INTERVAL_MS), "PT40M");
        assert_eq!(interval_text(61 * SECOND), "PT1M1S");
    }

    #[test]
    fn other_texts_are_refused() {
        let check = |text: &str| assert!(parse_interval(text).is_err(), "{text}");
        for text in ["", "P", "PT", "PT40", "40M", "PT40m", "P1M", "P1Y", "PT1.5H", "PT-5M", "PTM", "P1DT"] {
            check(text);
        }
        check("PT1M1H");
        check("PT1M1M");
        check("PT59S");
        check("P7DT1S");
        check("PT99999999999999999999M");
        check("P9223372036854775807D");
    }
}
