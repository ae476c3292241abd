//! What headers of files mean that do not say it themselves: chosen once, used by every import.

use inlets::csv::{ColumnName, ColumnNames};
use store::Settings as _;

use super::super::{Directory, Profile, keys};
use crate::error::ApiError;

impl Directory {
    /// The names that were chosen.
    pub(in super::super) fn import_columns(&self) -> Result<Vec<ColumnName>, ApiError> {
        match self.store()?.setting(keys::IMPORT_COLUMNS)? {
            Some(text) => Ok(crate::json::read(&text)?),
            None => Ok(Vec::new()),
        }
    }

    /// Replaces them.
    pub(in super::super) fn set_import_columns(&self, columns: Vec<ColumnName>) -> Result<(), ApiError> {
        if self.setup()?.profile != Profile::Workforce {
            return Err(ApiError::bad_request("Only a workforce directory takes a file."));
        }
        let columns = ColumnNames::new(columns).map_err(|error| ApiError::bad_request(error.to_string()))?;
        Ok(self.store()?.set_setting(keys::IMPORT_COLUMNS, &crate::json::write(&columns.all())?)?)
    }
}
