//! .NET's custom date and time formats, for `FormatDateTime`.
//!
//! Understood: `y`, `M`, `d`, `H`, `h`, `m`, `s`, `f`, `F`, `t`, `z`, `K` in all their lengths,
//! `'literal'`, `"literal"`, `\c`. Names of months and days are English. Everything else stands for
//! itself.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A piece of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// So many of one letter.
    Field(char, usize),
    /// Text that stands for itself.
    Text(String),
}

fn pieces(format: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut characters = format.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            'y' | 'M' | 'd' | 'H' | 'h' | 'm' | 's' | 'f' | 'F' | 't' | 'z' | 'K' => {
                let mut length = 1;
                while characters.next_if_eq(&c).is_some() {
                    length += 1;
                }
                pieces.push(Piece::Field(c, length));
            }
            '\'' | '"' => {
                pieces.push(Piece::Text(characters.by_ref().take_while(|next| *next != c).collect()))
            }
            '\\' => pieces.extend(characters.next().map(|next| Piece::Text(next.to_string()))),
            '%' => {}
            _ => pieces.push(Piece::Text(c.to_string())),
        }
    }
    pieces
}

/// A point in time in a format, in UTC.
pub(crate) fn print(unix_ms: i64, format: &str) -> String {
    let date = DateTime::<Utc>::from_timestamp_millis(unix_ms).unwrap_or_default();
    pieces(format).iter().map(|piece| print_piece(&date, piece)).collect()
}

fn print_piece(date: &DateTime<Utc>, piece: &Piece) -> String {
    let number = |value: u32, length: usize| format!("{value:0width$}", width = length.min(2));
    let (letter, length) = match piece {
        Piece::Text(text) => return text.clone(),
        Piece::Field(letter, length) => (*letter, *length),
    };
    match (letter, length) {
        ('y', 1 | 2) => number(date.year().rem_euclid(100).unsigned_abs(), length),
        ('y', _) => format!("{:0length$}", date.year()),
        ('M', 1 | 2) => number(date.month(), length),
        ('M', 3) => name(&MONTHS, date.month0(), true),
        ('M', _) => name(&MONTHS, date.month0(), false),
        ('d', 1 | 2) => number(date.day(), length),
        ('d', 3) => name(&DAYS, date.weekday().num_days_from_sunday(), true),
        ('d', _) => name(&DAYS, date.weekday().num_days_from_sunday(), false),
        ('H', _) => number(date.hour(), length),
        ('h', _) => number(date.hour12().1, length),
        ('m', _) => number(date.minute(), length),
        ('s', _) => number(date.second(), length),
        ('f' | 'F', _) => {
            let digits: String = format!("{:09}", date.nanosecond()).chars().take(length.min(7)).collect();
            if letter == 'f' { digits } else { digits.trim_end_matches('0').to_owned() }
        }
        ('t', 1) => if date.hour() < 12 { "A" } else { "P" }.to_owned(),
        ('t', _) => if date.hour() < 12 { "AM" } else { "PM" }.to_owned(),
        ('z', 1) => "+0".to_owned(),
        ('z', 2) => "+00".to_owned(),
        ('z', _) => "+00:00".to_owned(),
        _ => "Z".to_owned(),
    }
}

fn name(names: &[&str], index: u32, short: bool) -> String {
    let name = names.get(index as usize).copied().unwrap_or_default();
    if short { name.chars().take(3).collect() } else { name.to_owned() }
}

/// What was read so far.
#[derive(Default)]
struct Parts {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    hour: Option<u32>,
    half: Option<bool>,
    minute: Option<u32>,
    second: Option<u32>,
    nanosecond: u32,
    offset_minutes: i64,
}

/// Unix milliseconds of a text in a format; `None` when it does not fit. Parts that the format
/// leaves out are the first of their kind.
pub(crate) fn parse(text: &str, format: &str) -> Option<i64> {
    let mut rest = text;
    let mut parts = Parts::default();
    for piece in pieces(format) {
        rest = match piece {
            Piece::Text(expected) => rest.strip_prefix(expected.as_str())?,
            Piece::Field(letter, length) => parse_field(&mut parts, letter, length, rest)?,
        };
    }
    if !rest.is_empty() {
        return None;
    }
    let hour = match (parts.hour.unwrap_or(0), parts.half) {
        (12, Some(false)) => 0,
        (hour, Some(true)) if hour < 12 => hour + 12,
        (hour, _) => hour,
    };
    let date =
        NaiveDate::from_ymd_opt(parts.year.unwrap_or(1), parts.month.unwrap_or(1), parts.day.unwrap_or(1))?;
    let time =
        date.and_hms_nano_opt(hour, parts.minute.unwrap_or(0), parts.second.unwrap_or(0), parts.nanosecond)?;
    Some(time.and_utc().timestamp_millis() - parts.offset_minutes * 60_000)
}

/// Reads one field and returns what follows.
fn parse_field<'a>(parts: &mut Parts, letter: char, length: usize, text: &'a str) -> Option<&'a str> {
    let most = if length == 1 { 2 } else { length };
    match (letter, length) {
        ('y', 1 | 2) => {
            let (year, rest) = digits(text, 2)?;
            // .NET's default window: 30 to 99 are 1930 to 1999.
            parts.year = Some(if year < 30 { 2_000 } else { 1_900 } + i32::try_from(year).ok()?);
            Some(rest)
        }
        ('y', _) => {
            let (year, rest) = digits(text, length)?;
            parts.year = i32::try_from(year).ok();
            Some(rest)
        }
        ('M', 3..) => {
            let (month, rest) = named(&MONTHS, text, length == 3)?;
            parts.month = Some(month + 1);
            Some(rest)
        }
        ('d', 3..) => Some(named(&DAYS, text, length == 3)?.1),
        ('M' | 'd' | 'H' | 'h' | 'm' | 's', _) => {
            let (value, rest) = digits(text, most)?;
            let place = match letter {
                'M' => &mut parts.month,
                'd' => &mut parts.day,
                'm' => &mut parts.minute,
                's' => &mut parts.second,
                _ => &mut parts.hour,
            };
            *place = Some(value);
            Some(rest)
        }
        ('f' | 'F', _) => {
            let count = text.chars().take(length).take_while(char::is_ascii_digit).count();
            if letter == 'f' && count < length {
                return None;
            }
            let (fraction, rest) = text.split_at_checked(count)?;
            parts.nanosecond = format!("{fraction:0<9}").parse().ok()?;
            Some(rest)
        }
        ('t', _) => {
            let (half, rest) = text.split_at_checked(length.min(2))?;
            parts.half = match half.to_ascii_uppercase().as_str() {
                "A" | "AM" => Some(false),
                "P" | "PM" => Some(true),
                _ => return None,
            };
            Some(rest)
        }
        ('K', _) if text.is_empty() => Some(text),
        _ => offset(parts, text),
    }
}

/// `Z`, `+8`, `+08`, `+08:00`.
fn offset<'a>(parts: &mut Parts, text: &'a str) -> Option<&'a str> {
    if let Some(rest) = text.strip_prefix('Z') {
        return Some(rest);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = match rest.strip_prefix(':').and_then(|rest| digits(rest, 2)) {
        Some((minutes, rest)) => (minutes, rest),
        None => (0, rest),
    };
    parts.offset_minutes = sign * (i64::from(hours) * 60 + i64::from(minutes));
    (hours <= 14 && minutes < 60).then_some(rest)
}

fn digits(text: &str, most: usize) -> Option<(u32, &str)> {
    let count = text.chars().take(most).take_while(char::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(count)?;
    Some((number.parse().ok()?, rest))
}

fn named<'a>(names: &[&str], text: &'a str, short: bool) -> Option<(u32, &'a str)> {
    names.iter().enumerate().find_map(|(index, name)| {
        let length = if short { 3 } else { name.len() };
        let (start, rest) = text.split_at_checked(length)?;
        let fits = name.get(..length).is_some_and(|name| name.eq_ignore_ascii_case(start));
        fits.then_some((u32::try_from(index).ok()?, rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::iso8601;

    #[test]
    fn parse_and_print_agree() {
        for (text, format, utc) in [
            ("20150123105347.1Z", "yyyyMMddHHmmss.fZ", "2015-01-23T10:53:47.100Z"),
            ("2023-12-31-08:00", "yyyy-MM-ddzzz", "2023-12-31T08:00:00.000Z"),
            ("3 Feb 2024, 4:05 PM", "d MMM yyyy, h:mm tt", "2024-02-03T16:05:00.000Z"),
            ("Monday, 05 February 2024", "dddd, dd MMMM yyyy", "2024-02-05T00:00:00.000Z"),
            ("12/31/99", "MM/dd/yy", "1999-12-31T00:00:00.000Z"),
            ("12:00 AM 1/2/2024", "h:mm tt M/d/yyyy", "2024-01-02T00:00:00.000Z"),
            ("on 2024-01-02", "'on' yyyy-MM-dd", "2024-01-02T00:00:00.000Z"),
        ] {
            assert_eq!(parse(text, format).map(iso8601).as_deref(), Some(utc), "{text}");
        }
        for (text, format) in
            [("2024-1", "yyyy-MM-dd"), ("2024-13-01", "yyyy-MM-dd"), ("x", "yyyy"), ("2024x", "yyyy")]
        {
            assert_eq!(parse(text, format), None, "{text}");
        }
        let time = date_of("2024-02-03T16:05:06.070Z");
        for (format, printed) in [
            ("M/d/yyyy h:mm:ss tt", "2/3/2024 4:05:06 PM"),
            ("yyyy-MM-ddTHH:mm:ss.fffK", "2024-02-03T16:05:06.070Z"),
            ("ddd dddd MMM MMMM yy", "Sat Saturday Feb February 24"),
            ("HH\\h FFF zzz", "16h 07 +00:00"),
        ] {
            assert_eq!(print(time, format), printed);
        }
    }

    fn date_of(text: &str) -> i64 {
        crate::date::parse(text).unwrap()
    }
}
