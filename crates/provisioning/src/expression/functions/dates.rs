//! Points in time. Results are in UTC and read `M/d/yyyy h:mm:ss tt`, as .NET prints them.

use chrono::{DateTime, Datelike, Days, Months, TimeDelta, Utc};

use super::arguments::Arguments;
use super::{Function, Kind, Run, optional, required};
use crate::date;
use crate::date_format;
use crate::expression::Value;
use crate::expression::ast::{Literal, Node};
use crate::expression::error::{ErrorKind, ExpressionError};

/// Seconds from 1601-01-01, where Windows' FILETIME begins, to the Unix epoch.
const FILETIME_EPOCH: i64 = 11_644_473_600;
/// FILETIME counts tenths of microseconds.
const TICKS: i64 = 10_000_000;
const INTERVALS: &[&str] = &["yyyy", "m", "d", "ww", "h", "n", "s"];

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "CDate",
        description: "The point in time that a text names, in UTC.",
        parameters: &[required("expression", Kind::DateTime)],
        repeats: 0,
        returns: Kind::DateTime,
        example: "CDate(\"2020-03-16-07:00\") → 3/16/2020 7:00:00 AM",
        run: Run::Values(c_date),
        check: None,
    },
    Function {
        name: "DateAdd",
        description: "A point in time so many intervals later, or earlier if the number is negative. Intervals: yyyy year, m month, d day, ww week, h hour, n minute, s second.",
        parameters: &[
            required("interval", Kind::String),
            required("value", Kind::Integer),
            required("date", Kind::DateTime),
        ],
        repeats: 0,
        returns: Kind::DateTime,
        example: "DateAdd(\"d\", 7, CDate(\"2012-03-16-07:00\")) → 3/23/2012 7:00:00 AM",
        run: Run::Values(date_add),
        check: Some(check_interval),
    },
    Function {
        name: "DateDiff",
        description: "Intervals from one point in time to another, negative if the second is earlier. Years, months and weeks (from Sunday) count how often the calendar turns, the others whole intervals.",
        parameters: &[
            required("interval", Kind::String),
            required("date1", Kind::DateTime),
            required("date2", Kind::DateTime),
        ],
        repeats: 0,
        returns: Kind::Integer,
        example: "DateDiff(\"d\", \"2021-08-18\", \"2021-08-31\") → 13",
        run: Run::Values(date_diff),
        check: Some(check_interval),
    },
    Function {
        name: "DateFromNum",
        description: "The point in time that a Windows FILETIME number names.",
        parameters: &[required("value", Kind::Integer)],
        repeats: 0,
        returns: Kind::DateTime,
        example: "DateFromNum(129699324000000000) → 1/1/2012 11:00:00 PM",
        run: Run::Values(date_from_num),
        check: None,
    },
    Function {
        name: "FormatDateTime",
        description: "A date in another form. Forms are .NET's custom date and time formats; dates with an offset are turned to UTC. The styles are accepted and not needed.",
        parameters: &[
            required("source", Kind::String),
            optional("dateTimeStyles", Kind::String),
            required("inputFormat", Kind::String),
            required("outputFormat", Kind::String),
        ],
        repeats: 0,
        returns: Kind::String,
        example: "FormatDateTime(\"20150123105347.1Z\", , \"yyyyMMddHHmmss.fZ\", \"yyyy-MM-dd\") → 2015-01-23",
        run: Run::Values(format_date_time),
        check: None,
    },
    Function {
        name: "Now",
        description: "The present time in UTC.",
        parameters: &[],
        repeats: 0,
        returns: Kind::DateTime,
        example: "Now() → 7/2/2021 3:33:38 PM",
        run: Run::Values(|arguments| Ok(print(arguments.environment().now))),
        check: None,
    },
    Function {
        name: "NumFromDate",
        description: "The Windows FILETIME number of a point in time.",
        parameters: &[required("value", Kind::DateTime)],
        repeats: 0,
        returns: Kind::Integer,
        example: "NumFromDate(\"2012-01-01T23:00:00Z\") → 129699324000000000",
        run: Run::Values(num_from_date),
        check: None,
    },
];

fn check_interval(arguments: &[Option<Node>]) -> Result<(), ExpressionError> {
    match arguments.first() {
        Some(Some(Node::Literal { value: Literal::Text(text), span }))
            if !INTERVALS.contains(&text.as_str()) =>
        {
            let message = format!("\"{text}\" is no interval: expected one of {}", INTERVALS.join(", "));
            Err(ExpressionError::new(ErrorKind::BadArguments, *span, message))
        }
        _ => Ok(()),
    }
}

fn print(unix_ms: i64) -> Value {
    Value::Text(date_format::print(unix_ms, "M/d/yyyy h:mm:ss tt"))
}

/// The date in an argument; `None` for null.
fn date(arguments: &Arguments<'_>, position: usize) -> Result<Option<DateTime<Utc>>, String> {
    let Some(text) = arguments.text(position)?.filter(|text| !text.is_empty()) else { return Ok(None) };
    let parsed = date::parse(&text).and_then(DateTime::<Utc>::from_timestamp_millis);
    parsed.map(Some).ok_or_else(|| format!("\"{text}\" is not a date"))
}

fn c_date(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(date(arguments, 0)?.map_or(Value::Null, |date| print(date.timestamp_millis())))
}

fn date_add(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (Some(date), Some(value)) = (date(arguments, 2)?, arguments.number(1)?) else {
        return Ok(Value::Null);
    };
    let interval = arguments.text(0)?.unwrap_or_default();
    let seconds = |unit: i64| {
        let delta = TimeDelta::try_seconds(value.checked_mul(unit)?)?;
        date.checked_add_signed(delta)
    };
    let shifted = match interval.as_str() {
        "yyyy" => months(date, value.checked_mul(12)),
        "m" => months(date, Some(value)),
        "d" => days(date, Some(value)),
        "ww" => days(date, value.checked_mul(7)),
        "h" => seconds(3_600),
        "n" => seconds(60),
        "s" => seconds(1),
        _ => return Err(format!("\"{interval}\" is no interval")),
    };
    shifted
        .map(|date| print(date.timestamp_millis()))
        .ok_or_else(|| "the result is no date any more".to_owned())
}

fn months(date: DateTime<Utc>, value: Option<i64>) -> Option<DateTime<Utc>> {
    let value = value?;
    let count = Months::new(u32::try_from(value.unsigned_abs()).ok()?);
    if value < 0 { date.checked_sub_months(count) } else { date.checked_add_months(count) }
}

fn days(date: DateTime<Utc>, value: Option<i64>) -> Option<DateTime<Utc>> {
    let value = value?;
    let count = Days::new(value.unsigned_abs());
    if value < 0 { date.checked_sub_days(count) } else { date.checked_add_days(count) }
}

fn date_diff(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (Some(from), Some(to)) = (date(arguments, 1)?, date(arguments, 2)?) else { return Ok(Value::Null) };
    let interval = arguments.text(0)?.unwrap_or_default();
    let whole = (to - from).num_milliseconds();
    let sunday = |date: DateTime<Utc>| {
        i64::from(date.num_days_from_ce()) - i64::from(date.weekday().num_days_from_sunday())
    };
    let year = i64::from(to.year()) - i64::from(from.year());
    Ok(Value::Number(match interval.as_str() {
        "yyyy" => year,
        "m" => year * 12 + i64::from(to.month()) - i64::from(from.month()),
        "d" => whole / 86_400_000,
        "ww" => (sunday(to) - sunday(from)) / 7,
        "h" => whole / 3_600_000,
        "n" => whole / 60_000,
        "s" => whole / 1_000,
        _ => return Err(format!("\"{interval}\" is no interval")),
    }))
}

fn date_from_num(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(number) = arguments.number(0)? else { return Ok(Value::Null) };
    let milliseconds = number / (TICKS / 1_000) - FILETIME_EPOCH * 1_000;
    Ok(print(milliseconds))
}

fn num_from_date(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(date) = date(arguments, 0)? else { return Ok(Value::Null) };
    let milliseconds = date.timestamp_millis() + FILETIME_EPOCH * 1_000;
    let number = milliseconds.checked_mul(TICKS / 1_000).ok_or("the date is out of range")?;
    Ok(Value::Number(number))
}

fn format_date_time(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(source) = arguments.text(0)?.filter(|text| !text.is_empty()) else { return Ok(Value::Null) };
    let (input, output) = (arguments.text(2)?.unwrap_or_default(), arguments.text(3)?.unwrap_or_default());
    let parsed = date_format::parse(source.trim(), &input)
        .ok_or_else(|| format!("\"{source}\" is not a date of the form {input}"))?;
    Ok(Value::Text(date_format::print(parsed, &output)))
}
