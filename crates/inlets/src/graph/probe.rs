//! Test Connection: the same queries as a round's, with no data (`$deltatoken=latest`), so that what a round
//! would be refused shows at once.

use super::machine::first_url;
use super::{Answer, Failure, FailureKind, Settings};
use crate::mirror::Kind;

/// One query to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What it would read.
    pub kind: Kind,
    /// Where.
    pub url: String,
}

/// The application permission that reading needs, the least of those that do.
pub fn permission_of(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "User.Read.All",
        Kind::Group => "GroupMember.Read.All",
    }
}

impl Probe {
    /// The queries of an inlet.
    pub fn all(settings: &Settings) -> [Self; 2] {
        [Kind::User, Kind::Group]
            .map(|kind| Self { kind, url: format!("{}&$deltatoken=latest", first_url(settings, kind)) })
    }

    /// What answers to the queries say: nothing, or the one thing to change first. Missing permissions are
    /// named together.
    pub fn verdict(answers: &[(Kind, Answer)]) -> Result<(), Failure> {
        let failures: Vec<(Kind, Failure)> = answers
            .iter()
            .filter(|(_, answer)| answer.status != 200)
            .map(|(kind, answer)| (*kind, Failure::of_graph(answer, false)))
            .collect();
        let missing: Vec<&str> = failures
            .iter()
            .filter(|(_, failure)| failure.kind == FailureKind::Permission)
            .map(|(kind, _)| permission_of(*kind))
            .collect();
        let Some((_, first)) = failures.into_iter().next() else { return Ok(()) };
        if missing.is_empty() {
            return Err(first);
        }
        Err(Failure { message: missing_permissions(&missing), ..first })
    }
}

/// What to do about missing permissions.
pub(super) fn missing_permissions(names: &[&str]) -> String {
    let kind = if names.len() == 1 { "permission" } else { "permissions" };
    format!(
        "The application lacks the application {kind} {} of Microsoft Graph. Add {} in the app registration and grant admin consent.",
        names.join(" and "),
        if names.len() == 1 { "it" } else { "them" }
    )
}
