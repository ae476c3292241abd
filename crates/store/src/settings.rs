//! Single values by name: what an object keeps of which there is one.

use crate::sql::{Sql, SqlError};

/// A store with a table `settings (key, value)`.
pub trait Settings {
    /// Its database.
    fn sql(&self) -> &dyn Sql;

    /// The value of a setting.
    fn setting(&self, key: &str) -> Result<Option<String>, SqlError> {
        let rows = self.sql().query("SELECT value FROM settings WHERE key = ?", &[key.into()])?;
        rows.first().map(|row| row.text("value").map(str::to_owned)).transpose()
    }

    /// Writes a setting.
    fn set_setting(&self, key: &str, value: &str) -> Result<(), SqlError> {
        self.sql().query(
            "INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)",
            &[key.into(), value.into()],
        )?;
        Ok(())
    }

    /// Removes a setting.
    fn remove_setting(&self, key: &str) -> Result<(), SqlError> {
        self.sql().query("DELETE FROM settings WHERE key = ?", &[key.into()])?;
        Ok(())
    }
}
