//! Settings of the directory: text by name.

use super::DirectoryStore;
use crate::sql::{SqlError, Value};

impl DirectoryStore<'_> {
    /// The value of a setting.
    pub fn setting(&self, key: &str) -> Result<Option<String>, SqlError> {
        let rows = self.sql.query("SELECT value FROM settings WHERE key = ?", &[Value::from(key)])?;
        rows.first().map(|row| row.text("value").map(str::to_owned)).transpose()
    }

    /// Sets a setting, or removes it with `None`.
    pub fn set_setting(&self, key: &str, value: Option<&str>) -> Result<(), SqlError> {
        match value {
            Some(value) => self.sql.query(
                "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                &[Value::from(key), Value::from(value)],
            )?,
            None => self.sql.query("DELETE FROM settings WHERE key = ?", &[Value::from(key)])?,
        };
        Ok(())
    }
}
