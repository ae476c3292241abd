//! Events: what the driver tells the machine.

use serde::{Deserialize, Serialize};

use super::effect::EffectId;
use super::entry::{Link, ReferenceEntry, SourceEntry};
use crate::id::Cursor;

/// Something that happened. The machine answers every event with effects.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The driver begins or resumes the cycle. The first event after [`super::Cycle::new`] or
    /// [`super::Cycle::resume`], and only then.
    Started,
    /// Answer to [`super::Effect::ReadPage`].
    Page {
        /// Objects in the order of the cursor. May be empty even when there is a next page.
        entries: Vec<SourceEntry>,
        /// Where the next page begins; `None` at the end.
        next: Option<Cursor>,
    },
    /// Answer to [`super::Effect::ReadReferences`].
    References {
        /// References in the order of the cursor.
        entries: Vec<ReferenceEntry>,
        /// Where the next page begins; `None` at the end.
        next: Option<Cursor>,
    },
    /// Answer to [`super::Effect::Send`]. Answers may come in any order.
    Response {
        /// The effect that it answers.
        effect_id: EffectId,
        /// What the target said, or why it could not.
        outcome: Result<ScimResponse, TransportError>,
    },
    /// Requests went together, or were made in other ways: by how much their number differs from that of the answers
    /// that follow. For the counters.
    Counted {
        /// Requests more than answers.
        requests: i64,
    },
    /// Answer to [`super::Effect::FindLink`]: who is linked to that account already.
    LinkFound {
        /// The effect that it answers.
        effect_id: EffectId,
        /// The link, if there is one.
        link: Option<Link>,
    },
    /// The batch of [`super::Effect::Commit`] is durable.
    Committed,
    /// The driver wants to stop here: its time or its number of requests is used up, or a person
    /// pressed Stop. No new object is begun, what is under way is finished and committed, and
    /// [`super::Effect::Yield`] follows.
    StopRequested,
}

/// An answer of the target, as plain data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScimResponse {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After` in seconds, when the target sent one.
    pub retry_after: Option<u32>,
    /// `Location`, when the target sent one.
    pub location: Option<String>,
    /// `Content-Type`, when the target sent one.
    pub content_type: Option<String>,
    /// The body as text; empty when there is none.
    pub body: String,
}

/// The exchange failed before there was an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransportError {
    /// What failed.
    pub kind: TransportErrorKind,
    /// The platform's own words, for the details of the log.
    pub message: String,
}

/// What failed in an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TransportErrorKind {
    /// No answer in time. The request may have been carried out.
    Timeout,
    /// The host name is unknown.
    Dns,
    /// Nobody listens there.
    Refused,
    /// No trusted connection.
    Tls,
    /// The answer is longer than the driver accepts.
    TooLarge,
    /// The token endpoint refused the OAuth client. The message is a sentence that names it.
    Credentials,
    /// The token endpoint could not be used at the moment. The message is a sentence that names it.
    TokenEndpoint,
    /// Anything else.
    Other,
}
