//! What an answer of login or Graph means.

use std::fmt;

use serde_json::Value;

/// An answer, as plain data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After` in seconds, when there is one.
    pub retry_after: Option<u32>,
    /// The body.
    pub body: String,
}

/// Longest part of an error's text that is kept.
const MAX_MESSAGE: usize = 500;

/// What kind of failure it is: what is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The credentials are wrong: a person has to see to it.
    Credentials,
    /// A permission is missing: a person has to see to it.
    Permission,
    /// The access token is no good (any more).
    Token,
    /// The place in the history is lost: read everything again.
    Resync,
    /// Asked too often.
    Throttled,
    /// Passes by itself.
    Passing,
    /// The request is refused for another reason: a person has to see to it.
    Refused,
}

/// A failure, for the log and for the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is done about it.
    pub kind: FailureKind,
    /// The other side's code, or ours.
    pub code: String,
    /// What it said.
    pub message: String,
    /// How long it wants to be left alone, in seconds.
    pub retry_after: Option<u32>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// Graph's codes for a delta token that it does not know any more.
const RESYNC: [&str; 6] = [
    "syncstatenotfound",
    "syncstateinvalid",
    "syncstateexpired",
    "resyncrequired",
    "directory_expiredpagetoken",
    "directory_resyncrequired",
];

impl Failure {
    /// No answer at all.
    pub fn transport(message: &str) -> Self {
        Self {
            kind: FailureKind::Passing,
            code: "NoAnswer".to_owned(),
            message: cut(message),
            retry_after: None,
        }
    }

    /// An answer that cannot be understood.
    pub(super) fn garbled(message: String) -> Self {
        Self { kind: FailureKind::Passing, code: "UnexpectedAnswer".to_owned(), message, retry_after: None }
    }

    /// An answer of the login other than 200.
    pub(super) fn of_login(answer: &Answer) -> Self {
        let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let kind = passing(answer.status).unwrap_or(FailureKind::Credentials);
        let code = Some(text("error")).filter(|code| !code.is_empty()).unwrap_or("LoginRefused");
        // The first line says what is wrong; trace ids follow.
        let said = text("error_description").lines().next().unwrap_or_default();
        let said =
            if said.is_empty() { format!("The login answered {}.", answer.status) } else { said.to_owned() };
        let advice = match advice(&said) {
            Some(advice) if kind == FailureKind::Credentials => format!(" {advice}"),
            _ => String::new(),
        };
        Self {
            kind,
            code: code.to_owned(),
            message: format!("{}{advice}", cut(&said)),
            retry_after: answer.retry_after,
        }
    }

    /// An answer of Graph other than 200. `continued`: whether the request followed a link.
    pub(super) fn of_graph(answer: &Answer, continued: bool) -> Self {
        let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        let text =
            |name: &str| body.pointer(&format!("/error/{name}")).and_then(Value::as_str).unwrap_or_default();
        let code = text("code");
        let is_resync = RESYNC.contains(&code.to_ascii_lowercase().as_str());
        let kind = match answer.status {
            401 => FailureKind::Token,
            410 => FailureKind::Resync,
            400..500 if is_resync => FailureKind::Resync,
            403 => FailureKind::Permission,
            status => match passing(status) {
                Some(kind) => kind,
                // A link that Graph itself gave is refused: its token is good for nothing any more.
                None if continued && matches!(status, 400 | 404) => FailureKind::Resync,
                None => FailureKind::Refused,
            },
        };
        let said = text("message");
        let said =
            if said.is_empty() { format!("Microsoft Graph answered {}.", answer.status) } else { cut(said) };
        let code = if code.is_empty() { format!("Http{}", answer.status) } else { code.to_owned() };
        Self { kind, code, message: said, retry_after: answer.retry_after }
    }
}

fn passing(status: u16) -> Option<FailureKind> {
    match status {
        429 => Some(FailureKind::Throttled),
        408 | 500.. => Some(FailureKind::Passing),
        _ => None,
    }
}

/// What to do about the usual mistakes, by the number in the login's answer.
fn advice(said: &str) -> Option<&'static str> {
    let table = [
        ("AADSTS7000215", "The client secret is wrong: enter the secret's value, not its id."),
        ("AADSTS7000222", "The client secret has expired: create a new one in the app registration."),
        (
            "AADSTS700027",
            "The certificate is not (any more) one of the application's: upload it under Certificates in the app registration, and compare the thumbprints.",
        ),
        (
            "AADSTS700024",
            "The certificate or the clock is out of its time: check when the certificate expires.",
        ),
        (
            "AADSTS700016",
            "There is no such application in the tenant: check the client id and the tenant id.",
        ),
        ("AADSTS90002", "There is no such tenant in this cloud: check the tenant id and the cloud."),
        ("AADSTS900023", "The tenant id is neither an id nor a domain."),
    ];
    table.iter().find(|(number, _)| said.contains(&format!("{number}:"))).map(|(_, advice)| *advice)
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn graph_failures_are_told_apart() {
        let check = |status: u16, code: &str, continued: bool, kind: FailureKind| {
            let body = json!({"error": {"code": code, "message": "m"}}).to_string();
            let failure = Failure::of_graph(&Answer { status, body, retry_after: None }, continued);
            assert_eq!(failure.kind, kind, "{status} {code}");
        };
        check(401, "InvalidAuthenticationToken", true, FailureKind::Token);
        check(403, "Authorization_RequestDenied", true, FailureKind::Permission);
        check(410, "", true, FailureKind::Resync);
        check(404, "syncStateNotFound", true, FailureKind::Resync);
        check(400, "SyncStateNotFound", false, FailureKind::Resync);
        check(400, "Directory_ExpiredPageToken", true, FailureKind::Resync);
        check(400, "Request_BadRequest", true, FailureKind::Resync);
        check(400, "Request_BadRequest", false, FailureKind::Refused);
        check(404, "Request_ResourceNotFound", false, FailureKind::Refused);
        check(429, "TooManyRequests", true, FailureKind::Throttled);
        check(408, "", true, FailureKind::Passing);
        check(500, "", true, FailureKind::Passing);
        check(503, "serviceNotAvailable", true, FailureKind::Passing);
        check(302, "", false, FailureKind::Refused);
    }

    #[test]
    fn login_failures_say_what_to_do() {
        let check = |status: u16, description: &str, kind: FailureKind, part: &str| {
            let body = json!({"error": "invalid_client", "error_description": description}).to_string();
            let failure = Failure::of_login(&Answer { status, body, retry_after: None });
            assert_eq!(failure.kind, kind, "{description}");
            assert!(failure.message.contains(part), "{}", failure.message);
        };
        let secret = "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1";
        check(401, secret, FailureKind::Credentials, "not its id");
        check(400, "AADSTS90002: Tenant 'x' not found.", FailureKind::Credentials, "the cloud");
        let key = "AADSTS700027: Client assertion failed signature validation.";
        check(401, key, FailureKind::Credentials, "upload it");
        check(400, "AADSTS1: ?", FailureKind::Credentials, "AADSTS1");
        check(429, "", FailureKind::Throttled, "429");
        check(503, "", FailureKind::Passing, "503");
        let failure = Failure::of_login(&Answer { status: 502, body: "<html>".into(), retry_after: Some(3) });
        assert_eq!((failure.code.as_str(), failure.retry_after), ("LoginRefused", Some(3)));
    }

    #[test]
    fn long_texts_are_cut() {
        let body = json!({"error": {"code": "c", "message": "x".repeat(MAX_MESSAGE + 1)}}).to_string();
        let failure = Failure::of_graph(&Answer { status: 400, body, retry_after: None }, false);
        assert_eq!(failure.message.len(), MAX_MESSAGE);
    }
}
