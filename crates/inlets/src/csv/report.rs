//! The answer to an import.

use serde::{Deserialize, Serialize};

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
    /// People among the changed and the removed whom an inlet knows as well: the file has the last word about them only
    /// until the inlet says something. A person whose manager or groups alone change is not counted.
    pub from_inlets: u64,
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
    /// Puts the errors of all passes into the order of the file.
    pub(super) fn sort(&mut self) {
        self.errors.sort_by_key(|error| (error.line, error.column));
    }

    /// Moves one person from unchanged to updated: their row said nothing new, but their manager
    /// or their groups did.
    pub(super) fn changed_later(&mut self) {
        if let Some(unchanged) = self.unchanged.checked_sub(1) {
            self.unchanged = unchanged;
            self.updated += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form() {
        let message = "The userPrincipalName is missing. Fill it in.".to_owned();
        let errors = vec![ReportedError { line: 4, column: 2, message }];
        let report = Report { created: 1, failed: 1, error_count: 1, errors, ..Report::default() };
        let expected = serde_json::json!({
            "created": 1, "updated": 0, "unchanged": 0, "failed": 1, "removed": 0, "fromInlets": 0, "errorCount": 1,
            "errors": [{
                "line": 4, "column": 2, "message": "The userPrincipalName is missing. Fill it in.",
            }],
        });
        assert_eq!(serde_json::to_value(report).unwrap(), expected);
    }
}
