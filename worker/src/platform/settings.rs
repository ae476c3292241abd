//! Settings of a store that are JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Settings;

use crate::error::ApiError;

/// Reads a setting.
pub fn setting<T: DeserializeOwned>(store: &dyn Settings, key: &str) -> Result<Option<T>, ApiError> {
    store.setting(key)?.map(|text| crate::json::read(&text)).transpose().map_err(ApiError::from)
}

/// Writes a setting.
pub fn save_setting<T: Serialize>(store: &dyn Settings, key: &str, value: &T) -> Result<(), ApiError> {
    Ok(store.set_setting(key, &crate::json::write(value)?)?)
}
