//! The form's panels.

use super::Fields;
use super::client::{CLIENT, TOKEN};
use crate::parts::application::ApplicationData;
use crate::ui::field::{CheckField, RadioField, TextField};
use crate::ui::live::{live, live_option, memo};
use crate::ui::panel::Panel;
use crate::ui::state::message;
use crate::ui::time::time;
use leptos::prelude::*;

const SCOPES: &[(&str, &str)] =
    &[("assigned", "Sync only assigned users and groups"), ("all", "Sync all users and groups")];

const KINDS: &[(&str, &str)] = &[(TOKEN, "Bearer token"), (CLIENT, "OAuth client credentials")];

pub(crate) fn credentials(fields: Fields, data: ApplicationData, test: AnyView) -> AnyView {
    let check_url = Callback::new(move |()| {
        let error = untrack(|| fields.settings()).tenant_url_error();
        fields.url_error.set(error.to_owned());
    });
    let by_client = memo(move || fields.client.kind.read().as_str() == CLIENT);
    let secrets = live(move || if by_client.get() { client(fields) } else { token(fields) });
    let known = live_option(move || {
        let expires = data.job()?.status.credentials_expire_date_time?;
        Some(view! { <p class="hint">"The saved credentials run out "{time(&expires)}"."</p> }.into_any())
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
                <RadioField label="Authentication" value=fields.client.kind options=KINDS />
                {secrets}
                <TextField
                    label="Runs out on"
                    value=fields.expires
                    kind="date"
                    hint="If the application says so. People are told 30 and 7 days before."
                />
                {known}
            </div>
            {test}
        </Panel>
    }
    .into_any()
}

/// What a secret's field says while it is empty.
fn placeholder(stored: bool) -> &'static str {
    if stored { "Saved. Leave empty to keep it." } else { "" }
}

fn token(fields: Fields) -> AnyView {
    let stored = fields.saved.with_untracked(|saved| saved.token_stored);
    view! {
        <TextField
            label="Secret Token"
            value=fields.token
            kind="password"
            required=!stored
            placeholder=placeholder(stored)
            hint="The OAuth bearer token. It is kept encrypted and never shown again."
            error=fields.token_error
        />
    }
    .into_any()
}

fn client(fields: Fields) -> AnyView {
    let stored = fields.saved.with_untracked(|saved| saved.client.stored);
    let client = fields.client;
    let [endpoint, id, secret] = client.errors;
    view! {
        <TextField
            label="Token endpoint"
            value=client.endpoint
            kind="url"
            required=true
            hint="Where the application gives out access tokens (OAuth 2.0, client credentials)."
            error=endpoint
        />
        <TextField label="Client ID" value=client.id required=true error=id />
        <TextField
            label="Client secret"
            value=client.secret
            kind="password"
            required=!stored
            placeholder=placeholder(stored)
            hint="It is kept encrypted and never shown again."
            error=secret
        />
        <TextField label="Scope of the access token" value=client.scope hint="Only if the application asks for one." />
    }
    .into_any()
}

pub(crate) fn schedule(fields: Fields) -> AnyView {
    let check = Callback::new(move |()| {
        fields.check_minutes();
    });
    view! {
        <Panel title="Schedule">
            <p>
                "Changes of people, groups and assignments start a cycle within seconds. The interval is for retries of what \
                failed, and for whatever was missed."
            </p>
            <div class="form">
                <TextField
                    label="Minutes between two cycles"
                    value=fields.minutes
                    kind="number"
                    hint="From 1 to 1,440, which is a day. The default is 40."
                    error=fields.minutes_error
                    on_blur=check
                />
            </div>
        </Panel>
    }
    .into_any()
}

pub(crate) fn notification(fields: Fields, data: ApplicationData) -> AnyView {
    let failed = memo(move || data.job().and_then(|job| job.status.notification_error).unwrap_or_default());
    let failed = move || {
        let why = failed.read();
        if why.is_empty() {
            String::new()
        } else {
            format!("The webhook did not take the last message. {why}")
        }
    };
    let has_secret = memo(move || !fields.saved.read().webhook_url.is_empty());
    let renew = live_option(move || {
        has_secret.get().then(|| {
            view! {
                <CheckField
                    label="Make a new webhook secret"
                    value=fields.new_webhook_secret
                    hint="The receiver needs the new one then; it is shown once, after saving."
                />
            }
            .into_any()
        })
    });
    view! {
        <Panel title="Notification">
            <div class="form">
                <TextField label="Notification e-mail" value=fields.recipients kind="email" error=fields.recipients_error />
                <CheckField label="Send an e-mail notification when a failure occurs" value=fields.notify />
                <TextField
                    label="Webhook URL"
                    value=fields.webhook_url
                    kind="url"
                    hint="Gets a signed message about the same, with or without mail. Its secret is shown once, after saving."
                    error=fields.webhook_error
                />
                {renew}
                {message("bad", failed)}
            </div>
        </Panel>
    }
    .into_any()
}

pub(crate) fn scope(fields: Fields) -> AnyView {
    view! {
        <Panel title="Scope">
            <div class="form">
                <RadioField label="Scope" value=fields.scope options=SCOPES />
                <CheckField
                    label="Reach people in groups within assigned groups"
                    value=fields.rare.nested
                    hint="Up to 16 levels. The groups within are not provisioned themselves. A change looks at everybody again."
                />
                <CheckField
                    label="Leave accounts alone when a person goes out of scope"
                    value=fields.keep
                    hint="Otherwise that happens to the account which Deprovisioning says below."
                />
            </div>
        </Panel>
    }
    .into_any()
}
