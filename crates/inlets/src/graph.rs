//! The Microsoft Graph inlet: a company's people and groups by delta queries, as a state machine that calls
//! nothing.
//!
//! The driver makes a [`Sync`] with [`Sync::resume`], feeds [`Event::Started`], carries out the one [`Effect`]
//! that each step answers and tells what came of it, until [`Effect::Rest`] or [`Effect::Finish`]:
//!
//! ```text
//! Users ──► Groups ──► Sweep (after a pass over everything) ──► Settle ──► Assignments ──► done
//!   │  Get → Answer → Apply → Applied → Commit → Committed ─┐
//!   └───────────────────────────────────────────────────────┘
//! ```
//!
//! Invariants:
//! - A link is kept only after everything on its page is durable in the directory: a crash repeats a page.
//! - Who is absent is deleted only after a pass over everything has come to its end.
//! - An assignment is removed only after the application's whole list was read.
//! - What is wrong with assignments keeps nobody from being mirrored: the round goes on without them.
//! - The access token is sent to the Graph origin and nowhere else: a link to another place is refused.
//! - The client secret is not in here. The driver adds it to the [`TokenRequest`].
//!
//! Facts: Microsoft Graph v1.0, delta query overview; user: delta; group: delta; the OAuth 2.0 client
//! credentials flow of the Microsoft identity platform; throttling guidance.

mod answer;
mod assigned;
mod cloud;
mod effect;
mod machine;
mod page;
mod probe;
mod properties;
mod state;
mod token;

use crate::assignments::Mirrored;
use crate::rules::Rules;

pub use answer::{Answer, Failure, FailureKind};
pub use assigned::{Mirroring, NO_SERVICE_PRINCIPAL};
pub use cloud::{Cloud, CloudError, Endpoints};
pub use effect::{Effect, Event, Note, NoteLevel};
pub use machine::{Sync, step};
pub use page::{Link, Page, PageError};
pub use probe::{Probe, Subject, permission_of};
pub use properties::{Selection, SelectionError};
pub use state::{Feed, LastError, LastRound, Phase, Round, State};
pub use token::{AccessToken, TokenRequest};

/// What an inlet is configured to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The tenant: its id, or one of its domains.
    pub tenant_id: String,
    /// The application's id.
    pub client_id: String,
    /// Where the tenant is.
    pub endpoints: Endpoints,
    /// Which properties of people are read.
    pub selection: Selection,
    /// How people are found, and whose word counts.
    pub rules: Rules,
    /// Applications whose assignments are mirrored.
    pub assignments: Vec<Mirrored>,
    /// How long to rest after an error that a person has to see to, in milliseconds.
    pub interval_ms: i64,
}

#[cfg(test)]
mod tests;
