//! The sender: requests of the engine to the target, over HTTPS or, when the target is a directory of this
//! same deployment, through the gate of its SCIM endpoint inside of the Worker (same request, same token,
//! same code).

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{Either, select};
use provisioning::cycle::{ScimResponse, TransportError, TransportErrorKind};
use provisioning::target::{Method as ScimMethod, Purpose, Quirks, ScimRequest, patch};
use store::Settings as _;
use worker::{
    AbortController, Delay, Env, Fetch, Headers, Method, Request, RequestInit, RequestRedirect, Response,
};

use super::access::Credential;
use super::pace::{DEFAULT_RATE, Pace};
use super::secrets::Secrets;
use super::{diagnosis, keys};
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::address::Address;
use crate::platform::clock;
use crate::platform::secret::Secret;
use crate::platform::settings::setting;
use crate::scim_gate;

/// How long the target may take for one answer.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// How long it may take for the answer to a probe, for which an administrator waits.
pub const PROBE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long for the answer to a Bulk request: a lost answer leaves all its operations uncertain.
const BULK_TIMEOUT: Duration = Duration::from_secs(120);
/// How often a request that may be repeated is sent at most.
const ATTEMPTS: u32 = 3;
/// Longest wait that a `Retry-After` gets within a slice; a longer one is the escrow's business.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// Longest answer that is read: 10 MiB.
const MAXIMUM_ANSWER: usize = 10 * 1024 * 1024;
/// Who we are.
pub const USER_AGENT: &str = concat!("Rollcall/", env!("CARGO_PKG_VERSION"), " (SCIM 2.0 client)");

/// The target's SCIM root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetUrl {
    origin: String,
    path: String,
    host: String,
    port: u16,
}

impl TargetUrl {
    /// Reads an address: `https://`, or `http://` on this machine. A query (such as a compatibility flag)
    /// and a slash at the end are dropped.
    pub fn parse(text: &str) -> Result<Self, ApiError> {
        Self::read(text, "tenant URL")
    }

    /// Reads an address whose name is told when it is wrong.
    pub(super) fn read(text: &str, what: &str) -> Result<Self, ApiError> {
        let Address { scheme, has_credentials, host, port, origin, path } = Address::parse(text.trim())
            .ok_or_else(|| {
                ApiError::bad_request(format!(
                    "The {what} `{text}` is not an address such as https://example.com/scim/v2."
                ))
            })?;
        let local = matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
        if scheme != "https" && !(scheme == "http" && local) {
            return Err(ApiError::bad_request(format!(
                "The {what} `{text}` must begin with https://, so that nothing secret is sent in the clear."
            )));
        }
        if has_credentials {
            return Err(ApiError::bad_request(format!(
                "The {what} holds a user name or password; give the credentials in fields of their own."
            )));
        }
        Ok(Self { origin, path: path.trim_end_matches('/').to_owned(), host, port })
    }

    /// The address with a path appended.
    pub fn join(&self, path_and_query: &str) -> String {
        format!("{}{}{path_and_query}", self.origin, self.path)
    }

    /// Looks again at a fault that says nothing.
    pub(super) async fn refine(&self, error: TransportError) -> TransportError {
        diagnosis::refine(error, &self.host, self.port).await
    }

    /// How many requests a second the target gets at most unless the job says otherwise: no limit for this
    /// deployment's own directories, and for this machine.
    fn usual_rate(&self, origin: &str) -> u32 {
        let is_local = matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "[::1]");
        if is_local || self.own(origin).is_some() { 0 } else { DEFAULT_RATE }
    }

    /// The path after `/scim/` when the target is a directory of the deployment at `origin`.
    pub(super) fn own(&self, origin: &str) -> Option<&str> {
        (self.origin == origin).then(|| self.path.strip_prefix("/scim/")).flatten()
    }
}

/// Sends requests to one target.
#[derive(Clone)]
pub struct Target {
    env: Env,
    url: TargetUrl,
    credential: Credential,
    origin: String,
    pace: Rc<Pace>,
    rate: u32,
    quirks: Quirks,
}

impl Target {
    /// The target of a job.
    pub fn of(job: &Job, secrets: &Secrets, quirks: Quirks) -> Result<Self, ApiError> {
        let store = job.store();
        let origin = store.setting(keys::ORIGIN)?.unwrap_or_default();
        let url = secrets.target()?;
        let rate = setting(&store, keys::RATE)?.unwrap_or_else(|| url.usual_rate(&origin));
        let pace = Rc::clone(&job.pace);
        let credential = Credential::of(job, secrets)?;
        Ok(Self { env: job.env.clone(), url, credential, origin, pace, rate, quirks })
    }

    /// A target that is tried; `origin` is the one of this deployment.
    pub fn new(env: Env, url: TargetUrl, credential: Credential, origin: String, quirks: Quirks) -> Self {
        Self { env, url, credential, origin, pace: Rc::default(), rate: 0, quirks }
    }

    /// Whether it is a directory of this deployment.
    pub fn is_own(&self) -> bool {
        self.url.own(&self.origin).is_some()
    }

    /// Sends a request. One that may be repeated is, after 408, 429, 5xx and network faults, with pauses
    /// that respect `Retry-After`. A creation is only after 429, which says that it was not looked at; a probe
    /// is not, since somebody waits for it.
    pub async fn send(&self, request: &ScimRequest) -> Result<ScimResponse, TransportError> {
        let mut attempt = 1;
        loop {
            self.keep_pace(request).await;
            let outcome = self.attempt(request).await;
            let refused = outcome.as_ref().is_ok_and(|response| response.status == 429);
            let wait = match &outcome {
                _ if !(request.idempotent || refused) => None,
                _ if request.purpose == Purpose::Probe || attempt >= ATTEMPTS => None,
                Ok(response) if matches!(response.status, 408 | 429 | 500 | 502 | 503 | 504) => Some(
                    response
                        .retry_after
                        .map_or(pause(attempt), |seconds| Duration::from_secs(seconds.into())),
                ),
                Ok(_) => None,
                Err(error)
                    if matches!(
                        error.kind,
                        TransportErrorKind::Timeout
                            | TransportErrorKind::TokenEndpoint
                            | TransportErrorKind::Other
                    ) =>
                {
                    Some(pause(attempt))
                }
                Err(_) => None,
            };
            match wait {
                Some(wait) if wait <= LONGEST_WAIT => {
                    if refused {
                        // All others wait, too: they would be refused as well, and make it worse.
                        self.pace.rest_until(clock::now_ms() + i64::try_from(wait.as_millis()).unwrap_or(0));
                    }
                    Delay::from(wait).await;
                }
                _ => return outcome,
            }
            attempt += 1;
        }
    }

    /// Waits for the request's turn. A probe has no need to: there is one at a time.
    async fn keep_pace(&self, request: &ScimRequest) {
        if request.purpose == Purpose::Probe {
            return;
        }
        let wait = u64::try_from(self.pace.reserve(clock::now_ms(), self.rate)).unwrap_or(0);
        if wait > 0 {
            Delay::from(Duration::from_millis(wait)).await;
        }
    }

    /// Sends it once, or twice: a target that refuses an access token before its time gets another one, once.
    async fn attempt(&self, request: &ScimRequest) -> Result<ScimResponse, TransportError> {
        let wire = Wire { env: &self.env, origin: &self.origin, limit: limit(request) };
        let mut refused = None;
        loop {
            let token = self.credential.token(&wire, refused.as_ref()).await?;
            let outcome = self.carry_out(request, &token, &wire).await;
            let is_refused = outcome.as_ref().is_ok_and(|response| response.status == 401);
            if !is_refused || refused.is_some() || !self.credential.can_renew() {
                return outcome;
            }
            refused = Some(token);
        }
    }

    /// Sends a request as it is; a change by PUT reads the resource first.
    async fn carry_out(
        &self,
        request: &ScimRequest,
        token: &Secret,
        wire: &Wire<'_>,
    ) -> Result<ScimResponse, TransportError> {
        let mut current = request.clone();
        let mut operations = None;
        if request.method == ScimMethod::Put {
            current.method = ScimMethod::Get;
            operations = current.body.take();
        }
        loop {
            let response = self.exchange(&current, token, wire).await?;
            let Some(operations) = operations.take().filter(|_| response.status == 200) else {
                return Ok(response);
            };
            let resource = serde_json::from_str(&response.body)
                .map_err(|_| other("the account could not be read to be changed: the answer is not JSON"))?;
            let body = patch::applied(&resource, &operations)
                .map_err(|reason| other(&format!("the account could not be changed: {reason}")))?;
            current = ScimRequest { body: Some(body), ..request.clone() };
        }
    }

    async fn exchange(
        &self,
        request: &ScimRequest,
        token: &Secret,
        wire: &Wire<'_>,
    ) -> Result<ScimResponse, TransportError> {
        let built = self.build(request, token).map_err(|error| other(&error.to_string()))?;
        let own = self.url.own(&self.origin).map(|root| {
            let path = request.path_and_query.split('?').next().unwrap_or("");
            format!("{root}{path}")
        });
        match own {
            Some(rest) => wire.within(built, &rest).await,
            None => {
                let outcome = wire.over_the_network(built).await;
                match outcome {
                    // The probe is what an administrator waits for, so it is worth a second look.
                    Err(error) if request.purpose == Purpose::Probe => Err(self.url.refine(error).await),
                    Ok(response) => diagnosis::edge_error(response),
                    outcome => outcome,
                }
            }
        }
    }

    fn build(&self, request: &ScimRequest, token: &Secret) -> worker::Result<Request> {
        let headers = Headers::new();
        headers.set("authorization", &format!("Bearer {}", token.expose()))?;
        let media_type = self.quirks.media_type();
        headers.set("accept", media_type)?;
        headers.set("user-agent", USER_AGENT)?;
        let mut init = RequestInit::new();
        init.with_method(match request.method {
            ScimMethod::Get => Method::Get,
            ScimMethod::Post => Method::Post,
            ScimMethod::Patch => Method::Patch,
            ScimMethod::Put => Method::Put,
            ScimMethod::Delete => Method::Delete,
        })
        // A redirect would carry the token to another host.
        .with_redirect(RequestRedirect::Manual);
        if request.body.is_some() {
            headers.set("content-type", media_type)?;
            init.with_body(Some(request.body_text().into()));
        }
        init.with_headers(headers);
        Request::new_with_init(&self.url.join(&request.path_and_query), &init)
    }
}

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
        let response = match scim_gate::serve_within(request, self.env, rest).await {
            Ok(response) => response,
            Err(error) => {
                error.log("job");
                scim_gate::scim_error(&error).map_err(|error| other(&error.to_string()))?
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

fn limit(request: &ScimRequest) -> Duration {
    match request.purpose {
        Purpose::Probe => PROBE_TIMEOUT,
        _ if request.path_and_query == "/Bulk" => BULK_TIMEOUT,
        _ => TIMEOUT,
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
        retry_after: retry_after.and_then(|text| text.trim().parse().ok()),
        location,
        content_type,
        body: String::from_utf8_lossy(&bytes).into_owned(),
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

pub(super) fn other(message: &str) -> TransportError {
    TransportError { kind: TransportErrorKind::Other, message: message.to_owned() }
}

/// Half a second, then twice as long each time.
fn pause(attempt: u32) -> Duration {
    Duration::from_millis(500) * 2_u32.saturating_pow(attempt.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_joined() {
        let check = |text: &str, expected: Option<&str>| {
            let url = TargetUrl::parse(text).ok().map(|url| url.join("/Users"));
            assert_eq!(url.as_deref(), expected, "{text}");
        };
        check("https://api.peakon.com/scim/v2", Some("https://api.peakon.com/scim/v2/Users"));
        check(" https://api.peakon.com/scim/v2/ ", Some("https://api.peakon.com/scim/v2/Users"));
        check("https://x.example/scim?aadOptscim062020", Some("https://x.example/scim/Users"));
        check("http://127.0.0.1:8787/scim/d/v2", Some("http://127.0.0.1:8787/scim/d/v2/Users"));
        check("http://x.example/scim", None);
        check("https://user:secret@x.example/scim", None);
        check("ftp://x.example", None);
        check("x.example", None);
        check("", None);
    }

    #[test]
    fn others_services_are_spared() {
        let check = |text: &str, expected: u32| {
            let url = TargetUrl::parse(text).expect("an address");
            assert_eq!(url.usual_rate("https://rollcall.example"), expected, "{text}");
        };
        check("https://api.peakon.com/scim/v2", DEFAULT_RATE);
        check("https://rollcall.example/scim/d1/v2", 0);
        check("https://rollcall.example/elsewhere", DEFAULT_RATE);
        check("http://127.0.0.1:9000/scim/v2", 0);
    }

    #[test]
    fn a_directory_of_this_deployment_is_recognized() {
        let url = TargetUrl::parse("http://localhost:8787/scim/d1/v2").expect("an address");
        assert_eq!(url.own("http://localhost:8787"), Some("d1/v2"));
        assert_eq!(url.own("http://localhost:8788"), None);
        let url = TargetUrl::parse("http://localhost:8787/other/v2").expect("an address");
        assert_eq!(url.own("http://localhost:8787"), None);
    }
}
