//! Calls to Durable Objects: one JSON command a call, with a limit on how long it may take.

use std::time::Duration;

use futures_util::future::{Either, select};
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Delay, Env, Headers, Method, Request, RequestInit, Response, Stub};

use crate::error::{ApiError, ObjectError};

/// How long a call to an object may take. An object whose request hangs would else hold its caller for good.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a file may take to arrive.
pub const UPLOAD_TIMEOUT: Duration = Duration::from_secs(1_800);

/// Commands arrive under this address; everything else that reaches an object is a SCIM request.
pub const COMMAND_URL: &str = "https://object.internal/command";

/// The kinds of objects, by the name of their binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// A directory; named by its id.
    Directory,
    /// An inlet; named by its id.
    Inlet,
    /// A synchronization job; named by its service principal's id.
    Job,
    /// The organization; named `organization`.
    Organization,
}

impl ObjectKind {
    fn binding(self) -> &'static str {
        match self {
            ObjectKind::Directory => "DIRECTORY",
            ObjectKind::Inlet => "INLET",
            ObjectKind::Job => "JOB",
            ObjectKind::Organization => "ORGANIZATION",
        }
    }
}

fn stub(env: &Env, kind: ObjectKind, name: &str) -> Result<Stub, ApiError> {
    Ok(env.durable_object(kind.binding())?.get_by_name(name)?)
}

/// Sends a request to an object and waits for the answer, at most [`CALL_TIMEOUT`].
pub async fn send(env: &Env, kind: ObjectKind, name: &str, request: Request) -> Result<Response, ApiError> {
    send_for(env, kind, name, request, CALL_TIMEOUT).await
}

/// Sends a request to an object and waits for the answer, at most a given time.
pub async fn send_for(
    env: &Env,
    kind: ObjectKind,
    name: &str,
    request: Request,
    timeout: Duration,
) -> Result<Response, ApiError> {
    let stub = stub(env, kind, name)?;
    let answer = Box::pin(stub.fetch_with_request(request));
    let limit = Box::pin(Delay::from(timeout));
    match select(answer, limit).await {
        Either::Left((answer, _)) => Ok(answer?),
        Either::Right(_) => Err(ApiError::unavailable(format!(
            "{} did not answer within {} seconds",
            kind.binding(),
            timeout.as_secs()
        ))),
    }
}

/// Sends a command and reads its answer. An error of the object comes back as it was.
pub async fn call<C: Serialize, T: DeserializeOwned>(
    env: &Env,
    kind: ObjectKind,
    name: &str,
    command: &C,
) -> Result<T, ApiError> {
    Ok(crate::json::read(&call_text(env, kind, name, command).await?)?)
}

/// Sends a command and hands out the answer as the JSON text that it is.
pub async fn call_text<C: Serialize>(
    env: &Env,
    kind: ObjectKind,
    name: &str,
    command: &C,
) -> Result<String, ApiError> {
    exchange(env, kind, name, crate::json::write(command)?).await
}

async fn exchange(env: &Env, kind: ObjectKind, name: &str, command: String) -> Result<String, ApiError> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_headers(headers).with_body(Some(command.into()));
    let request = Request::new_with_init(COMMAND_URL, &init)?;
    let mut response = send(env, kind, name, request).await?;
    read_text(&mut response, kind).await
}

/// Reads an object's answer to a command.
pub async fn read<T: DeserializeOwned>(response: &mut Response, kind: ObjectKind) -> Result<T, ApiError> {
    Ok(crate::json::read(&read_text(response, kind).await?)?)
}

async fn read_text(response: &mut Response, kind: ObjectKind) -> Result<String, ApiError> {
    let status = response.status_code();
    let text = response.text().await?;
    if status == 200 {
        Ok(text)
    } else {
        let error: ObjectError = crate::json::read(&text).map_err(|_| {
            ApiError::internal(format!("{} answered {status} without an error: {text}", kind.binding()))
        })?;
        Err(error.into())
    }
}
