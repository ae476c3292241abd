//! Times of certificates (RFC 5280 section 4.1.2.5): UTC to the second, and nothing else.

const MS_A_DAY: i64 = 24 * 60 * 60 * 1_000;

/// `YYMMDDHHMMSSZ`; years from 50 on are of the last century.
pub(super) fn utc(text: &[u8]) -> Option<i64> {
    let (year, rest) = text.split_at_checked(2)?;
    let year = number(year)?;
    from_parts(if year >= 50 { 1_900 + year } else { 2_000 + year }, rest)
}

/// `YYYYMMDDHHMMSSZ`.
pub(super) fn generalized(text: &[u8]) -> Option<i64> {
    let (year, rest) = text.split_at_checked(4)?;
    from_parts(number(year)?, rest)
}

/// Unix milliseconds of a year and `MMDDHHMMSSZ`.
fn from_parts(year: i64, rest: &[u8]) -> Option<i64> {
    let [month @ .., b'Z'] = rest else { return None };
    let mut parts = month.chunks(2).map(|pair| if pair.len() == 2 { number(pair) } else { None });
    let mut next = |from: i64, to: i64| parts.next()?.filter(|value| (from..=to).contains(value));
    let month = next(1, 12)?;
    let day = next(1, last_day(year, month))?;
    let seconds = next(0, 23)? * 3_600 + next(0, 59)? * 60 + next(0, 59)?;
    if parts.next().is_some() {
        return None;
    }
    Some(days(year, month, day) * MS_A_DAY + seconds * 1_000)
}

fn number(digits: &[u8]) -> Option<i64> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
    digits.iter().try_fold(0, |number, byte| Some(number * 10 + digit(byte)?))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn last_day(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a day: years that begin in March have their odd day last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + (month * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_strictly() {
        let check = |text: &str, expected: Option<i64>| {
            let read = if text.len() == 13 { utc(text.as_bytes()) } else { generalized(text.as_bytes()) };
            assert_eq!(read, expected.map(|seconds| seconds * 1_000), "{text}");
        };
        check("700101000000Z", Some(0));
        check("19700101000000Z", Some(0));
        check("491231235959Z", Some(2_524_607_999));
        check("500101000000Z", Some(-631_152_000));
        check("20240229120000Z", Some(1_709_208_000));
        check("20230229120000Z", None);
        check("21000101000000Z", Some(4_102_444_800));
        check("21000229000000Z", None);
        check("20000229000000Z", Some(951_782_400));
        check("20241301000000Z", None);
        check("20241231240000Z", None);
        check("20241231235960Z", None);
        check("20240431000000Z", None);
        check("2024123123595Z", None);
        check("20241231235959", None);
        check("20241231235959+0100", None);
        check("2024123123595900Z", None);
        check("2024-1-1000000Z", None);
        check("", None);
    }
}
