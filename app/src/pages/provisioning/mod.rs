//! Application → Provisioning: mode, credentials, schedule, notification, scope, deprovisioning and pace.

mod client;
mod panels;
mod policy;
mod rare;
mod settings;
mod test_connection;

use crate::api::{Body, Method, decode, endpoints, parse, scim};
use crate::cache::{Client, Remote, use_client};
use crate::parts::application::{ApplicationData, ApplicationHead};
use crate::parts::create::{Sending, follow};
use crate::parts::guard::guard;
use crate::parts::remote::show_once;
use crate::paths::ApplicationTab;
use crate::ui::button::Submit;
use crate::ui::copy::CopyField;
use crate::ui::field::RadioField;
use crate::ui::live::{handler, live, live_option, live_text, memo, memo_with};
use crate::ui::panel::Panel;
use crate::ui::state::message;
use crate::ui::toast::use_toasts;
use api::job::{JobPatch, JobRequest, SchedulePatch, Secrets, SynchronizationJob};
use client::ClientFields;
use leptos::prelude::*;
use panels::{credentials, notification, schedule, scope};
use policy::PolicyFields;
use rare::RareFields;
use settings::Settings;

/// The settings page.
#[component]
pub(crate) fn Provisioning(
    /// The application's id.
    id: String,
) -> impl IntoView {
    let data = ApplicationData::new(&id);
    let address = endpoints::secrets(&id);
    // The form also shows the job's interval, so the job comes first, as it is now. Once it was known the form stays,
    // also while jobs are read anew: Test Connection makes the first one.
    let jobs = data.jobs;
    let known =
        memo_with(move |before| before == Some(&true) || jobs.is_current() || jobs.trouble().is_some());
    let secrets = Remote::<Secrets>::new(move || if known.get() { address.clone() } else { String::new() });
    let of = id.clone();
    let form = move |secrets: Secrets| {
        let job = untrack(|| data.job());
        let saved = Settings::from_secrets(&secrets).every(job.as_ref());
        view! { <Form id=of.clone() data=data saved=saved /> }.into_any()
    };
    view! {
        <ApplicationHead id=id data=data tab=ApplicationTab::Provisioning />
        {show_once(secrets, form)}
    }
    .into_any()
}

/// The job's id; makes the job when there is none yet.
pub(crate) async fn ensure_job(client: Client, id: &str, data: ApplicationData) -> Result<String, String> {
    if let Some(job) = untrack(|| data.job()) {
        return Ok(job.id);
    }
    let answer = client.post(&endpoints::jobs(id), &JobRequest { template_id: String::new() }).await;
    let job = answer.and_then(|text| decode::<SynchronizationJob>(&text)).map_err(|error| error.text())?;
    client.invalidate(&endpoints::jobs(id));
    Ok(job.id)
}

/// The form's fields and what is wrong with them.
#[derive(Clone, Copy)]
pub(crate) struct Fields {
    tenant_url: RwSignal<String>,
    token: RwSignal<String>,
    client: ClientFields,
    expires: RwSignal<String>,
    webhook_url: RwSignal<String>,
    new_webhook_secret: RwSignal<bool>,
    notify: RwSignal<bool>,
    recipients: RwSignal<String>,
    scope: RwSignal<String>,
    keep: RwSignal<bool>,
    minutes: RwSignal<String>,
    policy: PolicyFields,
    rare: RareFields,
    saved: RwSignal<Settings>,
    url_error: RwSignal<String>,
    token_error: RwSignal<String>,
    recipients_error: RwSignal<String>,
    webhook_error: RwSignal<String>,
    minutes_error: RwSignal<String>,
}

impl Fields {
    fn new(saved: Settings) -> Self {
        let empty = || RwSignal::new(String::new());
        Self {
            tenant_url: RwSignal::new(saved.tenant_url.clone()),
            token: empty(),
            client: ClientFields::new(&saved.client),
            expires: RwSignal::new(saved.expires.clone()),
            webhook_url: RwSignal::new(saved.webhook_url.clone()),
            new_webhook_secret: RwSignal::new(false),
            notify: RwSignal::new(saved.notify),
            recipients: RwSignal::new(saved.recipients.clone()),
            scope: RwSignal::new(if saved.sync_all { "all" } else { "assigned" }.to_owned()),
            keep: RwSignal::new(saved.keep_out_of_scope),
            minutes: RwSignal::new(saved.minutes.clone()),
            policy: PolicyFields::new(&saved.policy),
            rare: RareFields::new(&saved.rare),
            saved: RwSignal::new(saved),
            url_error: empty(),
            token_error: empty(),
            recipients_error: empty(),
            webhook_error: empty(),
            minutes_error: empty(),
        }
    }

    /// What the form says now.
    fn settings(self) -> Settings {
        Settings {
            tenant_url: self.tenant_url.get(),
            token: self.token.get(),
            client: self.client.client(self.saved.read().client.stored),
            expires: self.expires.get(),
            webhook_url: self.webhook_url.get(),
            new_webhook_secret: self.new_webhook_secret.get(),
            notify: self.notify.get(),
            recipients: self.recipients.get(),
            sync_all: *self.scope.read() == "all",
            keep_out_of_scope: self.keep.get(),
            minutes: self.minutes.get(),
            policy: self.policy.policy(),
            rare: self.rare.rare(),
            ..self.saved.get()
        }
    }

    /// Shows what was saved, with what somebody else had changed, where nothing else was typed meanwhile.
    fn follow(self, sent: &Settings, saved: &Settings) {
        follow(self.tenant_url, &sent.tenant_url, &saved.tenant_url);
        follow(self.token, &sent.token, &saved.token);
        self.client.follow(&sent.client, &saved.client);
        follow(self.expires, &sent.expires, &saved.expires);
        follow(self.webhook_url, &sent.webhook_url, &saved.webhook_url);
        follow(self.new_webhook_secret, &sent.new_webhook_secret, &saved.new_webhook_secret);
        follow(self.notify, &sent.notify, &saved.notify);
        follow(self.recipients, &sent.recipients, &saved.recipients);
        let scope = |all: bool| if all { "all" } else { "assigned" }.to_owned();
        follow(self.scope, &scope(sent.sync_all), &scope(saved.sync_all));
        follow(self.keep, &sent.keep_out_of_scope, &saved.keep_out_of_scope);
        self.policy.follow(&sent.policy, &saved.policy);
    }

    /// Marks what is wrong; true when the credentials are complete.
    fn check_credentials(self) -> bool {
        let settings = untrack(|| self.settings());
        self.url_error.set(settings.tenant_url_error().to_owned());
        self.token_error.set(settings.token_error().to_owned());
        let client = self.client.check(settings.client.stored);
        client && settings.tenant_url_error().is_empty() && settings.token_error().is_empty()
    }

    /// Marks what is wrong; true when it can be saved.
    fn check(self) -> bool {
        let credentials = self.check_credentials();
        let settings = untrack(|| self.settings());
        let (recipients, webhook) = (settings.recipients_error(), settings.webhook_error());
        self.recipients_error.set(recipients.to_owned());
        self.webhook_error.set(webhook.to_owned());
        // All of them mark what is wrong, so none may be passed over.
        let (minutes, policy, rare) = (self.check_minutes(), self.check_policy(), self.rare.check());
        credentials && recipients.is_empty() && webhook.is_empty() && minutes && policy && rare
    }

    fn check_policy(self) -> bool {
        self.policy.check(&self.saved.with_untracked(|saved| saved.policy.clone()))
    }

    /// Marks a wrong interval; true when it can be saved. One that was not touched stays as it is.
    fn check_minutes(self) -> bool {
        let (settings, saved) = (untrack(|| self.settings()), self.saved.get_untracked());
        let good = settings.minutes == saved.minutes || settings.interval().is_some();
        let error = if good { "" } else { "Enter a whole number of minutes from 1 to 1,440." };
        self.minutes_error.set(error.to_owned());
        good
    }
}

const MODES: &[(&str, &str)] = &[("automatic", "Automatic"), ("manual", "Manual")];

#[component]
fn Form(id: String, data: ApplicationData, saved: Settings) -> impl IntoView {
    let client = use_client();
    let toasts = use_toasts();
    let sending = Sending::new();
    let fields = Fields::new(saved);
    let mode = RwSignal::new("automatic".to_owned());
    let manual = memo(move || *mode.read() == "manual");
    let dirty = memo(move || manual.get() || fields.settings() != fields.saved.get());
    guard(dirty.into());
    let address = StoredValue::new(id);
    // The secret of the webhook, when one was made: it is shown this once.
    let made = RwSignal::new(String::new());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !manual.get_untracked() && !fields.check() {
            sending.error.set("Something is missing: see the fields above.".to_owned());
            return;
        }
        sending.run(async move {
            let id = address.get_value();
            if manual.get_untracked() {
                return pause(client, &id, data).await.map(|said| {
                    mode.set("automatic".to_owned());
                    toasts.show(said);
                });
            }
            let (typed, before) = (untrack(|| fields.settings()), fields.saved.get_untracked());
            let job = ensure_job(client, &id, data).await?;
            // The set is replaced as a whole: what was not changed here goes as it is stored now.
            let path = endpoints::secrets(&id);
            let stored = client.get::<Secrets>(&path).await.map_err(|error| error.text())?;
            let settings = typed.over(&before, &Settings::from_secrets(&stored));
            let answer = client.put(&path, &settings.to_secrets()).await;
            let answer = parse(&answer.map_err(|error| error.text())?).unwrap_or_default();
            made.set(
                scim::values(&answer, "value")
                    .first()
                    .map(|one| scim::text(one, &["value"]))
                    .unwrap_or_default(),
            );
            // From here on a second attempt is compared with this, whatever becomes of the job's own settings.
            let saved = settings.once_saved();
            fields.follow(&typed, &saved);
            fields.saved.set(saved.clone().before_the_job(&before));
            client.invalidate(&path);
            let interval = typed.interval().filter(|_| typed.minutes != before.minutes);
            let mut changes = typed.policy.changes(&before.policy);
            typed.rare.add_changes(&before.rare, &mut changes);
            let patch = JobPatch {
                schedule: interval.map(|interval| SchedulePatch { interval: Some(interval) }),
                synchronization_job_settings: changes,
            };
            if patch != JobPatch::default() {
                let path = endpoints::job(&id, &job, "");
                let answer = client.send(Method::Patch, &path, Body::json(&patch)).await;
                answer.map_err(|error| error.text())?;
            }
            fields.saved.set(saved);
            client.invalidate(&endpoints::application(&id));
            client.invalidate(&endpoints::jobs(&id));
            toasts.show("Settings saved");
            Ok(())
        });
    };
    let sections = live(move || {
        if manual.get() {
            return view! {
                <p class="notice">
                    "You keep the accounts yourself. Saving pauses provisioning; settings, links and logs are kept."
                </p>
            }
            .into_any();
        }
        view! {
            {credentials(fields, data, view! { <test_connection::TestConnection id=address.get_value() data=data fields=fields /> }.into_any())}
            {schedule(fields)}
            {notification(fields, data)}
            {scope(fields)}
            {policy::panels(fields.policy, Callback::new(move |()| {
                fields.check_policy();
            }))}
            {rare::panel(fields.rare)}
        }
        .into_any()
    });
    let unsaved = live_text(move || {
        if dirty.get() { "There are unsaved changes." } else { "Everything is saved." }.to_owned()
    });
    view! {
        <form on:submit=handler(submit) class="stack" novalidate>
            <Panel title="Provisioning mode"><RadioField label="Mode" value=mode options=MODES /></Panel>
            {sections}
            {message("bad", move || sending.error.get())}
            {live_option(move || secret(made.get()))}
            <div class="unsaved">
                <Submit label="Save" busy=sending.busy />
                <span class="faint" role="status">{unsaved}</span>
            </div>
        </form>
    }
    .into_any()
}

/// The secret of the webhook, right after it was made.
fn secret(made: String) -> Option<AnyView> {
    (!made.is_empty()).then(|| {
        view! {
            <Panel title="Secret of the webhook">
                <p>"Copy it now: it is not shown again. The receiver checks the signature of each message with it."</p>
                <CopyField label="Webhook secret" value=made />
            </Panel>
        }
        .into_any()
    })
}

/// Manual mode: provisioning rests.
async fn pause(client: Client, id: &str, data: ApplicationData) -> Result<&'static str, String> {
    let Some(job) =
        untrack(|| data.job()).filter(|job| matches!(job.status.code.as_str(), "Active" | "Quarantine"))
    else {
        return Ok("Provisioning does not run");
    };
    let path = endpoints::job(id, &job.id, "pause");
    client.post(&path, &serde_json::Value::Null).await.map_err(|error| error.text())?;
    client.invalidate(&endpoints::jobs(id));
    Ok("Provisioning is paused")
}
