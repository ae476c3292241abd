//! E-mail to the people whom the job's settings name, and a message to its webhook, when the job needs somebody: a
//! quarantine began or changed its reason (which includes deletions that are held), the job was switched off, or its
//! credentials run out.
//!
//! What is to be told is written in the transaction that makes it true and sent afterwards, so that a crash in
//! between sends it later, and twice at the most. A mail that is refused is tried again each minute, up to
//! [`MAXIMUM_ATTEMPTS`].

use api::job::NotificationSettings;
use provisioning::quarantine::{QuarantineReason, QuarantineState};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Settings as _;
use store::job::JobStore;
use worker::{Env, SendEmailBuilder, console_error, console_log};

use super::record::JobRecord;
use super::secrets::Secrets;
use super::{keys, webhook};
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::clock;
use crate::platform::settings::{save_setting, setting};

/// The binding of e-mail.
const EMAIL: &str = "EMAIL";
/// The variable with the address of the sender.
const SENDER: &str = "MAIL_FROM";
/// How often a mail is tried.
const MAXIMUM_ATTEMPTS: u32 = 60;
/// Mails that wait at most; the oldest goes first.
const MAXIMUM_WAITING: usize = 20;
/// Recipients of a job at most.
const MAXIMUM_RECIPIENTS: usize = 50;

/// A mail that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Notice {
    recipients: Vec<String>,
    subject: String,
    text: String,
    attempts: u32,
}

/// What people are told.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// A quarantine began, or its reason changed.
    Quarantine(&'a QuarantineState),
    /// The job was switched off, by itself.
    Disabled,
    /// The credentials run out soon, or did.
    Expiry {
        /// When, in Unix milliseconds.
        at: i64,
        /// Whether they did.
        is_over: bool,
    },
}

/// Writes down what people are to be told, if the job's settings say so. Part of a transaction.
pub fn note(job: &Job, record: &JobRecord, event: &Event<'_>) -> Result<(), ApiError> {
    let store = job.store();
    let secrets = Secrets::of(job)?;
    let recipients = recipients(&secrets.notification());
    let origin = store.setting(keys::ORIGIN)?.unwrap_or_default();
    let (subject, text) = compose(record, &origin, event);
    if secrets.webhook().is_some() {
        let (kind, reason) = kind(event);
        let data = json!({
            "jobId": record.job_id,
            "servicePrincipalId": record.service_principal_id,
            "displayName": record.display_name,
            "reason": reason,
            "subject": subject,
            "text": text,
            "url": page(record, &origin),
        });
        webhook::note(&store, kind, &data)?;
    }
    if recipients.is_empty() {
        return Ok(());
    }
    let mut waiting = waiting(&store)?;
    if waiting.len() >= MAXIMUM_WAITING {
        waiting.remove(0);
    }
    waiting.push(Notice { recipients, subject, text, attempts: 0 });
    save_setting(&store, keys::NOTICES, &waiting)
}

fn waiting(store: &JobStore<'_>) -> Result<Vec<Notice>, ApiError> {
    Ok(setting(store, keys::NOTICES)?.unwrap_or_default())
}

/// The type of a message, and the reason of a quarantine.
fn kind(event: &Event<'_>) -> (&'static str, Value) {
    match event {
        Event::Quarantine(quarantine) => {
            let is_held = quarantine.reason == QuarantineReason::TooManyDeletes;
            let kind = if is_held { "job.deletionsHeld" } else { "job.quarantine" };
            (kind, crate::json::value(&quarantine.reason).unwrap_or_default())
        }
        Event::Disabled => ("job.disabled", Value::Null),
        Event::Expiry { is_over: false, .. } => ("job.credentialsExpire", Value::Null),
        Event::Expiry { is_over: true, .. } => ("job.credentialsExpired", Value::Null),
    }
}

/// Sends what waits. Failures are logged and kept for the next time.
pub async fn flush(job: &Job) -> Result<(), ApiError> {
    webhook::start(job)?;
    let store = job.store();
    while let Some(notice) = waiting(&store)?.into_iter().next() {
        let sent = send(&job.env, &notice).await;
        // Read again: the job may have noted more meanwhile.
        let mut left = waiting(&store)?;
        if left.first() != Some(&notice) {
            continue;
        }
        match sent {
            Ok(()) => {
                console_log!("mail sent: {}", notice.subject);
                left.remove(0);
            }
            Err(reason) => {
                console_error!("mail not sent: {}: {reason}", notice.subject);
                let is_over = notice.attempts + 1 >= MAXIMUM_ATTEMPTS;
                if is_over {
                    left.remove(0);
                } else if let Some(first) = left.first_mut() {
                    first.attempts += 1;
                }
                keep(&store, &left)?;
                return Ok(());
            }
        }
        keep(&store, &left)?;
    }
    Ok(())
}

fn keep(store: &JobStore<'_>, left: &[Notice]) -> Result<(), ApiError> {
    if left.is_empty() {
        Ok(store.remove_setting(keys::NOTICES)?)
    } else {
        save_setting(store, keys::NOTICES, &left)
    }
}

async fn send(env: &Env, notice: &Notice) -> Result<(), String> {
    let sender = env.var(SENDER).map(|value| value.to_string()).unwrap_or_default();
    if sender.is_empty() {
        return Err(format!("the variable {SENDER} of the Worker rollcall-jobs names no sender"));
    }
    let email = env.send_email(EMAIL).map_err(|error| error.to_string())?;
    let message = SendEmailBuilder::new_with_str_and_slice(&sender, &notice.recipients, &notice.subject);
    message.set_text(&notice.text);
    email.send_with_builder(&message).await.map(|_| ()).map_err(|error| format!("{error:?}"))
}

/// The addresses of the settings, if mail is switched on.
fn recipients(settings: &NotificationSettings) -> Vec<String> {
    if !settings.enabled {
        return Vec::new();
    }
    settings
        .recipients
        .split([',', ';', ' '])
        .map(str::trim)
        .filter(|address| address.contains('@'))
        .take(MAXIMUM_RECIPIENTS)
        .map(str::to_owned)
        .collect()
}

/// The application in the portal.
fn page(record: &JobRecord, origin: &str) -> String {
    format!("{origin}/applications/{}", record.service_principal_id)
}

/// Subject and text.
fn compose(record: &JobRecord, origin: &str, event: &Event<'_>) -> (String, String) {
    let name = &record.display_name;
    let page = page(record, origin);
    match event {
        Event::Quarantine(quarantine) if quarantine.reason == QuarantineReason::TooManyDeletes => (
            format!("{name}: deletions are held for you to decide"),
            format!(
                "Provisioning to {name} would delete or disable more accounts than its limit on accidental deletions allows. They are held; everything else goes on.\n\nLook at who is concerned, then let them through or change the scope: {page}\n"
            ),
        ),
        Event::Quarantine(quarantine) => {
            let error = quarantine.error.as_ref().map_or_else(String::new, |error| {
                format!("\n\n{} {}", error.message, error.recommended_action).trim_end().to_owned()
            });
            (
                format!("{name}: provisioning is in quarantine"),
                format!(
                    "Provisioning to {name} fails and is slowed down until it works again. People who leave or change are not brought to {name} meanwhile.{error}\n\nThe next try is on {}. When the cause is removed, choose Start provisioning to try at once: {page}\n",
                    clock::rfc3339(quarantine.next_attempt)
                ),
            )
        }
        Event::Expiry { at, is_over } => {
            let verb = if *is_over { "ran out" } else { "run out" };
            (
                format!("{name}: the credentials of provisioning {verb}"),
                format!(
                    "The credentials with which provisioning writes to {name} {verb} on {}. Without valid ones nobody is created, changed or disabled in {name}.\n\nCreate new ones in {name}, enter them under Admin Credentials, and test the connection: {page}\n",
                    clock::rfc3339(*at)
                ),
            )
        }
        Event::Disabled => (
            format!("{name}: provisioning is switched off"),
            format!(
                "Provisioning to {name} has failed for too long and was switched off. Nobody is created, changed or disabled in {name} until it is started again.\n\nRemove the cause, then start it: {page}\n"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipients_are_those_of_the_settings() {
        let check = |enabled: bool, text: &str, expected: &[&str]| {
            let settings = NotificationSettings {
                enabled,
                recipients: text.to_owned(),
                ..NotificationSettings::default()
            };
            assert_eq!(recipients(&settings), expected, "{text}");
        };
        check(true, "ada@contoso.com", &["ada@contoso.com"]);
        check(
            true,
            "ada@contoso.com; bob@contoso.com,eve@contoso.com",
            &["ada@contoso.com", "bob@contoso.com", "eve@contoso.com"],
        );
        check(false, "ada@contoso.com", &[]);
        check(true, "", &[]);
        check(true, &"a@b.c ".repeat(60), &["a@b.c"; MAXIMUM_RECIPIENTS]);
    }

    fn record() -> JobRecord {
        let text = r#"{"job_id":"j","organization_id":"o","service_principal_id":"sp1","display_name":"Peakon","template_id":"peakon","workforce_directory_id":"d","created_at":0,"state":"Active"}"#;
        crate::json::read(text).expect("a record")
    }

    #[test]
    fn a_mail_says_what_happened_and_what_to_do() {
        let check = |event: &Event<'_>, subject: &str, parts: &[&str]| {
            let (found, text) = compose(&record(), "https://rollcall.example", event);
            assert_eq!(found, subject);
            for part in [parts, &["https://rollcall.example/applications/sp1"]].concat() {
                assert!(text.contains(part), "{text}");
            }
        };
        let quarantine = |reason| QuarantineState {
            reason,
            error: Some(provisioning::cycle::CycleError {
                code: "InvalidCredentials".to_owned(),
                message: "The application does not accept the credentials.".to_owned(),
                recommended_action: "Create a new token.".to_owned(),
                details: None,
                tenant_actionable: true,
                quarantine: Some(reason),
            }),
            current_began: 0,
            series_began: 0,
            series_count: 1,
            next_attempt: 3_600_000,
        };
        check(
            &Event::Quarantine(&quarantine(QuarantineReason::EncounteredQuarantineException)),
            "Peakon: provisioning is in quarantine",
            &["does not accept the credentials. Create a new token.", "1970-01-01T01:00:00"],
        );
        check(
            &Event::Quarantine(&quarantine(QuarantineReason::TooManyDeletes)),
            "Peakon: deletions are held for you to decide",
            &["held"],
        );
        check(
            &Event::Expiry { at: 0, is_over: false },
            "Peakon: the credentials of provisioning run out",
            &["run out on 1970-01-01"],
        );
        check(
            &Event::Expiry { at: 0, is_over: true },
            "Peakon: the credentials of provisioning ran out",
            &["Admin Credentials"],
        );
        check(&Event::Disabled, "Peakon: provisioning is switched off", &["start it"]);
    }
}
