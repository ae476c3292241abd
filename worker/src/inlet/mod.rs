//! An inlet at the edge: its settings, the requests to login and Graph, and the driver that runs its machine in
//! slices. What is decided is decided in `inlets::graph`.

mod assign;
pub mod connection;
pub mod control;
pub mod credential;
mod interval;
mod keep;
pub mod record;
pub mod removal;
pub mod run;
pub mod status;

/// Names of an inlet's settings in its store.
pub mod keys {
    /// The inlet's record ([`super::record::InletSettings`]).
    pub const RECORD: &str = "record";
    /// The sealed client secret, or the key of the certificate.
    pub const SECRET: &str = "secret";
    /// The machine's state.
    pub const STATE: &str = "state";
    /// When the next round starts, in Unix milliseconds.
    pub const NEXT_RUN: &str = "nextRun";
    /// What of the directory comes from the inlet, counted at the end of a round.
    pub const MIRRORED: &str = "mirrored";
    /// Set when a round changed the directory, until cron has told the jobs.
    pub const NEWS: &str = "news";
    /// Slices in a row that failed on our side, for the pause.
    pub const FAILED_SLICES: &str = "failedSlices";
    /// Set with the last state of a round, until what belongs to its end is done.
    pub const ENDED: &str = "ended";
    /// What the log of the round under way says already.
    pub const TOLD: &str = "told";
    /// Set in the place of all others when the inlet is being removed.
    pub const REMOVAL: &str = "removal";

    /// All but [`REMOVAL`].
    pub const ALL: [&str; 9] = [RECORD, SECRET, STATE, NEXT_RUN, MIRRORED, NEWS, FAILED_SLICES, ENDED, TOLD];
}
