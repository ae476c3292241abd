//! The Durable Objects: one module an object, each with the commands it takes.
//!
//! An object takes a command as JSON (`POST` to [`COMMAND_URL`]) and answers JSON: 200 with the command's
//! answer, or an [`ObjectError`] with its status. A directory takes SCIM requests besides.
//!
//! [`COMMAND_URL`]: crate::platform::stub::COMMAND_URL

pub mod directory;
pub mod job;
pub mod organization;

use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Request, Response};

use crate::error::{ApiError, ObjectError};

/// Reads a command.
pub(crate) async fn read<C: DeserializeOwned>(request: &mut Request) -> Result<C, ApiError> {
    let text = request.text().await?;
    serde_json::from_str(&text).map_err(|error| ApiError::internal(format!("an unreadable command: {error}")))
}

/// Writes an answer or an error.
pub(crate) fn write<T: Serialize>(answer: Result<T, ApiError>) -> worker::Result<Response> {
    match answer {
        Ok(answer) => Response::from_json(&answer),
        Err(error) => {
            let status = error.status;
            Ok(Response::from_json(&ObjectError::from(error))?.with_status(status))
        }
    }
}

/// Turns an answer into JSON, for objects whose commands answer different types.
pub(crate) fn json<T: Serialize>(answer: T) -> Result<serde_json::Value, ApiError> {
    Ok(serde_json::to_value(answer)?)
}
