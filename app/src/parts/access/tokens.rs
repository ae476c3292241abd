//! OAuth bearer tokens: created once and shown once, listed without their secret, revoked at once.

use super::{HINT, RIGHTS, rights, scope};
use crate::api::endpoints;
use crate::cache::Remote;
use crate::parts::act::{Asking, Change, Question, asking};
use crate::parts::credential::{Making, create, expires_after, expiry, expiry_field};
use crate::parts::remote::show;
use crate::ui::button::opener;
use crate::ui::dialog::Dialog;
use crate::ui::live::live;
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use crate::ui::time::{time, time_or};
use api::collection::Collection;
use api::directory::{Token, TokenRequest};
use leptos::prelude::*;

/// The tokens of a directory.
pub(super) fn panel(directory: &str) -> AnyView {
    let address = endpoints::directory_part(directory, "tokens");
    let fetched = address.clone();
    let tokens = Remote::<Collection<Token>>::new(move || fetched.clone());
    let open = RwSignal::new(false);
    let address = StoredValue::new(address);
    let button = opener("Create bearer token", "add", "primary", open);
    view! {
        <Panel title="OAuth bearer tokens" actions=button>
            {show(tokens, move |list| token_table(list, address))}
        </Panel>
        <Dialog open=open title="Create bearer token">{live(move || create_token(address, open))}</Dialog>
    }
    .into_any()
}

fn token_table(list: Collection<Token>, address: StoredValue<String>) -> AnyView {
    if list.value.is_empty() {
        return empty(
            "No bearer token yet",
            "A SCIM client needs one, or an OAuth client, to come in.",
            None,
        );
    }
    let rows = list.value.into_iter().map(|token| token_row(token, address)).collect();
    table::table("OAuth bearer tokens", &["Label", "Rights", "Created", "Expires", "Last used", ""], rows)
}

fn token_row(token: Token, address: StoredValue<String>) -> AnyView {
    let label = if token.label.is_empty() { "(no label)".to_owned() } else { token.label };
    let list = address.get_value();
    let button = asking(Asking {
        label: "Revoke",
        name: Some(format!("Revoke {label}")),
        class: "small danger",
        icon: "",
        question: Question {
            title: format!("Revoke the token {label}?"),
            effect: "Whoever uses it is turned away from the next request on. This cannot be undone."
                .to_owned(),
            verb: "Revoke",
        },
        change: Change::delete(format!("{list}/{}", crate::text::encode(&token.id)))
            .said(format!("{label} was revoked"))
            .stale(list),
    });
    table::row(vec![
        table::heading(label),
        table::text(rights(token.scope)),
        table::cell(time(&token.created_date_time)),
        table::cell(expiry(&token.expires_date_time)),
        table::cell(time_or(token.last_used_date_time.as_deref(), "never")),
        table::buttons(button),
    ])
}

/// Asks for a label, rights and an expiry.
fn create_token(address: StoredValue<String>, open: RwSignal<bool>) -> AnyView {
    let days = RwSignal::new("365".to_owned());
    let making = Making {
        hint: HINT,
        needs_label: "",
        choice: RIGHTS,
        warning: "Copy the token now. You will not see it again: only its fingerprint is kept.",
        shown: &[("OAuth bearer token", "secret")],
    };
    create(making, expiry_field(days), open, move |label, chosen| {
        let expires = Some(expires_after(days));
        let request = TokenRequest { label: Some(label), expires_date_time: expires, scope: scope(chosen) };
        Change::post(address.get_value(), &request).stale(address.get_value())
    })
}
