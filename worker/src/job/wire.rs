//! One exchange: over HTTPS, or inside of the Worker, with the answer as plain data.

use std::time::Duration;

use futures_util::future::{Either, select};
use provisioning::cycle::{ScimResponse, TransportError, TransportErrorKind};
use worker::{AbortController, Delay, Env, Fetch, Request, Response};

use super::diagnosis;
use crate::scim_gate;

/// Longest answer that is read: 10 MiB.
const MAXIMUM_ANSWER: usize = 10 * 1024 * 1024;

/// What an exchange needs besides the request.
pub(super) struct Wire<'a> {
    /// Bindings.
    pub(super) env: &'a Env,
    /// The origin of this deployment.
    pub(super) origin: &'a str,
    /// How long the answer may take.
    pub(super) limit: Duration,
}

impl Wire<'_> {
    /// Inside of the Worker. The gate's errors are what a caller from outside would see.
    pub(super) async fn within(&self, request: Request, rest: &str) -> Result<ScimResponse, TransportError> {
        let has_token = request.headers().has("authorization").unwrap_or(false);
        let response = match scim_gate::serve_within(request, self.env, rest).await {
            Ok(response) => response,
            Err(error) => {
                error.log("job");
                scim_gate::scim_error(&error, has_token).map_err(|error| other(&error.to_string()))?
            }
        };
        read(response).await
    }

    /// Over HTTPS.
    pub(super) async fn over_the_network(&self, request: Request) -> Result<ScimResponse, TransportError> {
        let controller = AbortController::default();
        let signal = controller.signal();
        let fetch = Fetch::Request(request);
        let exchange = Box::pin(async {
            let response = fetch
                .send_with_signal(&signal)
                .await
                .map_err(|error| diagnosis::classify(&error.to_string()))?;
            read(response).await
        });
        match select(exchange, Box::pin(Delay::from(self.limit))).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(((), exchange)) => {
                controller.abort();
                drop(exchange);
                Err(TransportError {
                    kind: TransportErrorKind::Timeout,
                    message: format!("no answer within {} seconds", self.limit.as_secs()),
                })
            }
        }
    }
}

async fn read(mut response: Response) -> Result<ScimResponse, TransportError> {
    let header = |name: &str| response.headers().get(name).ok().flatten();
    let (retry_after, location, content_type) =
        (header("retry-after"), header("location"), header("content-type"));
    if header("content-length").and_then(|text| text.parse::<usize>().ok()).is_some_and(too_large) {
        return Err(answer_too_large());
    }
    let status = response.status_code();
    let bytes = response.bytes().await.map_err(|error| other(&error.to_string()))?;
    if too_large(bytes.len()) {
        return Err(answer_too_large());
    }
    Ok(ScimResponse {
        status,
        retry_after: retry_after.and_then(|text| seconds(text.trim())),
        location,
        content_type,
        // Without a copy: it may be long.
        body: String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    })
}

/// Reads `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
fn seconds(text: &str) -> Option<u32> {
    text.parse().ok().or_else(|| {
        let wait = (js_sys::Date::parse(text) - js_sys::Date::now()) / 1_000.0;
        // A text that is no date is not a number.
        wait.is_finite().then(|| wait.ceil() as u32)
    })
}

fn too_large(length: usize) -> bool {
    length > MAXIMUM_ANSWER
}

fn answer_too_large() -> TransportError {
    TransportError {
        kind: TransportErrorKind::TooLarge,
        message: format!("the answer is larger than {MAXIMUM_ANSWER} bytes"),
    }
}

/// A fault of no other kind.
pub(super) fn other(message: &str) -> TransportError {
    TransportError { kind: TransportErrorKind::Other, message: message.to_owned() }
}
