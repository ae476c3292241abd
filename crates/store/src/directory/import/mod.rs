//! The CSV import into a directory's database, in passes (rows, managers, groups, those who are missing) and in
//! chunks, each of which is one transaction.
//!
//! The file lies in parts beside the directory ([`Imports`]), and a chunk keeps in its own transaction what it did.
//! So an import may be broken off after any chunk: a [`Machine`] that begins anew reads the parts again, passes over
//! what was done by its outcome, and goes on behind it. Rows are counted off in the order of the file, people in the
//! order of their rows: what a chunk is about follows from the file alone.

mod groups;
mod managers;
mod missing;
mod people;
mod record;
mod rows;

pub use record::{
    IMPORTS_KEPT_MS, ImportEnd, ImportOptions, ImportRecord, ImportState, Imports, MAX_IMPORTS, PART_BYTES,
};

use std::collections::HashMap;

use inlets::csv::{
    ChunkOutcome, ColumnNames, FileError, Group, Header, Import, Notes, PlannedChange, Report, Roster, Tally,
    Unasked,
};
use scim::repository::RepositoryError;
use scim::schema::SchemaSet;

use self::record::Kept;
use self::rows::Reading;
use super::DirectoryStore;
use crate::sql::{SqlError, in_transaction};

/// People that are read and written in one transaction.
pub const CHUNK: usize = 90;

/// What the machine works with.
pub struct Work<'a> {
    /// The directory.
    pub store: DirectoryStore<'a>,
    /// Its schemas.
    pub schemas: &'a SchemaSet,
    /// Makes ids of new resources.
    pub new_id: &'a mut dyn FnMut() -> Result<String, RepositoryError>,
}

/// What a step did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The file has columns for these attributes. Those that the directory has not yet are to be added before the
    /// next step.
    Attributes(Vec<String>),
    /// So many rows, people and memberships were gone through.
    Worked(usize),
    /// There is no more to do.
    Done,
}

/// Why an import ends before it is done.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// The file cannot be used, or not beyond what was imported of it.
    File(FileError),
    /// So many people would go that somebody has to say so. Everything else was done.
    TooManyRemovals {
        /// How many are not in the file.
        missing: u64,
        /// How many were there before.
        all: u64,
    },
    /// People were renamed or brought back meanwhile, so that more are missing in the file than were counted. So
    /// many went; the rest did not.
    MoreRemovals {
        /// How many went.
        removed: u64,
    },
    /// The database failed.
    Store(RepositoryError),
}

impl From<RepositoryError> for Stop {
    fn from(error: RepositoryError) -> Self {
        Stop::Store(error)
    }
}

impl From<SqlError> for Stop {
    fn from(error: SqlError) -> Self {
        Stop::Store(error.into())
    }
}

/// How far a machine is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// `rows`, `managers`, `groups` or `missing`.
    pub phase: &'static str,
    /// Bytes of the file that were read.
    pub bytes: u64,
    /// Rows that were read, those with errors included.
    pub rows: u64,
    /// People whom the phase has gone through; of the first phase nothing.
    pub checked: u64,
}

/// What came of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Counts and errors.
    pub report: Report,
    /// What a preview lists.
    pub changes: Vec<PlannedChange>,
    /// Headers and what they were taken for.
    pub columns: Vec<(String, String)>,
    /// How the file is written.
    pub encoding: &'static str,
}

/// What is under way.
enum Pass {
    Rows(Box<Reading>),
    /// Which managers cannot be.
    Settle,
    /// The directory is asked about people whom the file does not have.
    Ask(Unasked, usize),
    Managers(usize),
    /// The ids of the groups that the file names, by folded name, as far as they are known.
    KnownGroups(i64, HashMap<String, String>),
    NewGroups(usize, HashMap<String, String>),
    Groups(usize, HashMap<String, String>, HashMap<String, Group>),
    /// Those who are missing are counted.
    Count(i64, Notes),
    Remove,
    Done,
}

/// One import at work. It lives in memory, and is made again from the database after a break.
pub struct Machine {
    number: i64,
    options: ImportOptions,
    now_ms: i64,
    tally: Tally,
    pass: Pass,
    /// The next chunk of the pass.
    chunk: i64,
    roster: Roster,
    /// Whom the directory refused.
    refused: Vec<String>,
    reached: Reached,
    columns: Vec<(String, String)>,
    encoding: &'static str,
    /// Where the removal is, in the order of creation.
    place: i64,
    /// How many may go, once they were counted.
    allowed: Option<u64>,
    /// Whether anything was done that had not been done before.
    further: bool,
}

impl Machine {
    /// At the beginning of an import whose file is there. `names` says what headers mean; it must be the same each
    /// time.
    pub fn new(record: &ImportRecord, names: ColumnNames) -> Self {
        Self {
            number: record.number,
            options: record.options,
            now_ms: record.started_ms,
            tally: Tally::new(record.options.preview),
            pass: Pass::Rows(Box::new(Reading::new(Import::with_names(names)))),
            chunk: 0,
            roster: Roster::default(),
            refused: Vec::new(),
            reached: Reached { phase: "rows", ..Reached::default() },
            columns: Vec::new(),
            encoding: "",
            place: 0,
            allowed: None,
            further: false,
        }
    }

    /// Does the next chunk. After [`Step::Done`] or an error there is none.
    pub fn step(&mut self, work: &mut Work<'_>) -> Result<Step, Stop> {
        match std::mem::replace(&mut self.pass, Pass::Done) {
            Pass::Rows(reading) => self.rows(work, reading),
            Pass::Settle => self.settle(work),
            Pass::Ask(unasked, index) => self.ask(work, unasked, index),
            Pass::Managers(index) => self.managers(work, index),
            Pass::KnownGroups(after, ids) => self.known_groups(work, after, ids),
            Pass::NewGroups(index, ids) => self.new_groups(work, index, ids),
            Pass::Groups(index, ids, known) => self.groups(work, index, ids, known),
            Pass::Count(after, notes) => self.count(work, after, notes),
            Pass::Remove => self.remove(work),
            Pass::Done => Ok(Step::Done),
        }
    }

    /// How far it is.
    pub fn reached(&self) -> &Reached {
        &self.reached
    }

    /// The counts so far.
    pub fn report(&self) -> &Report {
        self.tally.report()
    }

    /// Ends it.
    pub fn finish(self) -> Finished {
        let (report, changes) = self.tally.finish();
        Finished { report, changes, columns: self.columns, encoding: self.encoding }
    }

    /// Goes on to the pass after this one.
    fn enter(&mut self, pass: Pass, phase: &'static str) {
        self.pass = pass;
        self.chunk = 0;
        self.reached.phase = phase;
        self.reached.checked = 0;
    }

    fn enter_groups(&mut self) {
        if !self.roster.has_groups() {
            self.enter_missing();
        } else if self.options.preview {
            self.enter(Pass::Groups(0, HashMap::new(), HashMap::new()), "groups");
        } else {
            self.enter(Pass::KnownGroups(0, HashMap::new()), "groups");
        }
    }

    fn enter_missing(&mut self) {
        if !self.options.remove_missing {
            self.pass = Pass::Done;
            return;
        }
        let notes = self.tally.notes();
        self.enter(Pass::Count(0, notes), "missing");
    }

    /// One transaction with what it did, or what it did when it was done before. In a preview it is rolled back,
    /// and what it would have done is kept. The answer has what is no count.
    fn chunk(
        &mut self,
        work: &mut Work<'_>,
        kept: Kept,
        body: impl FnOnce(&Roster, &mut Work<'_>, &mut Notes) -> Result<(), RepositoryError>,
    ) -> Result<ChunkOutcome, Stop> {
        let (sql, number) = (work.store.sql, self.chunk);
        let imports = Imports::new(sql);
        self.chunk += 1;
        let mut outcome = match imports.outcome(self.number, kept, number)? {
            Some(outcome) => outcome,
            None => {
                let is_first = !std::mem::replace(&mut self.further, true);
                let mut notes = self.tally.notes();
                let (import, preview) = (self.number, self.options.preview);
                let keep = |outcome: &ChunkOutcome| {
                    imports.keep_outcome(import, kept, number, outcome)?;
                    if is_first { imports.note_further(import) } else { Ok(()) }
                };
                let mut done = false;
                let outcome = in_transaction(sql, || -> Result<ChunkOutcome, RepositoryError> {
                    body(&self.roster, work, &mut notes)?;
                    done = true;
                    if preview {
                        return Err(RepositoryError::Internal("a preview".to_owned()));
                    }
                    let outcome = notes.take();
                    keep(&outcome)?;
                    Ok(outcome)
                });
                match outcome {
                    Err(_) if preview && done => {
                        let outcome = notes.take();
                        keep(&outcome)?;
                        outcome
                    }
                    outcome => outcome?,
                }
            }
        };
        let rest = ChunkOutcome {
            refused: std::mem::take(&mut outcome.refused),
            kept_managers: std::mem::take(&mut outcome.kept_managers),
            place: outcome.place,
            ..ChunkOutcome::default()
        };
        self.tally.fold(outcome);
        Ok(rest)
    }
}

/// The columns of a file as they were understood.
fn understood(header: &Header) -> Vec<(String, String)> {
    let names = header.columns.iter().map(|column| column.name().unwrap_or_default().to_owned());
    header.texts.iter().cloned().zip(names).collect()
}

/// `userName` and `displayName` are compared without regard to case.
fn key(name: &str) -> String {
    name.to_lowercase()
}
