//! The sender: requests of the engine to the target, over HTTPS or, when the target is a directory of this
//! same deployment, through the gate of its SCIM endpoint inside of the Worker (same request, same token,
//! same code).

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use provisioning::cycle::{ScimResponse, TransportError, TransportErrorKind};
use provisioning::target::{Method as ScimMethod, Purpose, Quirks, ScimRequest, patch};
use store::Settings as _;
use worker::{Delay, Env, Headers, Method, Request, RequestInit, RequestRedirect};

use super::access::Credential;
use super::pace::Pace;
use super::secrets::Secrets;
use super::target_url::TargetUrl;
use super::wire::{Wire, other};
use super::{diagnosis, keys};
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::secret::Secret;
use crate::platform::settings::setting;
use crate::platform::{clock, random};

/// How long the target may take for one answer.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// How long it may take for the answer to a probe, for which an administrator waits.
pub const PROBE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long for the answer to a Bulk request: a lost answer leaves all its operations uncertain.
const BULK_TIMEOUT: Duration = Duration::from_secs(120);
/// How often a request that may be repeated is sent at most.
const ATTEMPTS: u32 = 3;
/// Longest wait that a `Retry-After` gets where somebody waits for the answer.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// Longest wait that it gets in a cycle: limits by the minute are usual. A longer one is the escrow's business.
const LONGEST_PATIENT_WAIT: Duration = Duration::from_secs(300);
/// How long after its beginning a slice may still wait for a rest to end.
const PATIENCE_MS: i64 = 10 * 60 * 1000;
/// How often whoever waits looks whether it still should.
const LOOK: Duration = Duration::from_millis(500);
/// A wait that is not given up: as long as a second's worth of requests takes.
const SHORT: Duration = Duration::from_millis(1_000);
/// Who we are.
pub const USER_AGENT: &str = concat!("Rollcall/", env!("CARGO_PKG_VERSION"), " (SCIM 2.0 client)");

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
    patience: Option<Patience>,
}

/// How long a cycle waits for a target that asks for a rest: while nobody wants it to stop, and not so long that the
/// alarm, which has 15 minutes, ends in the middle.
#[derive(Clone)]
struct Patience {
    stop: Rc<Cell<bool>>,
    generation: Rc<Cell<u64>>,
    /// The generation that it is of.
    own: u64,
    /// Unix milliseconds.
    until: i64,
}

impl Patience {
    fn is_over(&self) -> bool {
        self.stop.get() || self.generation.get() != self.own
    }
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
        Ok(Self { env: job.env.clone(), url, credential, origin, pace, rate, quirks, patience: None })
    }

    /// A target that is tried; `origin` is the one of this deployment.
    pub fn new(env: Env, url: TargetUrl, credential: Credential, origin: String, quirks: Quirks) -> Self {
        let pace = Rc::default();
        Self { env, url, credential, origin, pace, rate: 0, quirks, patience: None }
    }

    /// For a slice of a cycle: nobody waits for the answers, so a `Retry-After` of minutes is kept.
    pub fn patient(self, job: &Job) -> Self {
        let patience = Patience {
            stop: Rc::clone(&job.stop),
            generation: Rc::clone(&job.generation),
            own: job.generation.get(),
            until: clock::now_ms() + PATIENCE_MS,
        };
        Self { patience: Some(patience), ..self }
    }

    /// Whether a wait is worth it.
    fn is_patient(&self, wait: Duration) -> bool {
        let Some(patience) = &self.patience else { return wait <= LONGEST_WAIT };
        let end = clock::now_ms().saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
        wait <= LONGEST_PATIENT_WAIT && end <= patience.until
    }

    /// Waits; false when a person wants the job to stop, or it was restarted, before the end.
    async fn wait(&self, wait: Duration) -> bool {
        let mut left = wait;
        while !left.is_zero() {
            // What is near its end is waited out: the request would only fail for nothing.
            if left > SHORT && self.patience.as_ref().is_some_and(Patience::is_over) {
                return false;
            }
            let step = left.min(LOOK);
            Delay::from(step).await;
            left -= step;
        }
        true
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
            if !self.keep_pace(request).await {
                return Err(other(
                    "The request was not sent: the job was paused or restarted while the application asked for a rest.",
                ));
            }
            let outcome = self.attempt(request).await;
            let refused = outcome.as_ref().is_ok_and(|response| response.status == 429);
            let wait = match &outcome {
                _ if !(request.idempotent || refused) => None,
                _ if request.purpose == Purpose::Probe || attempt >= ATTEMPTS => None,
                Ok(response) if matches!(response.status, 408 | 429 | 500 | 502 | 503 | 504) => {
                    Some(response.retry_after.map_or_else(
                        || pause(attempt, chance()),
                        |seconds| Duration::from_secs(seconds.into()),
                    ))
                }
                Ok(_) => None,
                Err(error)
                    if matches!(
                        error.kind,
                        TransportErrorKind::Timeout
                            | TransportErrorKind::TokenEndpoint
                            | TransportErrorKind::Other
                    ) =>
                {
                    Some(pause(attempt, chance()))
                }
                Err(_) => None,
            };
            match wait {
                Some(wait) if self.is_patient(wait) => {
                    let asked = outcome.as_ref().is_ok_and(|response| response.retry_after.is_some());
                    if refused || asked {
                        // All others wait, too: they would be refused as well, and make it worse.
                        self.pace.rest_until(clock::now_ms() + i64::try_from(wait.as_millis()).unwrap_or(0));
                    }
                    if !self.wait(wait).await {
                        return outcome;
                    }
                }
                _ => return outcome,
            }
            attempt += 1;
        }
    }

    /// Waits for the request's turn; false if it does not come. A probe has no need to: there is one at a time.
    async fn keep_pace(&self, request: &ScimRequest) -> bool {
        if request.purpose == Purpose::Probe {
            return true;
        }
        let wait = u64::try_from(self.pace.reserve(clock::now_ms(), self.rate)).unwrap_or(0);
        self.wait(Duration::from_millis(wait)).await
    }

    /// Sends it once, or twice: a target that refuses an access token before its time gets another one, once.
    async fn attempt(&self, request: &ScimRequest) -> Result<ScimResponse, TransportError> {
        let wire = Wire { env: &self.env, origin: &self.origin, limit: limit(request) };
        let mut refused = None;
        loop {
            let (token, is_new) = self.credential.token(&wire, refused.as_ref()).await?;
            let outcome = self.carry_out(request, &token, &wire).await;
            let is_refused = outcome.as_ref().is_ok_and(|response| response.status == 401);
            if !is_refused || !self.credential.can_renew(is_new) || refused.is_some() {
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

fn limit(request: &ScimRequest) -> Duration {
    match request.purpose {
        Purpose::Probe => PROBE_TIMEOUT,
        _ if request.path_and_query == "/Bulk" => BULK_TIMEOUT,
        _ => TIMEOUT,
    }
}

/// Half a second, then twice as long each time, and up to half as long again by chance: requests that failed together
/// do not come back together.
fn pause(attempt: u32, chance: u8) -> Duration {
    let pause = Duration::from_millis(500) * 2_u32.saturating_pow(attempt.saturating_sub(1));
    pause + pause * u32::from(chance) / 512
}

fn chance() -> u8 {
    random::bytes::<1>().map_or(0, |[chance]| chance)
}

#[cfg(test)]
mod tests {
    use super::pause;

    #[test]
    fn pauses_grow_and_differ_by_chance() {
        let check = |attempt: u32, chance: u8, expected: u128| {
            assert_eq!(pause(attempt, chance).as_millis(), expected, "{attempt} {chance}");
        };
        check(1, 0, 500);
        check(2, 0, 1_000);
        check(3, 0, 2_000);
        check(1, 128, 625);
        check(1, 255, 749);
        check(2, 255, 1_498);
    }
}
