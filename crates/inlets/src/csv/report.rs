//! The answer to an import.

use serde::{Deserialize, Serialize};

use super::{Outcome, RowError};

/// Most errors that a report lists; the count goes on.
pub const MAX_REPORTED_ERRORS: usize = 1_000;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// People who were new.
    pub created: u64,
    /// People who were changed.
    pub updated: u64,
    /// People who already were as the file says.
    pub unchanged: u64,
    /// Rows that were not imported.
    pub failed: u64,
    /// People who were removed because the file does not have them.
    pub removed: u64,
    /// All errors, those that are not listed included. More than `failed` when a column or a
    /// manager was not imported though its rows were.
    pub error_count: u64,
    /// The first [`MAX_REPORTED_ERRORS`] errors.
    pub errors: Vec<ReportedError>,
}

/// One error of a [`Report`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedError {
    /// The line of the file, counted from 1.
    pub line: u64,
    /// The column of the table, counted from 1.
    pub column: u64,
    /// What is wrong and what to do about it.
    pub message: String,
}

impl Report {
    /// Counts what became of a row.
    pub fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Created(_) => self.created += 1,
            Outcome::Updated { .. } => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
        }
    }

    /// Counts a row that was not imported.
    pub fn fail(&mut self, error: &RowError) {
        self.failed += 1;
        self.note(error);
    }

    /// Adds an error that does not concern a row as a whole: a column of the header, a manager.
    pub fn note(&mut self, error: &RowError) {
        self.error_count += 1;
        if self.errors.len() < MAX_REPORTED_ERRORS {
            let RowError { line, column, problem } = error;
            self.errors.push(ReportedError { line: *line, column: *column, message: problem.to_string() });
        }
    }

    /// Puts the errors of all passes into the order of the file.
    pub fn sort(&mut self) {
        self.errors.sort_by_key(|error| (error.line, error.column));
    }

    /// Moves one person from unchanged to updated: their row said nothing new, but their manager
    /// or their groups did.
    pub fn changed_later(&mut self) {
        if let Some(unchanged) = self.unchanged.checked_sub(1) {
            self.unchanged = unchanged;
            self.updated += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Problem;
    use super::*;

    #[test]
    fn the_list_of_errors_is_capped_and_the_count_is_not() {
        let mut report = Report::default();
        for line in 0..MAX_REPORTED_ERRORS as u64 + 5 {
            report.fail(&RowError { line, column: 1, problem: Problem::MissingKey });
        }
        report.note(&RowError { line: 1, column: 2, problem: Problem::OwnManager });
        assert_eq!(report.errors.len(), MAX_REPORTED_ERRORS);
        assert_eq!(report.failed, MAX_REPORTED_ERRORS as u64 + 5);
        assert_eq!(report.error_count, MAX_REPORTED_ERRORS as u64 + 6);
    }

    #[test]
    fn the_wire_form() {
        let mut report = Report { created: 1, ..Report::default() };
        report.fail(&RowError { line: 4, column: 2, problem: Problem::MissingKey });
        let expected = serde_json::json!({
            "created": 1, "updated": 0, "unchanged": 0, "failed": 1, "removed": 0, "errorCount": 1,
            "errors": [{
                "line": 4, "column": 2, "message": "The userPrincipalName is missing. Fill it in.",
            }],
        });
        assert_eq!(serde_json::to_value(report).unwrap(), expected);
    }
}
