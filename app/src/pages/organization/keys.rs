//! API keys of the management API: created once and shown once, listed without their secret, revoked at once.

use super::{ROLES, blocked, chosen, role_name};
use crate::api::{endpoints, scim};
use crate::browser;
use crate::cache::Remote;
use crate::parts::act::{Asking, Change, Question, asking, use_act};
use crate::parts::create::{Sending, form_end};
use crate::parts::directory_list::options;
use crate::parts::remote::show;
use crate::ui::badge::{Tone, badge};
use crate::ui::button::Button;
use crate::ui::copy::CopyField;
use crate::ui::dialog::Dialog;
use crate::ui::field::{SelectField, TextField};
use crate::ui::icon::icon;
use crate::ui::live::{handler, live};
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use crate::ui::time::{time, time_or};
use api::collection::Collection;
use api::organization::{ApiKey, ApiKeyRequest};
use leptos::prelude::*;
use serde_json::Value;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// The panel.
pub(super) fn panel() -> AnyView {
    let keys = Remote::<Collection<ApiKey>>::new(endpoints::api_keys);
    let open = RwSignal::new(false);
    let create = Callback::new(move |()| open.set(true));
    let button = view! {
        <Button label="Create API key" icon_name="add" on_click=create blocked=blocked() />
    };
    view! {
        <Panel title="API keys" actions=button.into_any()>
            {show(keys, key_table)}
            <p class="hint">
                "For scripts: "<code>"Authorization: Bearer …"</code>". The key that the server was started with works besides, \
                and is not in the list."
            </p>
        </Panel>
        <Dialog open=open title="Create API key">{live(move || create_key(open))}</Dialog>
    }
    .into_any()
}

fn key_table(list: Collection<ApiKey>) -> AnyView {
    if list.value.is_empty() {
        let why = "A script or another program needs one to use the management API.";
        return empty("No API key yet", why, None);
    }
    let rows = list.value.into_iter().map(key_row).collect();
    table::table("API keys", &["Label", "Role", "Created", "Expires", "Last used", ""], rows)
}

fn key_row(key: ApiKey) -> AnyView {
    let expired = browser::parse_time(&key.expires_date_time).is_some_and(|at| at < browser::now());
    let expires = if expired { badge(Tone::Bad, "Expired") } else { time(&key.expires_date_time) };
    let label = key.label;
    let button = asking(Asking {
        label: "Revoke",
        name: Some(format!("Revoke {label}")),
        class: "small danger",
        icon: "",
        question: Question {
            title: format!("Revoke the API key {label}?"),
            effect: "Whoever uses it is turned away from the next request on. This cannot be undone."
                .to_owned(),
            verb: "Revoke",
        },
        change: Change::delete([&endpoints::api_keys(), "/", &crate::text::encode(&key.id)].concat())
            .said(format!("{label} was revoked"))
            .stale(endpoints::api_keys()),
    });
    table::row(vec![
        table::heading(label),
        table::text(role_name(key.role)),
        table::cell(time(&key.created_date_time)),
        table::cell(expires),
        table::cell(time_or(key.last_used_date_time.as_deref(), "never")),
        table::buttons(button),
    ])
}

/// Asks for a label, a role and an expiry, then shows the key, once.
fn create_key(open: RwSignal<bool>) -> AnyView {
    let act = use_act();
    let sending = Sending::new();
    let label = RwSignal::new(String::new());
    let (role, days) = (RwSignal::new("administrator".to_owned()), RwSignal::new("365".to_owned()));
    let wrong = RwSignal::new(String::new());
    // The answer with the secret; it lives here, while the dialog is open, and nowhere else.
    let created = RwSignal::new(None::<Value>);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let label = label.get_untracked().trim().to_owned();
        wrong.set(if label.is_empty() { "Say what the key is for." } else { "" }.to_owned());
        if label.is_empty() {
            return;
        }
        let days = days.get_untracked().parse::<i64>().unwrap_or(365);
        let request = ApiKeyRequest {
            label: Some(label),
            expires_date_time: Some(browser::rfc3339(browser::now() + days * DAY)),
            role: chosen(&role.read_untracked()),
        };
        let change = Change::post(endpoints::api_keys(), &request).stale(endpoints::api_keys());
        act.send_then(sending, change, move |answer| created.set(Some(answer.clone())));
    };
    let expiries = options(&[("30", "30 days"), ("90", "90 days"), ("180", "180 days"), ("365", "1 year")]);
    let result = live(move || created.get().map_or_else(|| ().into_any(), |answer| secret(&answer, open)));
    view! {
        <form on:submit=handler(submit) class="stack" novalidate hidden=move || created.read().is_some()>
            <TextField label="Label" value=label error=wrong required=true hint="What it is for." />
            <SelectField label="Role" value=role options=options(&ROLES) />
            <SelectField label="Expires after" value=days options=expiries />
            {form_end("Create", sending, open)}
        </form>
        {result}
    }
    .into_any()
}

fn secret(answer: &Value, open: RwSignal<bool>) -> AnyView {
    view! {
        <div class="secret">
            <div class="notice warning" role="alert">
                {icon("warning")}
                <p>"Copy the key now. You will not see it again: only its fingerprint is kept."</p>
            </div>
            <CopyField label="API key" value=scim::text(answer, &["secret"]) />
            <footer class="actions">
                <Button label="Done" class="primary" on_click=Callback::new(move |()| open.set(false)) />
            </footer>
        </div>
    }
    .into_any()
}
