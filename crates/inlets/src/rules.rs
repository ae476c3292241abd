//! One person from several inlets: how they are found, and whose word counts.
//!
//! Inlets have an order: the lower its precedence, the more an inlet's word counts. Of an attribute, the value of
//! the first inlet that has one is written; an empty value is no word about it, so that another inlet's counts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The precedence of the first inlet of a directory.
pub const FIRST_PRECEDENCE: u32 = 100;
/// The distance of the next ones.
pub const PRECEDENCE_STEP: u32 = 10;
/// The highest precedence, which counts least.
pub const MAX_PRECEDENCE: u32 = 1_000;
/// Attributes that a person always has: nobody's leaving takes them away.
pub const ALWAYS_THERE: [&str; 2] = ["userPrincipalName", "accountEnabled"];

/// The attribute by which a person is found who is new to an inlet, but not to the directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum JoinBy {
    /// The sign-in name.
    #[default]
    UserPrincipalName,
    /// The work e-mail address.
    Mail,
    /// The number that the company gave the person.
    EmployeeId,
}

impl JoinBy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::UserPrincipalName, Self::Mail, Self::EmployeeId];

    /// The name of the source attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UserPrincipalName => "userPrincipalName",
            Self::Mail => "mail",
            Self::EmployeeId => "employeeId",
        }
    }

    /// The one of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|join| join.name() == name)
    }
}

impl fmt::Display for JoinBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The rules of an inlet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Rules {
    /// How people are found.
    pub join_by: JoinBy,
    /// Its place among the inlets: the lowest counts.
    pub precedence: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { join_by: JoinBy::default(), precedence: FIRST_PRECEDENCE }
    }
}

/// The precedence of an inlet that is added to others: after all of them, as far as there is room.
pub fn next_precedence(taken: &[u32]) -> u32 {
    let last = taken.iter().max().map_or(FIRST_PRECEDENCE, |last| last.saturating_add(PRECEDENCE_STEP));
    if last <= MAX_PRECEDENCE {
        return last;
    }
    (0..=MAX_PRECEDENCE).rev().find(|number| !taken.contains(number)).unwrap_or(MAX_PRECEDENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inlet_that_is_added_comes_last() {
        assert_eq!(next_precedence(&[]), FIRST_PRECEDENCE);
        assert_eq!(next_precedence(&[100, 5]), 110);
        assert_eq!(next_precedence(&[MAX_PRECEDENCE, 999]), 998);
    }

    #[test]
    fn joins_have_the_names_of_attributes() {
        for join in JoinBy::ALL {
            assert_eq!(JoinBy::from_name(join.name()), Some(join));
            assert!(crate::attributes::find(join.name()).is_some());
            assert_eq!(serde_json::to_value(join).ok(), Some(join.name().into()));
        }
        assert_eq!(JoinBy::from_name("city"), None);
        let rules: Rules = serde_json::from_str("{}").expect("rules");
        assert_eq!(rules, Rules::default());
    }
}
