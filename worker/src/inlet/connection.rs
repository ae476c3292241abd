//! Requests to login and Graph, and Test Connection.

use std::time::Duration;

use futures_util::future::{Either, select};
use inlets::graph::{
    AccessToken, Answer, Effect, Event, Failure, FailureKind, NO_SERVICE_PRINCIPAL, Probe, Settings, Sync,
    TokenRequest, step,
};
use provisioning::cycle::TransportErrorKind;
use worker::{
    AbortController, Delay, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, Response, Url,
};

use super::credential::Proof;
use crate::error::ApiError;
use crate::job::diagnosis;
use crate::platform::clock;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How long it may take in Test Connection, for which an administrator waits.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest answer that is read: 10 MiB.
const MAXIMUM_ANSWER: usize = 10 * 1024 * 1024;
/// Who we are.
const USER_AGENT: &str = concat!("Rollcall/", env!("CARGO_PKG_VERSION"), " (Microsoft Graph inlet)");

/// Asks for an access token. The inner error is why there is no answer.
pub async fn login(request: &TokenRequest, proof: &Proof) -> Result<Answer, String> {
    let form = proof.form(request).await?;
    let build = || -> worker::Result<Request> {
        let headers = headers()?;
        headers.set("content-type", "application/x-www-form-urlencoded")?;
        let mut init = RequestInit::new();
        init.with_method(Method::Post)
            .with_headers(headers)
            .with_redirect(RequestRedirect::Manual)
            .with_body(Some(form.into()));
        Request::new_with_init(&request.url, &init)
    };
    send(build().map_err(|error| error.to_string())?, TIMEOUT).await
}

/// Reads a page.
pub async fn get(url: &str, token: &AccessToken, limit: Duration) -> Result<Answer, String> {
    let build = || -> worker::Result<Request> {
        let headers = headers()?;
        headers.set("authorization", &format!("Bearer {}", token.expose()))?;
        let mut init = RequestInit::new();
        // A redirect would carry the token to another host.
        init.with_method(Method::Get).with_headers(headers).with_redirect(RequestRedirect::Manual);
        Request::new_with_init(url, &init)
    };
    send(build().map_err(|error| error.to_string())?, limit).await
}

/// Reads a page of a round.
pub async fn page(url: &str, token: &AccessToken) -> Result<Answer, String> {
    get(url, token, TIMEOUT).await
}

fn headers() -> worker::Result<Headers> {
    let headers = Headers::new();
    headers.set("accept", "application/json")?;
    headers.set("user-agent", USER_AGENT)?;
    Ok(headers)
}

async fn send(request: Request, limit: Duration) -> Result<Answer, String> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let fetch = Fetch::Request(request);
    let exchange = Box::pin(async {
        let response = fetch.send_with_signal(&signal).await.map_err(|error| error.to_string())?;
        read(response).await
    });
    match select(exchange, Box::pin(Delay::from(limit))).await {
        Either::Left((outcome, _)) => outcome,
        Either::Right(((), exchange)) => {
            controller.abort();
            drop(exchange);
            Err(format!("timed out: no answer within {} seconds", limit.as_secs()))
        }
    }
}

async fn read(mut response: Response) -> Result<Answer, String> {
    let header = |name: &str| response.headers().get(name).ok().flatten();
    let retry_after = header("retry-after").and_then(|text| text.trim().parse().ok());
    let length = header("content-length").and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
    let status = response.status_code();
    let too_large = || format!("the answer is larger than {MAXIMUM_ANSWER} bytes");
    if length > MAXIMUM_ANSWER {
        return Err(too_large());
    }
    let bytes = response.bytes().await.map_err(|error| error.to_string())?;
    if bytes.len() > MAXIMUM_ANSWER {
        return Err(too_large());
    }
    Ok(Answer { status, retry_after, body: String::from_utf8_lossy(&bytes).into_owned() })
}

/// Test Connection: logs in and tries the queries of a round. Nothing is written.
pub async fn probe(settings: Settings, proof: &Proof) -> Result<(), ApiError> {
    proof.check().await?;
    let endpoints = settings.endpoints.clone();
    let probes = Probe::all(&settings);
    let now = clock::now_ms();
    // The machine's own first steps, up to the token; its state is thrown away.
    let (sync, effect) = step(Sync::resume(settings, Default::default(), None), Event::Started, now);
    let (sync, effect) = match effect {
        Effect::Commit { .. } => step(sync, Event::Committed, now),
        effect => (sync, effect),
    };
    let Effect::Token(request) = effect else {
        return Err(ApiError::internal("the inlet did not ask for a token"));
    };
    let answer = match login(&request, proof).await {
        Ok(answer) => answer,
        Err(message) => return Err(unreachable(&endpoints.login, &message).await),
    };
    let (sync, effect) = step(sync, Event::Answered(answer), clock::now_ms());
    let Some(token) = sync.token() else {
        let refused = match effect {
            Effect::Commit { state, .. } => state.error,
            _ => None,
        };
        let message = refused.map(|error| format!("{}: {}", error.code, error.message)).unwrap_or_default();
        return Err(ApiError::new(400, "InvalidCredentials", message));
    };
    let mut answers = Vec::new();
    for probe in probes {
        match get(&probe.url, token, PROBE_TIMEOUT).await {
            Ok(answer) => answers.push((probe.subject, answer)),
            Err(message) => return Err(unreachable(&endpoints.graph, &message).await),
        }
    }
    Probe::verdict(&answers).map_err(|failure| ApiError::new(400, code(&failure), failure.to_string()))
}

fn code(failure: &Failure) -> &'static str {
    match failure.kind {
        FailureKind::Permission => "MissingPermission",
        _ if failure.code == NO_SERVICE_PRINCIPAL => NO_SERVICE_PRINCIPAL,
        FailureKind::Credentials | FailureKind::Token => "InvalidCredentials",
        _ => "TargetError",
    }
}

/// Why there is no answer from an origin.
async fn unreachable(origin: &str, message: &str) -> ApiError {
    let url = Url::parse(origin).ok();
    let host = url.as_ref().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let port = url.as_ref().and_then(Url::port_or_known_default).unwrap_or(443);
    let error = diagnosis::refine(diagnosis::classify(message), &host, port).await;
    let code = match error.kind {
        TransportErrorKind::Timeout => "Timeout",
        TransportErrorKind::Dns => "HostNotFound",
        TransportErrorKind::Refused => "ConnectionRefused",
        TransportErrorKind::Tls => "TlsError",
        _ => "TargetError",
    };
    ApiError::new(400, code, format!("{origin} does not answer: {}.", error.message))
}
