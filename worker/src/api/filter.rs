//! `$filter` of the provisioning log: conditions joined by `and`.
//!
//! `property eq 'text'`, `contains(property,'text')` and `property ge|gt|le|lt time` over the properties of
//! [`Property`]. Anything else is an error that names the place, never "all rows".

use store::job::LogFilter;

use crate::error::ApiError;
use crate::platform::clock;

/// What a filter asks for: the entries, and in which application or job.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// `servicePrincipal/id eq`.
    pub service_principal_id: Option<String>,
    /// `jobId eq`.
    pub job_id: Option<String>,
    /// The rest.
    pub entries: LogFilter,
}

/// Longest filter.
const MAXIMUM_LENGTH: usize = 4_096;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
    Comma,
}

/// Reads a filter.
pub fn parse(text: &str) -> Result<Selection, ApiError> {
    if text.len() > MAXIMUM_LENGTH {
        return Err(ApiError::bad_request(format!("$filter is longer than {MAXIMUM_LENGTH} characters.")));
    }
    let tokens = tokens(text)?;
    let mut rest = tokens.as_slice();
    let mut selection = Selection::default();
    loop {
        rest = condition(rest, &mut selection)?;
        match rest.split_first() {
            None => return Ok(selection),
            Some(((_, Token::Word(word)), tail)) if word == "and" => rest = tail,
            Some(((at, token), _)) => return Err(unexpected(*at, token, "`and` or the end")),
        }
    }
}

type Placed = (usize, Token);

fn condition<'a>(tokens: &'a [Placed], selection: &mut Selection) -> Result<&'a [Placed], ApiError> {
    match tokens {
        [
            (_, Token::Word(function)),
            (_, Token::Open),
            (at, Token::Word(property)),
            (_, Token::Comma),
            (_, Token::Text(value)),
            (_, Token::Close),
            rest @ ..,
        ] if function == "contains" => {
            if property != "sourceIdentity/displayName" {
                return Err(ApiError::bad_request(format!(
                    "$filter: contains() works on sourceIdentity/displayName, not on `{property}` (at character {}).",
                    at + 1
                )));
            }
            selection.entries.name_contains = Some(value.clone());
            Ok(rest)
        }
        [(at, Token::Word(property)), (_, Token::Word(operator)), (_, value), rest @ ..] => {
            let value = match value {
                Token::Text(value) | Token::Word(value) => value.clone(),
                other => return Err(unexpected(*at, other, "a value")),
            };
            compare(*at, property, operator, value, selection)?;
            Ok(rest)
        }
        [(at, token), ..] => Err(unexpected(*at, token, "a condition such as jobId eq '…'")),
        [] => Err(ApiError::bad_request("$filter ends where a condition is expected.")),
    }
}

fn compare(
    at: usize,
    property: &str,
    operator: &str,
    value: String,
    selection: &mut Selection,
) -> Result<(), ApiError> {
    let entries = &mut selection.entries;
    if property == "activityDateTime" {
        let time = clock::parse_rfc3339(&value).ok_or_else(|| {
            ApiError::bad_request(format!(
                "$filter: `{value}` is not a date and time such as 2026-01-31T00:00:00Z."
            ))
        })?;
        match operator {
            "ge" => entries.from = Some(time),
            "gt" => entries.from = Some(time + 1),
            "le" => entries.to = Some(time),
            "lt" => entries.to = Some(time - 1),
            _ => return Err(unknown_operator(at, property, operator, "ge, gt, le or lt")),
        }
        return Ok(());
    }
    let slot = match property {
        "servicePrincipal/id" => &mut selection.service_principal_id,
        "jobId" => &mut selection.job_id,
        "cycleId" => &mut entries.cycle_id,
        "changeId" => &mut entries.change_id,
        "provisioningAction" => &mut entries.action,
        "provisioningStatusInfo/status" => &mut entries.status,
        "provisioningStatusInfo/errorInformation/errorCode" => &mut entries.error_code,
        "sourceIdentity/id" => &mut entries.source_id,
        "targetIdentity/id" => &mut entries.target_id,
        _ => {
            return Err(ApiError::bad_request(format!(
                "$filter: `{property}` (at character {}) cannot be filtered. Use servicePrincipal/id, jobId, cycleId, changeId, provisioningAction, provisioningStatusInfo/status, sourceIdentity/id, targetIdentity/id, activityDateTime or contains(sourceIdentity/displayName,'…').",
                at + 1
            )));
        }
    };
    if operator != "eq" {
        return Err(unknown_operator(at, property, operator, "eq"));
    }
    *slot = Some(value);
    Ok(())
}

fn unknown_operator(at: usize, property: &str, operator: &str, known: &str) -> ApiError {
    ApiError::bad_request(format!(
        "$filter: `{property}` (at character {}) takes {known}, not `{operator}`.",
        at + 1
    ))
}

fn unexpected(at: usize, token: &Token, wanted: &str) -> ApiError {
    let found = match token {
        Token::Word(word) => format!("`{word}`"),
        Token::Text(text) => format!("'{text}'"),
        Token::Open => "`(`".to_owned(),
        Token::Close => "`)`".to_owned(),
        Token::Comma => "`,`".to_owned(),
    };
    ApiError::bad_request(format!("$filter: expected {wanted}, found {found} at character {}.", at + 1))
}

fn tokens(text: &str) -> Result<Vec<Placed>, ApiError> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().enumerate().peekable();
    while let Some((at, character)) = characters.next() {
        let token = match character {
            ' ' => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '\'' => {
                let mut value = String::new();
                loop {
                    match characters.next() {
                        // A quote inside of a text is doubled.
                        Some((_, '\'')) if characters.peek().is_some_and(|(_, next)| *next == '\'') => {
                            characters.next();
                            value.push('\'');
                        }
                        Some((_, '\'')) => break,
                        Some((_, other)) => value.push(other),
                        None => {
                            return Err(ApiError::bad_request(format!(
                                "$filter: the text that begins at character {} does not end; close it with '.",
                                at + 1
                            )));
                        }
                    }
                }
                Token::Text(value)
            }
            first => {
                let mut word = String::from(first);
                while let Some((_, next)) =
                    characters.next_if(|(_, next)| !matches!(next, ' ' | '(' | ')' | ',' | '\''))
                {
                    word.push(next);
                }
                Token::Word(word)
            }
        };
        tokens.push((at, token));
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read() {
        let check = |text: &str, expected: Selection| match parse(text) {
            Ok(selection) => assert_eq!(selection, expected, "{text}"),
            Err(error) => panic!("{text}: {}", error.message),
        };
        check(
            "jobId eq 'j' and provisioningAction eq 'create'",
            Selection {
                job_id: Some("j".into()),
                entries: LogFilter { action: Some("create".into()), ..LogFilter::default() },
                ..Selection::default()
            },
        );
        check(
            "contains(sourceIdentity/displayName,'O''Neill')",
            Selection {
                entries: LogFilter { name_contains: Some("O'Neill".into()), ..LogFilter::default() },
                ..Selection::default()
            },
        );
        check(
            "activityDateTime gt 1970-01-01T00:00:01Z and activityDateTime le 1970-01-01T00:00:02Z",
            Selection {
                entries: LogFilter { from: Some(1_001), to: Some(2_000), ..LogFilter::default() },
                ..Selection::default()
            },
        );
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_place() {
        let check = |text: &str, part: &str| match parse(text) {
            Ok(selection) => panic!("{text} was read as {selection:?}"),
            Err(error) => assert!(error.message.contains(part), "{text}: {}", error.message),
        };
        check("", "ends where a condition");
        check("color eq 'red'", "`color` (at character 1)");
        check("jobId ne 'j'", "takes eq");
        check("jobId eq 'j' or cycleId eq 'c'", "expected `and` or the end, found `or` at character 14");
        check("jobId eq 'j", "does not end");
        check("contains(jobId,'x')", "sourceIdentity/displayName");
        check("activityDateTime ge yesterday", "not a date");
        check(&"x".repeat(MAXIMUM_LENGTH + 1), "longer than");
    }
}
