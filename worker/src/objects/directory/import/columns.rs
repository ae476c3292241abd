//! What headers of files mean that do not say it themselves: chosen once, used by every import.

use api::directory::ImportColumn;
use inlets::csv::{ColumnName, ColumnNames, Header};
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

    /// The names, for an import.
    pub(super) fn column_names(&self) -> Result<ColumnNames, ApiError> {
        ColumnNames::new(self.import_columns()?).map_err(|error| ApiError::internal(error.to_string()))
    }
}

/// The columns of a file as they were understood, for a preview.
pub(super) fn understood(header: &Header) -> Vec<ImportColumn> {
    let names = header.columns.iter().map(|column| column.name().unwrap_or_default().to_owned());
    let columns = header.texts.iter().zip(names);
    columns.map(|(header, attribute)| ImportColumn { header: header.clone(), attribute }).collect()
}
