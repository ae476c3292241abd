//! The form of an inlet, to add one and to change it, with Test Connection.

use super::Described;
use super::fields::Fields;
use super::words::{CLOUDS, METHODS, problem};
use crate::api::scim;
use crate::cache::use_client;
use crate::parts::act::{Change, use_act};
use crate::parts::create::{Sending, form_end};
use crate::parts::directory_list::options;
use crate::parts::guard::guard;
use crate::ui::button::Button;
use crate::ui::field::{SelectField, TextArea, TextField};
use crate::ui::live::{handler, live, live_option, memo, on_change};
use crate::ui::state::message;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

/// The form, in a dialog. `address` is the list of inlets; `done` gets the id of what was saved.
pub(super) fn form(
    address: String,
    described: Option<&Described>,
    open: RwSignal<bool>,
    done: Callback<String>,
) -> AnyView {
    let act = use_act();
    let sending = Sending::new();
    let fields = Fields::new(described);
    let dirty = memo(move || !fields.changes().is_empty());
    guard(dirty.into());
    let own = described.map(|described| format!("{address}/{}", crate::text::encode(&described.inlet.id)));
    let tested = own.clone().unwrap_or_else(|| address.clone());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !untrack(|| fields.check()) {
            sending.error.set("Something is missing: see the fields above.".to_owned());
            return;
        }
        let change = match &own {
            Some(own) => {
                let changes = untrack(|| fields.changes());
                if changes.is_empty() {
                    open.set(false);
                    act.say("Nothing was changed");
                    return;
                }
                Change::patch(own.clone(), &changes).said("Settings saved")
            }
            None => Change::post(address.clone(), &untrack(|| fields.body()))
                .said(format!("{} was added; its first round runs", untrack(|| fields.name.text()))),
        };
        let change = change.stale(address.clone()).close(open);
        act.send_then(sending, change, move |answer| {
            // The page may be left by now.
            let _ = done.try_run(scim::text(answer, &["id"]));
        });
    };
    let origins = live_option(move || {
        (*fields.cloud.read() == "custom").then(|| {
            view! {
                <TextField label="Login origin" value=fields.login.value error=fields.login.error kind="url" required=true />
                <TextField label="Graph origin" value=fields.graph.value error=fields.graph.error kind="url" required=true />
            }
            .into_any()
        })
    });
    let credential = live(move || {
        let certificate = *fields.method.read() == "certificate";
        let keeps = fields.keeps();
        if certificate {
            let hint = if keeps {
                "Leave both empty to keep the saved ones."
            } else {
                "The one that is uploaded to the app registration, in PEM."
            };
            return view! {
                <TextArea label="Certificate" value=fields.certificate.value error=fields.certificate.error hint=hint />
                <TextArea
                    label="Private key"
                    value=fields.key.value
                    error=fields.key.error
                    hint="RSA, PKCS#8 without a password, in PEM. It is kept encrypted and never shown again."
                />
            }
            .into_any();
        }
        let hint = if keeps {
            "Leave it empty to keep the saved one. It is never shown."
        } else {
            "The secret's value, not its ID. It is kept encrypted and never shown again."
        };
        view! {
            <TextField
                label="Client secret"
                value=fields.secret.value
                error=fields.secret.error
                kind="password"
                hint=hint
                required={!keeps}
            />
        }
        .into_any()
    });
    view! {
        <form on:submit=handler(submit) class="stack" novalidate>
            <p class="hint">
                "An app registration with the application permissions "<code>"User.Read.All"</code>" and "
                <code>"GroupMember.Read.All"</code>", with admin consent."
            </p>
            <div class="form-grid">
                <TextField label="Name" value=fields.name.value error=fields.name.error required=true />
                <SelectField label="Cloud" value=fields.cloud options=options(&CLOUDS) />
                <TextField label="Tenant ID" value=fields.tenant.value error=fields.tenant.error required=true />
                <TextField label="Client ID" value=fields.client.value error=fields.client.error required=true />
                <SelectField label="Sign in with" value=fields.method options=options(&METHODS) />
                {credential}
                <TextField
                    label="Minutes between two rounds"
                    value=fields.minutes.value
                    error=fields.minutes.error
                    kind="number"
                    required=true
                />
                {origins}
                <TextField
                    label="Extension attributes"
                    value=fields.extensions.value
                    hint="Read besides, separated by spaces: extensionAttribute1 to 15, extension_…"
                />
            </div>
            {fields.rules.view()}
            {test(fields, tested, sending)}
            {form_end(if fields.saved { "Save" } else { "Add inlet" }, sending, open)}
        </form>
    }
    .into_any()
}

/// Test Connection. `address` is the inlet's, or that of the list.
fn test(fields: Fields, address: String, sending: Sending) -> AnyView {
    let client = use_client();
    let busy = RwSignal::new(false);
    let (good, bad) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    // Counts tests and changes of the form: what is told about an earlier one is not shown.
    let asked = StoredValue::new(0_u32);
    // What was tested is no longer what the form says.
    on_change(move || {
        for input in [
            fields.tenant,
            fields.client,
            fields.secret,
            fields.certificate,
            fields.key,
            fields.login,
            fields.graph,
        ] {
            input.value.track();
        }
        fields.cloud.track();
        fields.method.track();
        asked.update_value(|asked| *asked = asked.wrapping_add(1));
        busy.set(false);
        sending.error.set(String::new());
        good.set(String::new());
        bad.set(String::new());
    });
    let act = Callback::new(move |()| {
        if !untrack(|| fields.check_connection()) {
            return;
        }
        let path = format!("{address}/validateCredentials");
        let mut body = untrack(|| fields.body());
        // Neither matters for the test.
        for (name, value) in [("displayName", Value::from("Test")), ("precedence", Value::Null)] {
            if let Some(entry) = body.get_mut(name) {
                *entry = value;
            }
        }
        let reply = client.post(&path, &body);
        asked.update_value(|asked| *asked = asked.wrapping_add(1));
        let this = asked.get_value();
        busy.set(true);
        good.set(String::new());
        bad.set(String::new());
        spawn_local(async move {
            let outcome = reply.await;
            // The form says something else by now, or was left.
            if asked.try_get_value() != Some(this) {
                return;
            }
            match outcome {
                Ok(_) => good.set(
                    "The connection works: Microsoft Graph accepts the credentials and lets people and groups be read."
                        .to_owned(),
                ),
                Err(error) => bad.set(format!("{}\n{}", problem(&error.code), error.text())),
            }
            busy.set(false);
        });
    });
    view! {
        <div class="stack">
            <div class="actions"><Button label="Test Connection" icon_name="sync" on_click=act busy=busy changes=true /></div>
            {message("good", move || good.get())}
            {message("bad", move || bad.get())}
        </div>
    }
    .into_any()
}
