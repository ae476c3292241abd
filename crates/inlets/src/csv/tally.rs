//! What an import has done so far: the sum of what its chunks did.
//!
//! An import works in chunks, each of which is one transaction and leaves a [`ChunkOutcome`]. Whoever folds the
//! outcomes in their order has the report of the whole import, whether the chunks were worked on without a break or
//! with a crash between any two of them.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{MAX_REPORTED_ERRORS, Outcome, Report, ReportedError, Row, RowError};

/// Changes that a preview lists.
pub const MAX_CHANGES: usize = 1_000;

/// What is done with a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// They are new.
    Create,
    /// They are there and change.
    Update,
    /// They are not in the file, and go.
    Remove,
}

impl Action {
    /// The word of the management API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Remove => "remove",
        }
    }
}

/// What a preview says about a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedChange {
    /// The line of the row; none of somebody who is not in the file.
    pub line: Option<u64>,
    /// The `userPrincipalName`.
    pub user_name: String,
    /// What is done.
    pub action: Action,
    /// Of an update: the source attributes that change; empty for somebody who comes back as they were.
    pub attributes: Vec<String>,
}

/// What one chunk did. It is kept as JSON, in the transaction of the chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChunkOutcome {
    /// People who were new.
    pub created: u64,
    /// People who were changed.
    pub updated: u64,
    /// Rows that were not imported.
    pub failed: u64,
    /// People who were removed, or of a preview would be.
    pub removed: u64,
    /// People among the changed and the removed whom an inlet knows as well.
    pub from_inlets: u64,
    /// All errors, those that are not listed included.
    pub error_count: u64,
    /// Errors, as many as the report still had room for.
    pub errors: Vec<ReportedError>,
    /// Lines of rows that said nothing new, as runs: the first line, and how many follow each other.
    pub unchanged: Vec<(u64, u64)>,
    /// What a later pass changed: `manager` or `groups`.
    pub attribute: String,
    /// The lines of the people whom it changed, with their names in a preview.
    pub later: Vec<(u64, String)>,
    /// The names of people whom the directory refused.
    pub refused: Vec<String>,
    /// The lines of people whose manager was refused.
    pub kept_managers: Vec<u64>,
    /// What a preview lists, as much as there was room for.
    pub changes: Vec<PlannedChange>,
    /// Where the pass over the directory is, in the order of creation.
    pub place: i64,
    /// How many may be removed, once those who are missing were counted.
    pub allowed: u64,
}

/// Writes down what a chunk does.
#[derive(Debug)]
pub struct Notes {
    outcome: ChunkOutcome,
    preview: bool,
    errors_left: usize,
    changes_left: usize,
}

impl Notes {
    /// A row was not imported.
    pub fn fail(&mut self, error: &RowError) {
        self.outcome.failed += 1;
        self.error(error);
    }

    /// Something is wrong that does not concern a row as a whole: a column of the header, a manager.
    pub fn error(&mut self, error: &RowError) {
        self.outcome.error_count += 1;
        if let Some(left) = self.errors_left.checked_sub(1) {
            self.errors_left = left;
            let RowError { line, column, problem } = error;
            let message = problem.to_string();
            self.outcome.errors.push(ReportedError { line: *line, column: *column, message });
        }
    }

    /// The directory refused a person: they are left out of the later passes.
    pub fn refuse(&mut self, user_name: &str, error: &RowError) {
        self.fail(error);
        self.outcome.refused.push(user_name.to_owned());
    }

    /// What became of a row.
    pub fn row(&mut self, row: &Row, outcome: &Outcome) {
        let (action, attributes) = match outcome {
            Outcome::Unchanged => {
                match self.outcome.unchanged.last_mut() {
                    Some((first, count)) if *first + *count == row.line => *count += 1,
                    _ => self.outcome.unchanged.push((row.line, 1)),
                }
                return;
            }
            Outcome::Created(_) => {
                self.outcome.created += 1;
                (Action::Create, Vec::new())
            }
            Outcome::Updated { changed, .. } => {
                self.outcome.updated += 1;
                (Action::Update, changed.iter().map(|change| change.attribute.clone()).collect())
            }
        };
        if self.preview {
            self.list(PlannedChange {
                line: Some(row.line),
                user_name: row.user_name.clone(),
                action,
                attributes,
            });
        }
    }

    /// A later pass changes somebody: their `manager` or their `groups`. A chunk is of one pass.
    pub fn changed_later(&mut self, attribute: &str, line: u64, user_name: &str) {
        if self.outcome.attribute.is_empty() {
            self.outcome.attribute = attribute.to_owned();
        }
        let name = if self.preview { user_name.to_owned() } else { String::new() };
        self.outcome.later.push((line, name));
    }

    /// The manager in this line was refused.
    pub fn keep_manager(&mut self, error: &RowError) {
        self.error(error);
        self.outcome.kept_managers.push(error.line);
    }

    /// Somebody goes.
    pub fn remove(&mut self, user_name: &str) {
        self.outcome.removed += 1;
        if self.preview {
            self.list(PlannedChange {
                line: None,
                user_name: user_name.to_owned(),
                action: Action::Remove,
                attributes: Vec::new(),
            });
        }
    }

    /// So many of the people whom the chunk changes or removes are known to an inlet as well.
    pub fn from_inlets(&mut self, people: u64) {
        self.outcome.from_inlets += people;
    }

    /// Where the pass over the directory is.
    pub fn reach(&mut self, place: i64) {
        self.outcome.place = place;
    }

    /// What was written down. What is written down afterwards is another outcome.
    pub fn take(&mut self) -> ChunkOutcome {
        std::mem::take(&mut self.outcome)
    }

    fn list(&mut self, change: PlannedChange) {
        if let Some(left) = self.changes_left.checked_sub(1) {
            self.changes_left = left;
            self.outcome.changes.push(change);
        }
    }
}

/// The sum of the outcomes so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    preview: bool,
    report: Report,
    /// Lines of rows that said nothing new.
    unchanged: HashSet<u32>,
    /// What a preview says about lines.
    changes: BTreeMap<u64, PlannedChange>,
    /// Whom it says to be removed.
    removals: Vec<PlannedChange>,
}

impl Tally {
    /// Before the first chunk.
    pub fn new(preview: bool) -> Self {
        Self { preview, ..Self::default() }
    }

    /// For what the next chunk does.
    pub fn notes(&self) -> Notes {
        Notes {
            outcome: ChunkOutcome::default(),
            preview: self.preview,
            errors_left: MAX_REPORTED_ERRORS.saturating_sub(self.report.errors.len()),
            changes_left: MAX_CHANGES.saturating_sub(self.changes.len() + self.removals.len()),
        }
    }

    /// The counts so far, and the errors as they came.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Adds what the next chunk did.
    pub fn fold(&mut self, outcome: ChunkOutcome) {
        let report = &mut self.report;
        report.created += outcome.created;
        report.updated += outcome.updated;
        report.failed += outcome.failed;
        report.removed += outcome.removed;
        report.from_inlets += outcome.from_inlets;
        report.error_count += outcome.error_count;
        let room = MAX_REPORTED_ERRORS.saturating_sub(report.errors.len());
        report.errors.extend(outcome.errors.into_iter().take(room));
        for (first, count) in outcome.unchanged {
            report.unchanged += count;
            self.unchanged.extend((first..first + count).map(short));
        }
        for change in outcome.changes {
            match change.line {
                Some(line) => {
                    self.changes.insert(line, change);
                }
                None => self.removals.push(change),
            }
        }
        for (line, user_name) in outcome.later {
            self.changed_later(&outcome.attribute, line, user_name);
        }
    }

    /// Somebody whose row said nothing new counts as changed now.
    fn changed_later(&mut self, attribute: &str, line: u64, user_name: String) {
        if self.unchanged.remove(&short(line)) {
            self.report.changed_later();
        }
        if !self.preview {
            return;
        }
        if let Some(noted) = self.changes.get_mut(&line) {
            if noted.action == Action::Update {
                noted.attributes.push(attribute.to_owned());
            }
        } else if self.changes.len() < MAX_CHANGES {
            let attributes = vec![attribute.to_owned()];
            let change = PlannedChange { line: Some(line), user_name, action: Action::Update, attributes };
            self.changes.insert(line, change);
        }
    }

    /// The report with its errors in the order of the file, and what a preview lists: the lines in their order,
    /// then those who would go.
    pub fn finish(mut self) -> (Report, Vec<PlannedChange>) {
        self.report.sort();
        let mut changes: Vec<_> = self.changes.into_values().chain(self.removals).collect();
        changes.truncate(MAX_CHANGES);
        (self.report, changes)
    }
}

/// A file has fewer than 2^32 lines.
fn short(line: u64) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
