//! The form's panels.

use super::Fields;
use crate::ui::field::{CheckField, RadioField, TextField};
use crate::ui::panel::Panel;
use leptos::prelude::*;

const SCOPES: &[(&str, &str)] =
    &[("assigned", "Sync only assigned users and groups"), ("all", "Sync all users and groups")];

pub(crate) fn credentials(fields: Fields, test: AnyView) -> AnyView {
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

pub(crate) fn notification(fields: Fields) -> AnyView {
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

pub(crate) fn scope(fields: Fields) -> AnyView {
    view! {
        <Panel title="Scope">
            <div class="form">
                <RadioField label="Scope" value=fields.scope options=SCOPES />
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
