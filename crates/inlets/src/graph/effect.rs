//! What the driver is to do, and what it tells.

use super::{AccessToken, Answer, State, TokenRequest};
use crate::assignments::{Outcome, Wanted};
use crate::mirror::{Absent, Applied, Batch, Sweep};

/// Something to do. There is one at a time.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask for an access token; answered by [`Event::Answered`] or [`Event::Unanswered`].
    Token(TokenRequest),
    /// Read a page; answered by [`Event::Answered`] or [`Event::Unanswered`]. Redirects are not followed.
    Get {
        /// The address.
        url: String,
        /// Goes into the header `Authorization`.
        token: AccessToken,
    },
    /// Write a batch into the directory, as one transaction; answered by [`Event::Applied`].
    Apply(Box<Batch>),
    /// Count what complete passes did not meet; answered by [`Event::Weighed`].
    Weigh {
        /// Number of the pass over people; 0 when none is complete.
        users: i64,
        /// Number of the pass over groups; 0 when none is complete.
        groups: i64,
    },
    /// Sweep away a portion of what a complete pass did not meet; answered by [`Event::Applied`], where any
    /// `next` means that there is more.
    Sweep {
        /// What.
        sweep: Sweep,
        /// Number of the pass.
        pass: i64,
    },
    /// Write a portion of what had to wait; answered by [`Event::Applied`].
    Settle {
        /// After this place.
        after: i64,
    },
    /// Make the inlet's assignments to an application what is wanted; answered by [`Event::Assigned`].
    Assign(Box<Wanted>),
    /// Make the state durable and add the notes to the log, as one transaction; answered by
    /// [`Event::Committed`]. After it the driver may stop and resume later.
    Commit {
        /// Replaces the kept one.
        state: Box<State>,
        /// For the log.
        notes: Vec<Note>,
    },
    /// Over for now; resume at this time.
    Rest {
        /// Unix milliseconds.
        until: i64,
    },
    /// The round is over.
    Finish,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The driver begins or resumes. First, and only then.
    Started,
    /// Login or Graph answered.
    Answered(Answer),
    /// Login or Graph did not answer; the platform's words.
    Unanswered(String),
    /// The directory did its part.
    Applied(Applied),
    /// The directory counted.
    Weighed(Absent),
    /// The assignments are as they were wanted; `None`: there is no such application.
    Assigned(Option<Outcome>),
    /// The state is durable.
    Committed,
}

/// How much a note matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteLevel {
    /// Ordinary.
    Information,
    /// Passes by itself, or concerns one object.
    Warning,
    /// Somebody has to see to it.
    Error,
}

impl NoteLevel {
    /// The name in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// An entry of the inlet's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// How much it matters.
    pub level: NoteLevel,
    /// What kind of thing it is, for programs.
    pub code: String,
    /// What happened.
    pub message: String,
    /// The object that it concerns: its id at the source.
    pub source_id: Option<String>,
}
