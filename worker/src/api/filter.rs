//! `$filter` of the provisioning log: conditions joined by `and`.
//!
//! `property eq 'text'`, `contains(property,'text')` and `property ge|gt|le|lt value` over the properties of
//! [`ENTRY`], [`MEMBERS`] and [`APPLICATION`]. Anything else is an error that names the place, never "all rows".

use provisioning::log::Initiator;
use store::job::{Comparison, LogFilter};

use crate::error::ApiError;
use crate::job::engine::SOURCE_SYSTEM;
use crate::platform::clock;

/// What a filter asks for: the entries, and in which application or job.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// `servicePrincipal/id eq`.
    pub service_principal_id: Option<String>,
    /// `jobId eq`.
    pub job_id: Option<String>,
    /// Conditions on what is the same in all entries of an application: property, comparison, value.
    pub application: Vec<(&'static str, Comparison, String)>,
    /// The rest.
    pub entries: LogFilter,
}

/// What all entries of an application have in common.
pub struct Application<'a> {
    /// The service principal.
    pub id: &'a str,
    /// Its name.
    pub display_name: &'a str,
    /// The organization.
    pub tenant_id: &'a str,
    /// The workforce directory.
    pub source_id: &'a str,
}

/// Properties that take `eq`: the columns of an entry, and what says where to look.
const ENTRY: [&str; 13] = [
    "id",
    "servicePrincipal/id",
    "jobId",
    "cycleId",
    "changeId",
    "provisioningAction",
    "action",
    "provisioningStatusInfo/status",
    "statusInfo/status",
    "provisioningStatusInfo/errorInformation/errorCode",
    "statusInfo/errorInformation/errorCode",
    "sourceIdentity/id",
    "targetIdentity/id",
];

/// Properties that take `eq` and `contains`: members of an entry.
const MEMBERS: [&str; 6] = [
    "sourceIdentity/displayName",
    "targetIdentity/displayName",
    "sourceIdentity/identityType",
    "targetIdentity/identityType",
    "provisioningStatusInfo/errorInformation/reason",
    "provisioningStatusInfo/errorInformation/errorCategory",
];

/// Properties that take `eq` and `contains`: what is the same in all entries of an application, by the names that
/// it has now.
const APPLICATION: [&str; 8] = [
    "servicePrincipal/displayName",
    "tenantId",
    "sourceSystem/id",
    "sourceSystem/displayName",
    "targetSystem/id",
    "targetSystem/displayName",
    "initiatedBy/initiatorType",
    "initiatedBy/displayName",
];

/// How long an entry took.
const DURATION: &str = "durationInMilliseconds";

impl Selection {
    /// Whether entries of an application can be among those that are asked for.
    pub fn admits(&self, application: &Application<'_>) -> bool {
        let service = Initiator::service();
        self.service_principal_id.as_ref().is_none_or(|id| id == application.id)
            && self.job_id.as_ref().is_none_or(|job_id| job_id.ends_with(application.id))
            && self.application.iter().all(|(property, comparison, value)| {
                let found = match *property {
                    "servicePrincipal/displayName" | "targetSystem/displayName" => application.display_name,
                    "tenantId" => application.tenant_id,
                    "sourceSystem/id" => application.source_id,
                    "sourceSystem/displayName" => SOURCE_SYSTEM,
                    "targetSystem/id" => application.id,
                    "initiatedBy/initiatorType" => service.initiator_type.as_str(),
                    _ => &service.display_name,
                };
                match comparison {
                    Comparison::Contains => found.to_lowercase().contains(&value.to_lowercase()),
                    _ => found == value,
                }
            })
    }

    /// Adds a condition with text.
    fn compare(
        &mut self,
        at: usize,
        property: &str,
        comparison: Comparison,
        value: String,
    ) -> Result<(), ApiError> {
        let is_contained = comparison == Comparison::Contains;
        if let Some(name) = APPLICATION.into_iter().find(|name| *name == property) {
            self.application.push((name, comparison, value));
            return Ok(());
        }
        if property == "sourceIdentity/displayName" && is_contained && self.entries.name_contains.is_none() {
            self.entries.name_contains = Some(value);
            return Ok(());
        }
        if MEMBERS.contains(&property) {
            self.entries.members.push((property.replace('/', "."), comparison, value));
            return Ok(());
        }
        if is_contained {
            return Err(ApiError::bad_request(format!(
                "$filter: contains() works on {} and {}, not on `{property}` (at character {}).",
                MEMBERS.join(", "),
                APPLICATION.join(", "),
                at + 1
            )));
        }
        let entries = &mut self.entries;
        let slot = match property {
            "id" => &mut entries.id,
            "servicePrincipal/id" => &mut self.service_principal_id,
            "jobId" => &mut self.job_id,
            "cycleId" => &mut entries.cycle_id,
            "changeId" => &mut entries.change_id,
            "provisioningAction" | "action" => &mut entries.action,
            "provisioningStatusInfo/status" | "statusInfo/status" => &mut entries.status,
            "provisioningStatusInfo/errorInformation/errorCode" | "statusInfo/errorInformation/errorCode" => {
                &mut entries.error_code
            }
            "sourceIdentity/id" => &mut entries.source_id,
            "targetIdentity/id" => &mut entries.target_id,
            _ => {
                return Err(ApiError::bad_request(format!(
                    "$filter: `{property}` (at character {}) cannot be filtered. Use activityDateTime, {DURATION}, {}, {} or {}.",
                    at + 1,
                    ENTRY.join(", "),
                    MEMBERS.join(", "),
                    APPLICATION.join(", ")
                )));
            }
        };
        match slot {
            Some(known) if *known != value => Err(ApiError::bad_request(format!(
                "$filter: `{property}` (at character {}) is `{known}` already; an entry has one value.",
                at + 1
            ))),
            _ => {
                *slot = Some(value);
                Ok(())
            }
        }
    }
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
            selection.compare(*at, property, Comparison::Contains, value.clone())?;
            Ok(rest)
        }
        [(at, Token::Word(property)), (_, Token::Word(operator)), (_, value), rest @ ..] => {
            let value = match value {
                Token::Text(value) | Token::Word(value) => value.clone(),
                other => return Err(unexpected(*at, other, "a value")),
            };
            match (property.as_str(), operator.as_str()) {
                ("activityDateTime", _) => time(*at, operator, &value, &mut selection.entries)?,
                (DURATION, _) => took(*at, operator, &value, &mut selection.entries)?,
                (_, "eq") => selection.compare(*at, property, Comparison::Equal, value)?,
                _ => return Err(unknown_operator(*at, property, operator, "eq")),
            }
            Ok(rest)
        }
        [(at, token), ..] => Err(unexpected(*at, token, "a condition such as jobId eq '…'")),
        [] => Err(ApiError::bad_request("$filter ends where a condition is expected.")),
    }
}

/// `activityDateTime`: of several bounds the narrowest.
fn time(at: usize, operator: &str, value: &str, entries: &mut LogFilter) -> Result<(), ApiError> {
    let time = clock::parse_rfc3339(value).ok_or_else(|| {
        ApiError::bad_request(format!(
            "$filter: `{value}` is not a date and time such as 2026-01-31T00:00:00Z."
        ))
    })?;
    let (from, to) = match operator {
        "eq" => (Some(time), Some(time)),
        "ge" => (Some(time), None),
        "gt" => (Some(time + 1), None),
        "le" => (None, Some(time)),
        "lt" => (None, Some(time - 1)),
        _ => return Err(unknown_operator(at, "activityDateTime", operator, "ge, gt, le, lt or eq")),
    };
    entries.from = entries.from.max(from);
    entries.to = entries.to.into_iter().chain(to).min();
    Ok(())
}

/// `durationInMilliseconds`.
fn took(at: usize, operator: &str, value: &str, entries: &mut LogFilter) -> Result<(), ApiError> {
    let number: i64 = value.parse().map_err(|_| {
        ApiError::bad_request(format!("$filter: {DURATION} is compared with a whole number, not `{value}`."))
    })?;
    let mut bound = |comparison, number: i64| {
        entries.members.push((DURATION.to_owned(), comparison, number.to_string()));
    };
    match operator {
        "gt" => bound(Comparison::Above, number),
        "ge" => bound(Comparison::Above, number.saturating_sub(1)),
        "lt" => bound(Comparison::Below, number),
        "le" => bound(Comparison::Below, number.saturating_add(1)),
        "eq" => {
            bound(Comparison::Above, number.saturating_sub(1));
            bound(Comparison::Below, number.saturating_add(1));
        }
        _ => return Err(unknown_operator(at, DURATION, operator, "gt, ge, lt, le or eq")),
    }
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
        check("jobId eq 'a' and jobId eq 'b'", "`jobId` (at character 18) is `a` already");
        check("durationInMilliseconds gt soon", "whole number");
        check("durationInMilliseconds contains 5", "takes gt, ge, lt, le or eq");
        check("activityDateTime ge yesterday", "not a date");
        check(&"x".repeat(MAXIMUM_LENGTH + 1), "longer than");
    }

    #[test]
    fn every_property_of_an_entry_can_be_filtered() {
        let equal = |property: &str| parse(&format!("{property} eq 'x'"));
        let contains = |property: &str| parse(&format!("contains({property},'x')"));
        for property in ENTRY.into_iter().chain(MEMBERS).chain(APPLICATION) {
            let selection = equal(property).unwrap_or_else(|error| panic!("{property}: {}", error.message));
            assert_ne!(selection, Selection::default(), "{property}");
        }
        for property in MEMBERS.into_iter().chain(APPLICATION) {
            let selection =
                contains(property).unwrap_or_else(|error| panic!("{property}: {}", error.message));
            assert_ne!(selection, Selection::default(), "{property}");
        }
        let member = |text: &str, expected: &[(&str, Comparison, &str)]| {
            let found = parse(text).map(|selection| selection.entries.members);
            let expected: Vec<_> = expected
                .iter()
                .map(|(path, how, value)| ((*path).to_owned(), *how, (*value).to_owned()))
                .collect();
            assert_eq!(found.ok(), Some(expected), "{text}");
        };
        let duration = "durationInMilliseconds";
        member("durationInMilliseconds ge 5", &[(duration, Comparison::Above, "4")]);
        member("durationInMilliseconds lt 5", &[(duration, Comparison::Below, "5")]);
        member(
            "durationInMilliseconds eq 5",
            &[(duration, Comparison::Above, "4"), (duration, Comparison::Below, "6")],
        );
        member(
            "sourceIdentity/displayName eq 'Ada'",
            &[("sourceIdentity.displayName", Comparison::Equal, "Ada")],
        );
        let narrow = "activityDateTime gt 1970-01-01T00:00:01Z and activityDateTime ge 1970-01-01T00:00:00Z";
        assert_eq!(parse(narrow).ok().and_then(|selection| selection.entries.from), Some(1_001));
    }

    #[test]
    fn applications_are_left_out_by_what_their_entries_have_in_common() {
        let application =
            Application { id: "sp-1", display_name: "Peakon", tenant_id: "org", source_id: "dir" };
        for (filter, expected) in [
            ("servicePrincipal/displayName eq 'Peakon'", true),
            ("servicePrincipal/displayName eq 'peakon'", false),
            ("contains(servicePrincipal/displayName,'PEAK')", true),
            ("contains(targetSystem/displayName,'Slack')", false),
            ("targetSystem/id eq 'sp-1'", true),
            ("tenantId eq 'org'", true),
            ("tenantId eq 'other'", false),
            ("sourceSystem/id eq 'dir' and contains(sourceSystem/displayName,'workforce')", true),
            ("sourceSystem/id eq 'dir' and tenantId eq 'other'", false),
            ("initiatedBy/initiatorType eq 'system'", true),
            ("initiatedBy/initiatorType eq 'user'", false),
            ("contains(initiatedBy/displayName,'Rollcall')", true),
            ("jobId eq 'scim.org.sp-1'", true),
            ("jobId eq 'scim.org.sp-2'", false),
            ("servicePrincipal/id eq 'sp-1'", true),
        ] {
            let selection = parse(filter).unwrap_or_else(|error| panic!("{filter}: {}", error.message));
            assert_eq!(selection.admits(&application), expected, "{filter}");
        }
    }
}
