//! API keys of the management API: created once and shown once, listed without their secret, revoked at once.

use super::{ROLES, chosen, role_name};
use crate::api::endpoints;
use crate::cache::Remote;
use crate::parts::act::{Asking, Change, Question, asking};
use crate::parts::credential::{Making, create, expires_after, expiry, expiry_field};
use crate::parts::remote::show;
use crate::ui::button::Button;
use crate::ui::dialog::Dialog;
use crate::ui::live::live;
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use crate::ui::time::{time, time_or};
use api::collection::Collection;
use api::organization::{ApiKey, ApiKeyRequest};
use leptos::prelude::*;

/// The panel.
pub(super) fn panel() -> AnyView {
    let keys = Remote::<Collection<ApiKey>>::new(endpoints::api_keys);
    let open = RwSignal::new(false);
    let create = Callback::new(move |()| open.set(true));
    let button = view! {
        <Button label="Create API key" icon_name="add" on_click=create changes=true />
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
        table::cell(expiry(&key.expires_date_time)),
        table::cell(time_or(key.last_used_date_time.as_deref(), "never")),
        table::buttons(button),
    ])
}

/// Asks for a label, a role and an expiry, then shows the key, once.
fn create_key(open: RwSignal<bool>) -> AnyView {
    let days = RwSignal::new("365".to_owned());
    let making = Making {
        hint: "What it is for.",
        needs_label: "Say what the key is for.",
        choice: ("Role", ROLES),
        warning: "Copy the key now. You will not see it again: only its fingerprint is kept.",
        shown: &[("API key", "secret")],
    };
    create(making, expiry_field(days), open, move |label, role| {
        let expires = Some(expires_after(days));
        let request = ApiKeyRequest { label: Some(label), expires_date_time: expires, role: chosen(role) };
        Change::post(endpoints::api_keys(), &request).stale(endpoints::api_keys())
    })
}
