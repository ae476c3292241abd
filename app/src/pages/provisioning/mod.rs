//! Application → Provisioning: mode, credentials, notification and scope.

mod settings;
mod test_connection;

use crate::api::{decode, endpoints};
use crate::cache::{Client, Remote, use_client};
use crate::parts::application::{ApplicationData, ApplicationHead};
use crate::parts::create::Sending;
use crate::parts::guard::guard;
use crate::parts::remote::show_once;
use crate::paths::ApplicationTab;
use crate::ui::button::Submit;
use crate::ui::field::{CheckField, RadioField, TextField};
use crate::ui::live::{handler, live, live_text, memo};
use crate::ui::panel::Panel;
use crate::ui::state::message;
use crate::ui::toast::use_toasts;
use api::job::{JobRequest, Secrets, SynchronizationJob};
use leptos::prelude::*;
use settings::Settings;

/// The settings page.
#[component]
pub(crate) fn Provisioning(
    /// The application's id.
    id: String,
) -> impl IntoView {
    let data = ApplicationData::new(&id);
    let address = endpoints::secrets(&id);
    let secrets = Remote::<Secrets>::new(move || address.clone());
    let of = id.clone();
    let form = move |secrets: Secrets| {
        view! { <Form id=of.clone() data=data saved=Settings::from_secrets(&secrets) /> }.into_any()
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
    notify: RwSignal<bool>,
    recipients: RwSignal<String>,
    scope: RwSignal<String>,
    keep: RwSignal<bool>,
    saved: RwSignal<Settings>,
    url_error: RwSignal<String>,
    token_error: RwSignal<String>,
    recipients_error: RwSignal<String>,
}

impl Fields {
    fn new(saved: Settings) -> Self {
        let empty = || RwSignal::new(String::new());
        Self {
            tenant_url: RwSignal::new(saved.tenant_url.clone()),
            token: empty(),
            notify: RwSignal::new(saved.notify),
            recipients: RwSignal::new(saved.recipients.clone()),
            scope: RwSignal::new(if saved.sync_all { "all" } else { "assigned" }.to_owned()),
            keep: RwSignal::new(saved.keep_out_of_scope),
            saved: RwSignal::new(saved),
            url_error: empty(),
            token_error: empty(),
            recipients_error: empty(),
        }
    }

    /// What the form says now.
    fn settings(self) -> Settings {
        Settings {
            tenant_url: self.tenant_url.get(),
            token: self.token.get(),
            notify: self.notify.get(),
            recipients: self.recipients.get(),
            sync_all: *self.scope.read() == "all",
            keep_out_of_scope: self.keep.get(),
            ..self.saved.get()
        }
    }

    /// Marks what is wrong; true when the credentials are complete.
    fn check_credentials(self) -> bool {
        let settings = untrack(|| self.settings());
        self.url_error.set(settings.tenant_url_error().to_owned());
        self.token_error.set(settings.token_error().to_owned());
        settings.tenant_url_error().is_empty() && settings.token_error().is_empty()
    }

    /// Marks what is wrong; true when it can be saved.
    fn check(self) -> bool {
        let credentials = self.check_credentials();
        let recipients = untrack(|| self.settings()).recipients_error();
        self.recipients_error.set(recipients.to_owned());
        credentials && recipients.is_empty()
    }
}

const MODES: &[(&str, &str)] = &[("automatic", "Automatic"), ("manual", "Manual")];
const SCOPES: &[(&str, &str)] =
    &[("assigned", "Sync only assigned users and groups"), ("all", "Sync all users and groups")];

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
            let settings = untrack(|| fields.settings());
            ensure_job(client, &id, data).await?;
            client
                .put(&endpoints::secrets(&id), &settings.to_secrets())
                .await
                .map_err(|error| error.text())?;
            fields.token.set(String::new());
            fields.saved.set(Settings { token: String::new(), token_stored: true, ..settings });
            client.invalidate(&endpoints::application(&id));
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
            {credentials(fields, view! { <test_connection::TestConnection id=address.get_value() data=data fields=fields /> }.into_any())}
            {notification(fields)}
            {scope(fields)}
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
            <div class="unsaved">
                <Submit label="Save" busy=sending.busy />
                <span class="faint" role="status">{unsaved}</span>
            </div>
        </form>
    }
    .into_any()
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

fn credentials(fields: Fields, test: AnyView) -> AnyView {
    let stored = fields.saved.with_untracked(|saved| saved.token_stored);
    let placeholder = if stored { "Saved. Leave empty to keep it." } else { "" };
    let check_url = Callback::new(move |()| {
        let error = untrack(|| fields.settings()).tenant_url_error();
        fields.url_error.set(error.to_owned());
    });
    view! {
        <Panel title="Admin credentials">
            <div class="form">
                <TextField
                    label="Tenant URL"
                    value=fields.tenant_url
                    kind="url"
                    required=true
                    hint="The SCIM 2.0 URL from the application's admin console."
                    error=fields.url_error
                    on_blur=check_url
                />
                <TextField
                    label="Secret Token"
                    value=fields.token
                    kind="password"
                    required=!stored
                    placeholder=placeholder
                    hint="The OAuth bearer token. It is kept encrypted and never shown again."
                    error=fields.token_error
                />
            </div>
            {test}
        </Panel>
    }
    .into_any()
}

fn notification(fields: Fields) -> AnyView {
    view! {
        <Panel title="Notification">
            <div class="form">
                <TextField label="Notification e-mail" value=fields.recipients kind="email" error=fields.recipients_error />
                <CheckField label="Send an e-mail notification when a failure occurs" value=fields.notify />
            </div>
        </Panel>
    }
    .into_any()
}

fn scope(fields: Fields) -> AnyView {
    view! {
        <Panel title="Scope">
            <div class="form">
                <RadioField label="Scope" value=fields.scope options=SCOPES />
                <CheckField
                    label="Leave accounts alone when a person goes out of scope"
                    value=fields.keep
                    hint="Otherwise the account is disabled."
                />
            </div>
        </Panel>
    }
    .into_any()
}
