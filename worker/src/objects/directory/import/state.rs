//! What the passes of an import keep, and what is answered of it.

use std::collections::{BTreeMap, HashSet};

use api::directory::{ImportChange, ImportColumn, ImportError, ImportPreview, ImportResult};
use inlets::csv::{Outcome, Report, Row};

use super::ImportOptions;

/// Changes that a preview lists.
pub(super) const MAX_CHANGES: usize = 1_000;

/// What the passes keep.
pub(super) struct State {
    pub(super) options: ImportOptions,
    /// What a preview says about lines.
    pub(super) changes: BTreeMap<u64, ImportChange>,
    /// Whom it says to be removed.
    pub(super) removals: Vec<ImportChange>,
    pub(super) report: Report,
    /// Lines of rows that said nothing new.
    pub(super) unchanged: HashSet<u64>,
    /// The columns, for a preview.
    pub(super) columns: Vec<ImportColumn>,
    /// How the file is written.
    pub(super) encoding: &'static str,
    pub(super) now: i64,
}

impl State {
    pub(super) fn changed_later(&mut self, attribute: &str, people: &[(u64, String)]) {
        for (line, name) in people {
            if self.unchanged.remove(line) {
                self.report.changed_later();
            }
            if !self.options.preview {
                continue;
            }
            if let Some(noted) = self.changes.get_mut(line) {
                if noted.action == "update" {
                    noted.attributes.push(attribute.to_owned());
                }
            } else if self.changes.len() < MAX_CHANGES {
                self.changes.insert(*line, change(Some(*line), name, "update", vec![attribute.to_owned()]));
            }
        }
    }

    /// Notes for a preview what a row changes.
    pub(super) fn note(&mut self, row: &Row, outcome: &Outcome) {
        if !self.options.preview || self.changes.len() >= MAX_CHANGES {
            return;
        }
        let (action, attributes) = match outcome {
            Outcome::Unchanged => return,
            Outcome::Created(_) => ("create", Vec::new()),
            Outcome::Updated { changed, .. } => {
                ("update", changed.iter().map(|change| change.attribute.clone()).collect())
            }
        };
        self.changes.insert(row.line, change(Some(row.line), &row.user_name, action, attributes));
    }
}

pub(super) fn change(
    line: Option<u64>,
    user_name: &str,
    action: &str,
    attributes: Vec<String>,
) -> ImportChange {
    ImportChange { line, user_principal_name: user_name.to_owned(), action: action.to_owned(), attributes }
}

pub(super) fn to_api(state: State) -> ImportPreview {
    let report = state.report;
    let mut changes: Vec<ImportChange> = state.changes.into_values().chain(state.removals).collect();
    changes.truncate(MAX_CHANGES);
    let result = ImportResult {
        created: report.created,
        updated: report.updated,
        unchanged: report.unchanged,
        failed: report.failed,
        removed: report.removed,
        errors: report
            .errors
            .into_iter()
            .map(|error| ImportError { line: error.line, column: error.column, message: error.message })
            .collect(),
        encoding: state.encoding.to_owned(),
    };
    ImportPreview { result, changes, columns: state.columns }
}
