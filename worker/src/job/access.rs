//! How requests to the target are authorized: with the administrator's bearer token, or with access tokens of an
//! OAuth 2.0 client (RFC 6749, section 4.4), which are asked for when they are needed and kept until shortly before
//! they run out: in the object's memory, and sealed in its store for the time after it slept.

use std::cell::Cell;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::lock::Mutex;
use provisioning::cycle::{ScimResponse, TransportError, TransportErrorKind};
use provisioning::target::oauth::{self, AccessToken};
use store::Settings as _;
use worker::{Headers, Method, Request, RequestInit, RequestRedirect};

use super::secrets::Secrets;
use super::target::USER_AGENT;
use super::target_url::TargetUrl;
use super::wire::{Wire, other};
use super::{diagnosis, keys};
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::clock;
use crate::platform::secret::{Secret, SecretBox};

/// How long no other token is asked for when the target refused one that was new: so long the requests of one
/// attempt follow each other, and a person who mended something tries again later.
const REFUSED_PAUSE_MS: i64 = 5_000;

/// An OAuth 2.0 client at its token endpoint.
#[derive(Clone)]
pub struct Client {
    /// The whole address, a query included.
    pub address: String,
    /// The address, looked into.
    pub url: TargetUrl,
    /// `client_id`.
    pub id: String,
    /// `client_secret`.
    pub secret: Secret,
    /// `scope`; empty for none.
    pub scope: String,
}

/// The access token that is used at the moment. Whoever holds the lock may ask for another one.
#[derive(Default)]
pub struct Held {
    token: Mutex<Option<AccessToken>>,
    /// Whether the store has another one, or none.
    is_new: Cell<bool>,
    /// Whether the endpoint takes the client's secret in the form, which was found out.
    in_form: Cell<bool>,
    /// When the target last refused a token that was new, in Unix milliseconds.
    refused: Cell<i64>,
}

/// What authorizes requests.
#[derive(Clone)]
pub enum Credential {
    /// The Secret Token.
    Bearer(Secret),
    /// Access tokens of a client.
    Client(Rc<Client>, Rc<Held>),
}

impl Credential {
    /// The job's, with the token that it has.
    pub fn of(job: &Job, secrets: &Secrets) -> Result<Self, ApiError> {
        let Some(client) = secrets.client()? else { return Ok(Self::Bearer(secrets.token())) };
        let held = Rc::clone(&job.access.borrow());
        if let Some(mut token) = held.token.try_lock()
            && token.is_none()
        {
            *token = stored(job)?;
        }
        Ok(Self::Client(Rc::new(client), held))
    }

    /// One that is tried, and has no token yet.
    pub fn new(secrets: &Secrets) -> Result<Self, ApiError> {
        Ok(match secrets.client()? {
            Some(client) => Self::Client(Rc::new(client), Rc::default()),
            None => Self::Bearer(secrets.token()),
        })
    }

    /// Whether there can be another token than the one that was refused. One that was new is no worse than the next.
    pub(super) fn can_renew(&self, was_new: bool) -> bool {
        let Self::Client(_, held) = self else { return false };
        if was_new {
            held.refused.set(clock::now_ms());
        }
        clock::now_ms() - held.refused.get() >= REFUSED_PAUSE_MS
    }

    /// A token for a request, and whether it is new; not the one that was refused, which another request may have
    /// noticed already.
    pub(super) async fn token(
        &self,
        wire: &Wire<'_>,
        refused: Option<&Secret>,
    ) -> Result<(Secret, bool), TransportError> {
        let (client, held) = match self {
            Self::Bearer(token) => return Ok((token.clone(), false)),
            Self::Client(client, held) => (client, held),
        };
        let mut token = held.token.lock().await;
        let now = clock::now_ms();
        if let Some(known) = token.as_ref().filter(|known| {
            now < known.renew_at && refused.is_none_or(|refused| refused.expose() != known.value)
        }) {
            return Ok((Secret::new(known.value.clone()), false));
        }
        let new = client.ask(wire, &held.in_form).await?;
        let value = Secret::new(new.value.clone());
        *token = Some(new);
        held.is_new.set(true);
        Ok((value, true))
    }
}

impl Client {
    /// Asks for a token: with the secret in the header, which every endpoint must support, then in the form.
    async fn ask(&self, wire: &Wire<'_>, in_form: &Cell<bool>) -> Result<AccessToken, TransportError> {
        let mut response = self.post(wire, in_form.get()).await?;
        if !in_form.get() && oauth::wants_form(response.status, &response.body) {
            let second = self.post(wire, true).await?;
            if second.status == 200 {
                in_form.set(true);
                response = second;
            }
        }
        if response.status != 200 {
            return Err(oauth::refusal(&self.address, response.status, &response.body, self.secret.expose()));
        }
        oauth::read(&response.body, clock::now_ms()).map_err(|reason| oauth::unusable(&self.address, reason))
    }

    async fn post(&self, wire: &Wire<'_>, in_form: bool) -> Result<ScimResponse, TransportError> {
        let request = self.request(in_form).map_err(|error| other(&error.to_string()))?;
        let outcome = match self.url.own(wire.origin) {
            Some(rest) => wire.within(request, rest).await,
            None => wire.over_the_network(request).await,
        };
        match outcome.and_then(diagnosis::edge_error) {
            Ok(response) => Ok(response),
            Err(error) => {
                let error = self.url.refine(error).await;
                let reason = match error.kind {
                    TransportErrorKind::Tls => {
                        format!("{}, so that the client's secret is not sent", error.message)
                    }
                    _ => error.message,
                };
                Err(oauth::unavailable(&self.address, &reason))
            }
        }
    }

    fn request(&self, in_form: bool) -> worker::Result<Request> {
        let (id, secret) = (self.id.as_str(), self.secret.expose());
        let headers = Headers::new();
        headers.set("content-type", "application/x-www-form-urlencoded")?;
        headers.set("accept", "application/json")?;
        headers.set("user-agent", USER_AGENT)?;
        if !in_form {
            headers.set("authorization", &format!("Basic {}", STANDARD.encode(oauth::basic(id, secret))))?;
        }
        let form = oauth::form(&self.scope, in_form.then_some((id, secret)));
        let mut init = RequestInit::new();
        // A redirect would carry the secret to another host.
        init.with_method(Method::Post)
            .with_headers(headers)
            .with_redirect(RequestRedirect::Manual)
            .with_body(Some(form.into()));
        Request::new_with_init(&self.address, &init)
    }
}

/// The token that the object kept before it slept, if it can still be used. One that does not open is no loss.
fn stored(job: &Job) -> Result<Option<AccessToken>, ApiError> {
    let Some(text) = job.store().setting(keys::ACCESS_TOKEN)? else { return Ok(None) };
    let Some((renew_at, sealed)) = text.split_once(' ') else { return Ok(None) };
    let renew_at = renew_at.parse().unwrap_or(0);
    if renew_at <= clock::now_ms() {
        return Ok(None);
    }
    let opened = SecretBox::from_env(&job.env)?.open(&job.owner()?, sealed);
    Ok(opened.ok().map(|value| AccessToken { value: value.expose().to_owned(), renew_at }))
}

/// Keeps a token that was asked for meanwhile.
pub fn keep(job: &Job) -> Result<(), ApiError> {
    let held = Rc::clone(&job.access.borrow());
    if !held.is_new.replace(false) {
        return Ok(());
    }
    let Some(token) = held.token.try_lock().and_then(|token| token.clone()) else { return Ok(()) };
    let sealed = SecretBox::from_env(&job.env)?.seal(&job.owner()?, &Secret::new(token.value))?;
    Ok(job.store().set_setting(keys::ACCESS_TOKEN, &format!("{} {sealed}", token.renew_at))?)
}

/// Other credentials were saved: the token is theirs no more. Part of a transaction.
pub fn forget(job: &Job) -> Result<(), ApiError> {
    job.access.replace(Rc::default());
    Ok(job.store().remove_setting(keys::ACCESS_TOKEN)?)
}
