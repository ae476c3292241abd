//! How far the import under way has come. Kept in memory: an import lives as long as its request.

use std::cell::RefCell;

use api::directory::ImportProgress;
use inlets::csv::{Import, Report};

use super::ImportOptions;
use crate::error::ApiError;
use crate::platform::clock;

/// Clears the progress when the import ends, also when its request is given up.
pub(super) struct Running<'a>(&'a RefCell<Option<ImportProgress>>);

impl<'a> Running<'a> {
    /// Begins an import, unless one is under way: two would undo each other's groups.
    pub(super) fn begin(
        progress: &'a RefCell<Option<ImportProgress>>,
        options: ImportOptions,
    ) -> Result<Self, ApiError> {
        if progress.borrow().is_some() {
            let message =
                "A file is being imported into this directory already. Wait until that import has ended.";
            return Err(ApiError::new(409, "Conflict", message));
        }
        *progress.borrow_mut() = Some(ImportProgress {
            running: true,
            preview: options.preview,
            started_date_time: Some(clock::rfc3339(clock::now_ms())),
            ..ImportProgress::default()
        });
        Ok(Self(progress))
    }

    /// Notes how far it is.
    pub(super) fn note(&self, import: &Import, report: &Report) {
        if let Some(progress) = self.0.borrow_mut().as_mut() {
            progress.bytes = import.bytes();
            progress.rows = import.rows();
            progress.created = report.created;
            progress.updated = report.updated;
            progress.failed = report.failed;
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        *self.0.borrow_mut() = None;
    }
}
