//! `Replace`: seven positional slots whose combination decides what is done.

use regex_lite::{Captures, Regex};

use super::arguments::Arguments;
use super::{Function, Kind, Run, optional, required};
use crate::expression::Value;
use crate::expression::ast::{Literal, Node};
use crate::expression::error::{ErrorKind, ExpressionError};
use crate::regex;

const OLD: usize = 1;
const PATTERN: usize = 2;
const GROUP: usize = 3;
const REPLACEMENT: usize = 4;
const ATTRIBUTE: usize = 5;
const TEMPLATE: usize = 6;

pub(super) const FUNCTIONS: &[Function] = &[Function {
    name: "Replace",
    description: "Replaces within a text, with regard to case. \
        oldValue + replacementValue: every oldValue in the source. \
        oldValue + template: every oldValue in the template becomes the source. \
        regexPattern + replacementValue: every match; ${name} and $1 stand for groups. \
        regexPattern + regexGroupName + replacementValue: only what the named group matched. \
        regexPattern + regexGroupName + replacementAttributeName: the source if it has a value, otherwise the named group's part of the other attribute.",
    parameters: &[
        required("source", Kind::String),
        optional("oldValue", Kind::String),
        optional("regexPattern", Kind::String),
        optional("regexGroupName", Kind::String),
        optional("replacementValue", Kind::String),
        optional("replacementAttributeName", Kind::String),
        optional("template", Kind::String),
    ],
    repeats: 0,
    returns: Kind::String,
    example: "Replace([mail], \"@contoso.com\", , , \"\", , ) → j for j@contoso.com",
    run: Run::Values(replace),
    check: Some(check),
}];

/// What the given slots ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Text,
    Template,
    Regex,
    Group,
    Extract,
}

fn mode(given: impl Fn(usize) -> bool) -> Result<Mode, &'static str> {
    match (given(OLD), given(PATTERN), given(GROUP), given(REPLACEMENT), given(ATTRIBUTE), given(TEMPLATE)) {
        (true, false, false, true, false, false) => Ok(Mode::Text),
        (true, false, false, _, false, true) => Ok(Mode::Template),
        (false, true, false, true, false, false) => Ok(Mode::Regex),
        (false, true, true, true, false, false) => Ok(Mode::Group),
        (false, true, true, false, true, false) => Ok(Mode::Extract),
        _ => Err("Replace takes oldValue with replacementValue or template; or regexPattern with \
            replacementValue, with regexGroupName and replacementValue, or with regexGroupName and \
            replacementAttributeName"),
    }
}

fn check(arguments: &[Option<Node>]) -> Result<(), ExpressionError> {
    let given = |position: usize| arguments.get(position).is_some_and(Option::is_some);
    let span = arguments.iter().flatten().map(Node::span).reduce(|a, b| a.to(b)).unwrap_or_default();
    mode(given).map_err(|message| ExpressionError::new(ErrorKind::BadArguments, span, message))?;
    let literal = |position: usize| match arguments.get(position) {
        Some(Some(Node::Literal { value: Literal::Text(text), span })) => Some((text, *span)),
        _ => None,
    };
    let Some((pattern, span)) = literal(PATTERN) else { return Ok(()) };
    let regex = regex::compile(pattern)
        .map_err(|message| ExpressionError::new(ErrorKind::BadRegex, span, message))?;
    let Some((group, span)) = literal(GROUP) else { return Ok(()) };
    if regex.capture_names().flatten().any(|name| name == group) {
        return Ok(());
    }
    let message = format!("the regular expression has no group named {group}: write (?<{group}>…)");
    Err(ExpressionError::new(ErrorKind::BadRegex, span, message))
}

fn replace(arguments: &Arguments<'_>) -> Result<Value, String> {
    let source = arguments.text(0)?;
    let mode = mode(|position| arguments.supplied(position))?;
    if mode == Mode::Extract {
        return match source {
            Some(source) if !source.is_empty() => Ok(Value::Text(source)),
            _ => extract(arguments),
        };
    }
    let Some(source) = source else { return Ok(Value::Null) };
    let slot = |position: usize| Ok::<_, String>(arguments.text(position)?.unwrap_or_default());
    Ok(Value::Text(match mode {
        Mode::Template => substitute(&slot(TEMPLATE)?, &slot(OLD)?, &source),
        Mode::Text => substitute(&source, &slot(OLD)?, &slot(REPLACEMENT)?),
        Mode::Group => {
            replace_group(&regex::compile(&slot(PATTERN)?)?, &source, &slot(GROUP)?, &slot(REPLACEMENT)?)
        }
        Mode::Regex | Mode::Extract => {
            let replacement = slot(REPLACEMENT)?;
            regex::compile(&slot(PATTERN)?)?
                .replace_all(&source, |captures: &Captures<'_>| expand(&replacement, captures))
                .into_owned()
        }
    }))
}

/// Nothing is not found anywhere: an empty `old` leaves the text as it is.
fn substitute(text: &str, old: &str, new: &str) -> String {
    if old.is_empty() { text.to_owned() } else { text.replace(old, new) }
}

fn extract(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(other) = arguments.text(ATTRIBUTE)? else { return Ok(Value::Null) };
    let regex = regex::compile(&arguments.text(PATTERN)?.unwrap_or_default())?;
    let group = arguments.text(GROUP)?.unwrap_or_default();
    let part = regex.captures(&other).and_then(|captures| Some(captures.name(&group)?.as_str().to_owned()));
    Ok(part.map_or(Value::Null, Value::Text))
}

fn replace_group(regex: &Regex, source: &str, group: &str, replacement: &str) -> String {
    let mut result = String::with_capacity(source.len());
    let mut done = 0;
    for captures in regex.captures_iter(source) {
        let Some(part) = captures.name(group) else { continue };
        if part.start() < done || (part.start() == part.end() && part.start() > 0) {
            continue;
        }
        result.push_str(source.get(done..part.start()).unwrap_or_default());
        result.push_str(&expand(replacement, &captures));
        done = part.end();
    }
    result.push_str(source.get(done..).unwrap_or_default());
    result
}

/// .NET's substitutions: `$1`, `${name}`, `$&`, `$$`. A group that does not exist stays as it is
/// written; one that matched nothing is empty.
fn expand(replacement: &str, captures: &Captures<'_>) -> String {
    let mut result = String::with_capacity(replacement.len());
    let mut rest = replacement;
    while let Some((before, after)) = rest.split_once('$') {
        result.push_str(before);
        rest = after;
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        if let Some(tail) = after.strip_prefix('$') {
            result.push('$');
            rest = tail;
        } else if let Some(tail) = after.strip_prefix('&') {
            result.push_str(captures.get(0).map_or("", |part| part.as_str()));
            rest = tail;
        } else if let Some((name, tail)) = after.strip_prefix('{').and_then(|tail| tail.split_once('}')) {
            let part = match name.parse() {
                Ok(index) => captures.get(index),
                Err(_) => captures.name(name),
            };
            result.push_str(part.map_or("", |part| part.as_str()));
            rest = tail;
        } else if let Ok(index) = digits.parse::<usize>()
            && index < captures.len()
        {
            result.push_str(captures.get(index).map_or("", |part| part.as_str()));
            rest = after.get(digits.len()..).unwrap_or_default();
        } else {
            result.push('$');
        }
    }
    result.push_str(rest);
    result
}
