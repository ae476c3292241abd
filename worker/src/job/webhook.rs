//! Signed messages to the address that the job's settings name, beside e-mail. Their form is that of Standard
//! Webhooks (headers `webhook-id`, `webhook-timestamp`, `webhook-signature`), so that libraries check the signature.
//!
//! A message is written down in the transaction that makes it true and sent afterwards, beside whatever the job
//! does: a cycle never waits for it. One that is not taken is tried again by the job's alarm, less and less often, as
//! [`PAUSES_MS`] says.

use std::rc::Rc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use store::Settings as _;
use store::job::JobStore;
use worker::{Env, Headers, Method, Request, RequestInit, RequestRedirect, Storage, console_error};

use super::keys;
use super::secrets::Secrets;
use super::target::USER_AGENT;
use super::target_url::TargetUrl;
use super::wire::Wire;
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::secret::Secret;
use crate::platform::sql::ObjectSql;
use crate::platform::{clock, random};

/// How long the receiver may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a message waits after each attempt that failed; after the last one it is given up.
const PAUSES_MS: [i64; 7] = [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000];
/// Messages that wait at most; the oldest goes first.
const MAXIMUM_WAITING: usize = 20;
/// Begins a secret in its written form.
const PREFIX: &str = "whsec_";
/// Bytes of a secret, as Standard Webhooks wants them.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A message that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Message {
    id: String,
    body: String,
    attempts: usize,
    /// When it is sent, in Unix milliseconds.
    due: i64,
}

impl Message {
    /// Reads a line that [`Message::line`] made.
    fn read(line: &str) -> Option<Self> {
        let mut parts = line.splitn(4, ' ');
        Some(Self {
            id: parts.next()?.to_owned(),
            attempts: parts.next()?.parse().ok()?,
            due: parts.next()?.parse().ok()?,
            body: parts.next()?.to_owned(),
        })
    }

    /// The message as one line: JSON holds no line breaks.
    fn line(&self) -> String {
        format!("{} {} {} {}\n", self.id, self.attempts, self.due, self.body)
    }
}

/// Where messages go.
#[derive(Clone)]
pub struct Webhook {
    /// The whole address.
    pub address: String,
    /// The secret in its written form.
    pub secret: Secret,
}

/// A new secret.
pub fn new_secret() -> Result<String, ApiError> {
    Ok(format!("{PREFIX}{}", STANDARD.encode(random::bytes::<32>()?)))
}

/// The bytes of a secret, if it is one.
fn key(secret: &str) -> Option<Vec<u8>> {
    let key = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    KEY_BYTES.contains(&key.len()).then_some(key)
}

/// Refuses a secret that is none.
pub fn check_secret(secret: &str) -> Result<(), ApiError> {
    key(secret).map(|_| ()).ok_or_else(|| {
        ApiError::bad_request(
            "WebhookSecret is not `whsec_` and 24 to 64 bytes in base64; leave it empty to have one made.",
        )
    })
}

/// Refuses an address that is none.
pub fn check_address(address: &str) -> Result<TargetUrl, ApiError> {
    TargetUrl::read(address, "webhook URL")
}

/// `v1,` and the signature of a message.
fn sign(secret: &str, id: &str, seconds: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret)?).ok()?;
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// Writes down a message. Part of a transaction.
pub fn note(store: &JobStore<'_>, kind: &str, data: &Value) -> Result<(), ApiError> {
    let now = clock::now_ms();
    let body = json!({ "type": kind, "timestamp": clock::rfc3339(now), "data": data }).to_string();
    let mut waiting = waiting(store)?;
    if waiting.len() >= MAXIMUM_WAITING {
        waiting.remove(0);
    }
    waiting.push(Message { id: format!("msg_{}", random::uuid()?), body, attempts: 0, due: now });
    keep(store, &waiting)
}

fn keep(store: &JobStore<'_>, waiting: &[Message]) -> Result<(), ApiError> {
    if waiting.is_empty() {
        return Ok(store.remove_setting(keys::MESSAGES)?);
    }
    let lines: String = waiting.iter().map(Message::line).collect();
    Ok(store.set_setting(keys::MESSAGES, &lines)?)
}

fn waiting(store: &JobStore<'_>) -> Result<Vec<Message>, ApiError> {
    let lines = store.setting(keys::MESSAGES)?.unwrap_or_default();
    Ok(lines.lines().filter_map(Message::read).collect())
}

/// When the next message is due, in Unix milliseconds.
pub fn due(store: &JobStore<'_>) -> Result<Option<i64>, ApiError> {
    Ok(waiting(store)?.iter().map(|message| message.due).min())
}

/// Begins to send what is due, and does not wait for it.
pub fn start(job: &Job) -> Result<(), ApiError> {
    let is_due = due(&job.store())?.is_some_and(|due| due <= clock::now_ms());
    if !is_due || job.delivering.replace(true) {
        return Ok(());
    }
    let sender = Sender {
        env: job.env.clone(),
        sql: ObjectSql::new(&job.state),
        storage: job.state.storage(),
        owner: job.owner()?,
    };
    let delivering = Rc::clone(&job.delivering);
    job.state.wait_until(async move {
        let outcome = sender.send_due().await;
        delivering.set(false);
        if let Err(error) = outcome {
            error.log("webhook");
        }
    });
    Ok(())
}

/// What sends messages, apart from the job.
struct Sender {
    env: Env,
    sql: ObjectSql,
    storage: Storage,
    owner: String,
}

impl Sender {
    async fn send_due(&self) -> Result<(), ApiError> {
        let store = JobStore::opened(&self.sql);
        let now = clock::now_ms();
        for message in waiting(&store)?.into_iter().filter(|message| message.due <= now) {
            let webhook = Secrets::load(&store, &self.env, &self.owner)?.webhook();
            let outcome = match &webhook {
                Some(webhook) => self.send(webhook, &message).await,
                // Nobody is to be told any more.
                None => Ok(()),
            };
            let told = outcome.as_ref().err().map(|reason| {
                console_error!("webhook: {}: {reason}", message.id);
                let address = webhook.as_ref().map_or("", |webhook| webhook.address.as_str());
                format!("The webhook {address} did not take a message: {reason}.")
            });
            store::sql::in_transaction(&self.sql, || settle(&store, &message, told.as_deref()))?;
        }
        // The job's own alarm may be earlier, which finds what is due as well.
        if let Some(due) = due(&store)? {
            let set = self.storage.get_alarm().await?;
            if set.is_none_or(|set| set > due) {
                self.storage.set_alarm((due - clock::now_ms()).max(0)).await?;
            }
        }
        Ok(())
    }

    async fn send(&self, webhook: &Webhook, message: &Message) -> Result<(), String> {
        let seconds = clock::now_ms() / 1_000;
        let signature = sign(webhook.secret.expose(), &message.id, seconds, &message.body)
            .ok_or("its secret is none; enter another one")?;
        let build = || -> worker::Result<Request> {
            let headers = Headers::new();
            headers.set("content-type", "application/json")?;
            headers.set("user-agent", USER_AGENT)?;
            headers.set("webhook-id", &message.id)?;
            headers.set("webhook-timestamp", &seconds.to_string())?;
            headers.set("webhook-signature", &signature)?;
            let mut init = RequestInit::new();
            init.with_method(Method::Post)
                .with_headers(headers)
                .with_redirect(RequestRedirect::Manual)
                .with_body(Some(message.body.as_str().into()));
            Request::new_with_init(&webhook.address, &init)
        };
        let request = build().map_err(|error| error.to_string())?;
        let wire = Wire { env: &self.env, origin: "", limit: TIMEOUT };
        match wire.over_the_network(request).await {
            Ok(response) if (200..300).contains(&response.status) => Ok(()),
            Ok(response) => Err(format!("it answered {}", response.status)),
            Err(error) => match check_address(&webhook.address) {
                Ok(url) => Err(url.refine(error).await.message),
                Err(_) => Err(error.message),
            },
        }
    }
}

/// Notes what came of an attempt: the message is gone, or waits. `told` is what the job's status says about it.
fn settle(store: &JobStore<'_>, message: &Message, told: Option<&str>) -> Result<(), ApiError> {
    let mut left = waiting(store)?;
    // The job may have been removed meanwhile.
    let Some(index) = left.iter().position(|known| known.id == message.id) else { return Ok(()) };
    let pause = told.and_then(|_| PAUSES_MS.get(message.attempts));
    match (pause, left.get_mut(index)) {
        (Some(pause), Some(kept)) => {
            kept.attempts += 1;
            kept.due = clock::now_ms() + pause;
        }
        _ => {
            left.remove(index);
        }
    }
    keep(store, &left)?;
    match told {
        Some(told) => Ok(store.set_setting(keys::WEBHOOK_ERROR, told)?),
        None => Ok(store.remove_setting(keys::WEBHOOK_ERROR)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_standard_webhooks() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let found = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(found.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn messages_are_lines() {
        let body = json!({ "text": "two\nlines and spaces" }).to_string();
        let message = Message { id: "msg_1".to_owned(), body, attempts: 3, due: 1_795_512_600_000 };
        assert_eq!(message.line().lines().count(), 1);
        assert_eq!(Message::read(message.line().trim_end()), Some(message));
        assert_eq!(Message::read("msg_1 x"), None);
    }

    #[test]
    fn secrets_are_of_24_to_64_bytes() {
        let check = |bytes: usize, expected: bool| {
            let secret = format!("{PREFIX}{}", STANDARD.encode(vec![7; bytes]));
            assert_eq!(check_secret(&secret).is_ok(), expected, "{bytes}");
        };
        check(23, false);
        check(24, true);
        check(64, true);
        check(65, false);
        assert!(check_secret("hunter2").is_err());
        assert!(check_secret("whsec_ä").is_err());
        assert!(check_secret(&new_secret().expect("random bytes")).is_ok());
    }
}
