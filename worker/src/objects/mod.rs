//! The Durable Objects: one module an object, each with the commands it takes.
//!
//! An object takes a command as JSON (`POST` to [`COMMAND_URL`]) and answers JSON: 200 with the command's
//! answer, or an `ObjectError` with its status. A directory takes SCIM requests besides.
//!
//! [`COMMAND_URL`]: crate::platform::stub::COMMAND_URL

pub mod directory;
pub mod inlet;
pub mod job;
pub mod organization;

use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Headers, Request, Response};

use crate::error::{ApiError, ObjectError};

/// Reads a command.
async fn read<C: DeserializeOwned>(request: &mut Request) -> Result<C, ApiError> {
    let text = request.text().await?;
    crate::json::read(&text).map_err(|error| ApiError::internal(format!("an unreadable command: {error}")))
}

/// Reads a command, and writes what the object makes of it.
pub(crate) async fn answer<C: DeserializeOwned>(
    mut request: Request,
    handle: impl AsyncFnOnce(C) -> Result<String, ApiError>,
) -> worker::Result<Response> {
    write(match read(&mut request).await {
        Ok(command) => handle(command).await,
        Err(error) => Err(error),
    })
}

/// Writes an answer or an error.
pub(crate) fn write(answer: Result<String, ApiError>) -> worker::Result<Response> {
    let (status, text) = match answer {
        Ok(text) => (200, text),
        Err(error) => (error.status, crate::json::write(&ObjectError::from(error))?),
    };
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    Ok(Response::from_bytes(text.into_bytes())?.with_status(status).with_headers(headers))
}

/// Writes an answer as JSON, for objects whose commands answer different types.
pub(crate) fn json<T: Serialize>(answer: T) -> Result<String, ApiError> {
    Ok(crate::json::write(&answer)?)
}
