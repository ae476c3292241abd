//! The interval of a job: minutes on the screen, an ISO 8601 duration in the API.

use crate::text::count;

/// The longest interval that the portal sets: a day.
pub(crate) const LONGEST: u64 = 24 * 60;

/// Minutes of a duration such as `PT40M`, `PT1H30M` or `P1D`; nothing when it is not made of whole minutes.
pub(crate) fn minutes(iso: &str) -> Option<u64> {
    let (mut total, mut digits, mut is_time) = (0_u64, String::new(), false);
    for letter in iso.strip_prefix('P')?.chars() {
        let unit = match (letter, is_time) {
            ('0'..='9', _) => {
                digits.push(letter);
                continue;
            }
            ('T', false) => {
                is_time = true;
                continue;
            }
            ('D', false) => 24 * 60,
            ('H', true) => 60,
            ('M', true) => 1,
            _ => return None,
        };
        total = total.checked_add(digits.parse::<u64>().ok()?.checked_mul(unit)?)?;
        digits.clear();
    }
    (total > 0).then_some(total)
}

/// The duration of so many minutes.
pub(crate) fn iso(minutes: u64) -> String {
    format!("PT{minutes}M")
}

/// A duration in words: `every 40 minutes`; what is not so simple stays as it is.
pub(crate) fn words(iso: &str) -> String {
    let Some(minutes) = minutes(iso) else { return iso.to_owned() };
    let (value, one, many) = match minutes {
        _ if minutes.is_multiple_of(24 * 60) => (minutes / (24 * 60), "day", "days"),
        _ if minutes.is_multiple_of(60) => (minutes / 60, "hour", "hours"),
        _ => (minutes, "minute", "minutes"),
    };
    if value == 1 { format!("every {one}") } else { format!("every {}", count(value, one, many)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_minutes() {
        let known = ["PT40M", "PT1H30M", "P1D", "P1DT1H", "PT1M"].map(minutes);
        assert_eq!(known, [Some(40), Some(90), Some(1_440), Some(1_500), Some(1)]);
        let unknown = ["", "P", "PT", "40", "PT90S", "PT1M30S", "P1M", "PTM"].map(minutes);
        assert_eq!(unknown, [None; 8]);
        assert_eq!(minutes(&iso(LONGEST)), Some(LONGEST));
    }

    #[test]
    fn intervals_read_well() {
        let texts = ["PT40M", "PT1H", "PT90M", "P1D", "P7D", "PT90S"].map(words);
        let expected =
            ["every 40 minutes", "every hour", "every 90 minutes", "every day", "every 7 days", "PT90S"];
        assert_eq!(texts, expected);
    }
}
