//! Test Connection: the same queries as a round's, with no data (`$deltatoken=latest`), so that what a round
//! would be refused shows at once.

use super::machine::first_url;
use super::{Answer, Failure, FailureKind, Settings, assigned};
use crate::mirror::Kind;

/// What a query would read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// People or groups.
    Objects(Kind),
    /// Assignments to this service principal.
    Assignments(String),
}

/// One query to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What it would read.
    pub subject: Subject,
    /// Where.
    pub url: String,
}

impl Subject {
    fn permission(&self) -> &'static str {
        match self {
            Self::Objects(kind) => permission_of(*kind),
            Self::Assignments(_) => assigned::PERMISSION,
        }
    }

    fn failure(&self, answer: &Answer) -> Failure {
        let failure = Failure::of_graph(answer, false);
        match self {
            Self::Objects(_) => failure,
            Self::Assignments(source) => assigned::explained(failure, source),
        }
    }
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
    pub fn all(settings: &Settings) -> Vec<Self> {
        let objects = [Kind::User, Kind::Group].map(|kind| Self {
            subject: Subject::Objects(kind),
            url: format!("{}&$deltatoken=latest", first_url(settings, kind)),
        });
        let assignments = settings.assignments.iter().map(|mirrored| Self {
            subject: Subject::Assignments(mirrored.source.clone()),
            url: assigned::probe_url(settings, &mirrored.source),
        });
        objects.into_iter().chain(assignments).collect()
    }

    /// What answers to the queries say: nothing, or the one thing to change first. Missing permissions are
    /// named together.
    pub fn verdict(answers: &[(Subject, Answer)]) -> Result<(), Failure> {
        let failures: Vec<(&Subject, Failure)> = answers
            .iter()
            .filter(|(_, answer)| answer.status != 200)
            .map(|(subject, answer)| (subject, subject.failure(answer)))
            .collect();
        let mut missing: Vec<&str> = failures
            .iter()
            .filter(|(_, failure)| failure.kind == FailureKind::Permission)
            .map(|(subject, _)| subject.permission())
            .collect();
        missing.dedup();
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
