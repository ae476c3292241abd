//! The API's codes about inlets in the words of the screen.

use crate::ui::badge::{Tone, badge};
use leptos::prelude::AnyView;

/// Clouds, and their names.
pub(super) const CLOUDS: [(&str, &str); 5] = [
    ("global", "Microsoft Entra ID (global)"),
    ("usGovernmentL4", "US Government L4"),
    ("usGovernmentL5", "US Government L5 (DoD)"),
    ("china", "China, operated by 21Vianet"),
    ("custom", "Another address"),
];

/// How an inlet signs in.
pub(super) const METHODS: [(&str, &str); 2] = [("secret", "Client secret"), ("certificate", "Certificate")];

/// A cloud's name.
pub(super) fn cloud(code: &str) -> String {
    CLOUDS.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name).to_owned()
}

/// State of an inlet, as a badge.
pub(super) fn state(code: &str) -> AnyView {
    match code {
        "running" => badge(Tone::Info, "Running"),
        "idle" => badge(Tone::Good, "Up to date"),
        "waiting" => badge(Tone::Bad, "Waiting to try again"),
        "paused" => badge(Tone::Warning, "Paused"),
        _ => badge(Tone::Neutral, "Unknown"),
    }
}

/// Level of a log entry, as a badge.
pub(super) fn level(code: &str) -> AnyView {
    match code {
        "error" => badge(Tone::Bad, "Error"),
        "warning" => badge(Tone::Warning, "Warning"),
        _ => badge(Tone::Neutral, "Information"),
    }
}

/// What a round is at.
pub(super) fn phase(code: &str) -> &'static str {
    match code {
        "users" => "Reading people",
        "groups" => "Reading groups",
        "sweep" => "Looking for what is gone",
        "assignments" => "Reading who is assigned to applications",
        "settle" => "Setting managers and memberships",
        _ => "Done",
    }
}

/// A heading for a code of `validateCredentials`.
pub(super) fn problem(code: &str) -> &'static str {
    match code {
        "InvalidCredentials" => "The credentials were not accepted.",
        "MissingPermission" => "A permission is missing.",
        "HostNotFound" => "The host was not found.",
        "ConnectionRefused" => "The connection was refused.",
        "Timeout" => "There was no answer in time.",
        "TlsError" => "A secure connection could not be made.",
        _ => "The test did not succeed.",
    }
}

/// Attributes by which people are found.
pub(super) const JOINS: [(&str, &str); 3] =
    [("userPrincipalName", "User principal name"), ("mail", "E-mail address"), ("employeeId", "Employee ID")];

/// The name of an attribute by which people are found.
pub(super) fn join(code: &str) -> String {
    JOINS.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name).to_owned()
}

/// The highest precedence.
pub(super) const MAX_PRECEDENCE: u32 = 1_000;

/// What is read whatever is chosen.
pub(super) const ALWAYS_READ: [&str; 2] = ["userPrincipalName", "accountEnabled"];

/// Attributes that an inlet can read, without extension attributes.
pub(super) const ATTRIBUTES: [&str; 26] = [
    "userPrincipalName",
    "displayName",
    "givenName",
    "surname",
    "mail",
    "mailNickname",
    "accountEnabled",
    "jobTitle",
    "department",
    "companyName",
    "employeeId",
    "employeeType",
    "employeeOrgData.division",
    "employeeOrgData.costCenter",
    "officeLocation",
    "streetAddress",
    "city",
    "state",
    "postalCode",
    "country",
    "usageLocation",
    "preferredLanguage",
    "telephoneNumber",
    "mobile",
    "facsimileTelephoneNumber",
    "manager",
];

#[cfg(test)]
mod tests {
    use super::*;
    use inlets::graph::Selection;
    use inlets::rules::{ALWAYS_THERE, JoinBy};

    #[test]
    fn lists_are_those_of_the_engine() {
        let unknown = Selection::new(&[]).and_then(|all| all.choosing(&["?".to_owned()])).unwrap_err();
        assert!(unknown.to_string().contains(&format!("choose of {}.", ATTRIBUTES.join(", "))), "{unknown}");
        assert_eq!(JOINS.map(|(name, _)| name), JoinBy::ALL.map(JoinBy::name));
        assert_eq!(ALWAYS_READ, ALWAYS_THERE);
        assert_eq!(MAX_PRECEDENCE, inlets::rules::MAX_PRECEDENCE);
        assert_eq!(join("mail"), "E-mail address");
    }
}
