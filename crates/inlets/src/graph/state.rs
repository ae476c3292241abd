//! What is kept of an inlet between two steps. It is JSON in the store and grows by optional members only.

use serde::{Deserialize, Serialize};

use super::{Failure, Mirroring};
use crate::mirror::{Absent, Counts, Kind, Sweep};

/// Everything that is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct State {
    /// How far people are read.
    pub users: Feed,
    /// How far groups are read.
    pub groups: Feed,
    /// The round under way.
    pub round: Option<Round>,
    /// The last round that came to its end.
    pub last: Option<LastRound>,
    /// What went wrong last; cleared when a round comes to its end.
    pub error: Option<LastError>,
    /// Failures in a row.
    pub attempts: u32,
    /// Nothing is asked before this time, in Unix milliseconds.
    pub rest_until: Option<i64>,
    /// Removals that look like a mistake: nothing is swept away until a person lets it. What changes otherwise
    /// is followed meanwhile.
    pub held: Option<Absent>,
    /// A person let it.
    pub removals_allowed: bool,
    /// How assignments are that are mirrored, one an application.
    pub assignments: Vec<Mirroring>,
}

/// How far one kind of objects is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Feed {
    /// Where to read on: everything before it is durable. `None`: from the beginning.
    pub link: Option<String>,
    /// When the link was given, in Unix milliseconds.
    pub link_at: i64,
    /// Number of the last pass over everything.
    pub pass: i64,
    /// Whether that pass is still being read: absence says nothing yet.
    pub full: bool,
    /// Whether that pass is complete, and what it did not meet is still to be swept away.
    pub sweep: bool,
}

impl Feed {
    /// Forgets the place: everything is read again.
    pub(super) fn forget(&mut self) {
        *self = Self { pass: self.pass, ..Self::default() };
    }

    /// Begins a pass over everything. Each has a number of its own: what an earlier one met that was broken off
    /// may be gone by now.
    pub(super) fn begin(&mut self) {
        *self = Self { pass: self.pass + 1, full: true, ..Self::default() };
    }
}

impl State {
    /// Reads everything again in the next round. What was met before is not forgotten, so nobody is made twice.
    pub fn reset(&mut self) {
        self.users.forget();
        self.groups.forget();
        self.round = None;
        self.error = None;
        self.attempts = 0;
        self.rest_until = None;
        self.held = None;
        self.removals_allowed = false;
    }

    /// Lets the removals through that are held, or that the round under way would hold.
    pub fn allow_removals(&mut self) {
        self.removals_allowed = true;
    }

    pub(super) fn feed(&mut self, kind: Kind) -> &mut Feed {
        match kind {
            Kind::User => &mut self.users,
            Kind::Group => &mut self.groups,
        }
    }
}

/// What a round is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// Reads people, then groups.
    Read(Kind),
    /// Counts what would be swept away.
    Weigh,
    /// Sweeps away what a complete pass did not meet.
    Sweep(Sweep),
    /// Writes what had to wait: references to objects that came later, names that were taken.
    Settle {
        /// After this place.
        after: i64,
    },
    /// Reads who is assigned to an application, and makes it so here.
    Assign {
        /// Which, of those that are configured.
        place: usize,
    },
}

/// A round under way: all changes since the last one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Round {
    /// Unix milliseconds.
    pub started: i64,
    /// What it is at.
    pub phase: Phase,
    /// Whether everything was read, of people or of groups.
    pub full: bool,
    /// How often the place in the history was lost.
    pub resyncs: u32,
    /// Pages read.
    pub pages: u64,
    /// Entries read: people.
    pub users: u64,
    /// Entries read: groups.
    pub groups: u64,
    /// What was done.
    pub counts: Counts,
    /// Groups could not be read and will not be soon: once people are read, what is known of them is done first.
    #[serde(default)]
    pub without_groups: bool,
}

/// A round that came to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastRound {
    /// Unix milliseconds.
    pub started: i64,
    /// Unix milliseconds.
    pub ended: i64,
    /// Whether everything was read.
    pub full: bool,
    /// Pages read.
    pub pages: u64,
    /// Entries read: people.
    pub users: u64,
    /// Entries read: groups.
    pub groups: u64,
    /// What was done.
    pub counts: Counts,
}

/// What went wrong last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastError {
    /// The other side's code, or ours.
    pub code: String,
    /// What it means and what to do.
    pub message: String,
    /// Unix milliseconds.
    pub at: i64,
}

impl LastError {
    pub(super) fn of(failure: &Failure, at: i64) -> Self {
        Self { code: failure.code.clone(), message: failure.message.clone(), at }
    }

    /// Whether it is the same as this one.
    pub(super) fn says(&self, failure: &Failure) -> bool {
        self.code == failure.code && self.message == failure.message
    }
}
