//! OAuth bearer tokens: created once and shown once, listed without their secret, revoked at once.

use crate::api::{endpoints, scim};
use crate::browser;
use crate::cache::Remote;
use crate::parts::act::{Asking, Change, Question, asking, use_act};
use crate::parts::create::{Sending, form_end};
use crate::parts::directory_list::options;
use crate::parts::remote::show;
use crate::ui::badge::{Tone, badge};
use crate::ui::button::{Button, opener};
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
use api::directory::{Token, TokenRequest, TokenScope};
use leptos::prelude::*;

const DAY: i64 = 86_400_000;

/// The tokens of a directory.
#[component]
pub(crate) fn Tokens(
    /// The directory's id.
    directory: String,
) -> impl IntoView {
    let address = endpoints::directory_part(&directory, "tokens");
    let fetched = address.clone();
    let tokens = Remote::<Collection<Token>>::new(move || fetched.clone());
    let open = RwSignal::new(false);
    let address = StoredValue::new(address);
    let create = opener("Create bearer token", "add", "primary", open);
    view! {
        <Panel title="OAuth bearer tokens" actions=create>
            {show(tokens, move |list| token_table(list, address))}
        </Panel>
        <Dialog open=open title="Create bearer token"><CreateToken address=address open=open /></Dialog>
    }
    .into_any()
}

fn token_table(list: Collection<Token>, address: StoredValue<String>) -> AnyView {
    if list.value.is_empty() {
        return empty("No bearer token yet", "A SCIM client needs one to come in.", None);
    }
    let rows = list.value.into_iter().map(|token| token_row(token, address)).collect();
    table::table("OAuth bearer tokens", &["Label", "Rights", "Created", "Expires", "Last used", ""], rows)
}

fn token_row(token: Token, address: StoredValue<String>) -> AnyView {
    let expired = browser::parse_time(&token.expires_date_time).is_some_and(|at| at < browser::now());
    let expires = if expired { badge(Tone::Bad, "Expired") } else { time(&token.expires_date_time) };
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
        table::text(match token.scope {
            TokenScope::Read => "Read",
            TokenScope::ReadWrite => "Read and write",
        }),
        table::cell(time(&token.created_date_time)),
        table::cell(expires),
        table::cell(time_or(token.last_used_date_time.as_deref(), "never")),
        view! { <td class="number">{button}</td> }.into_any(),
    ])
}

/// Asks for a label and an expiry, then shows the secret, once.
#[component]
fn CreateToken(address: StoredValue<String>, open: RwSignal<bool>) -> impl IntoView {
    let act = use_act();
    let sending = Sending::new();
    let (label, days) = (RwSignal::new(String::new()), RwSignal::new("365".to_owned()));
    // The secret; it lives here, while the dialog is open, and nowhere else.
    let created = RwSignal::new(String::new());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let days = days.get_untracked().parse::<i64>().unwrap_or(365);
        let request = TokenRequest {
            label: Some(label.get_untracked().trim().to_owned()),
            expires_date_time: Some(browser::rfc3339(browser::now() + days * DAY)),
            scope: TokenScope::ReadWrite,
        };
        let list = address.get_value();
        act.send_then(sending, Change::post(list.clone(), &request).stale(list), move |answer| {
            created.set(scim::text(answer, &["secret"]));
        });
    };
    let expiries = options(&[("30", "30 days"), ("90", "90 days"), ("180", "180 days"), ("365", "1 year")]);
    live(move || {
        match created.get() {
        token if !token.is_empty() => secret(token, open),
        _ => view! {
            <form on:submit=handler(submit) class="stack">
                <TextField label="Label" value=label hint="What it is for, e.g. the name of the identity provider." />
                <SelectField label="Expires after" value=days options=expiries.clone() />
                {form_end("Create", sending, open)}
            </form>
        }
        .into_any(),
    }
    })
}

fn secret(token: String, open: RwSignal<bool>) -> AnyView {
    view! {
        <div class="secret">
            <div class="notice warning" role="alert">
                {icon("warning")}
                <p>"Copy the token now. You will not see it again: only its fingerprint is kept."</p>
            </div>
            <CopyField label="OAuth bearer token" value=token />
            <footer class="actions">
                <Button label="Done" class="primary" on_click=Callback::new(move |()| open.set(false)) />
            </footer>
        </div>
    }
    .into_any()
}
