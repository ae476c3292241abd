//! Credentials that are made once and shown once: tokens, clients, API keys.

use crate::api::scim;
use crate::browser;
use crate::parts::act::{Change, use_act};
use crate::parts::create::{Sending, form_end};
use crate::parts::directory_list::options;
use crate::ui::badge::{Tone, badge};
use crate::ui::button::Button;
use crate::ui::copy::CopyField;
use crate::ui::field::{SelectField, TextField};
use crate::ui::icon::icon;
use crate::ui::live::{handler, live};
use crate::ui::time::time;
use leptos::prelude::*;
use serde_json::Value;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// Labels and properties of an answer that are shown once.
type Shown = &'static [(&'static str, &'static str)];

/// What a dialog that makes a credential asks for and says.
pub(crate) struct Making {
    /// Under the label.
    pub(crate) hint: &'static str,
    /// What is said when there is no label; empty when none is needed.
    pub(crate) needs_label: &'static str,
    /// What its holder may do: the name of the choice, and the values with their names, the usual one first.
    pub(crate) choice: (&'static str, [(&'static str, &'static str); 2]),
    /// Above what is shown once.
    pub(crate) warning: &'static str,
    /// What that is.
    pub(crate) shown: Shown,
}

/// The form of the dialog: a label, a choice, what else there is; then the secret, once. `request` makes the change
/// from label and choice.
pub(crate) fn create(
    making: Making,
    more: AnyView,
    open: RwSignal<bool>,
    request: impl Fn(String, &str) -> Change + Send + 'static,
) -> AnyView {
    let act = use_act();
    let sending = Sending::new();
    let Making { hint, needs_label, choice: (choice, choices), warning, shown } = making;
    let [(usual, _), _] = choices;
    let (label, chosen) = (RwSignal::new(String::new()), RwSignal::new(usual.to_owned()));
    let wrong = RwSignal::new(String::new());
    // The answer with the secret; it lives here, while the dialog is open, and nowhere else.
    let created = RwSignal::new(None::<Value>);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let label = label.get_untracked().trim().to_owned();
        let missing = if label.is_empty() { needs_label } else { "" };
        wrong.set(missing.to_owned());
        if !missing.is_empty() {
            return;
        }
        let change = request(label, &chosen.read_untracked());
        act.send_then(sending, change, move |answer| created.set(Some(answer.clone())));
    };
    let result = live(move || {
        created.get().map_or_else(|| ().into_any(), |answer| secret(&answer, warning, shown, open))
    });
    view! {
        <form on:submit=handler(submit) class="stack" novalidate hidden=move || created.read().is_some()>
            <TextField label="Label" value=label error=wrong required={!needs_label.is_empty()} hint=hint />
            <SelectField label=choice value=chosen options=options(&choices) />
            {more}
            {form_end("Create", sending, open)}
        </form>
        {result}
    }
    .into_any()
}

/// What is shown once, under a warning.
pub(crate) fn secret(answer: &Value, warning: &'static str, shown: Shown, open: RwSignal<bool>) -> AnyView {
    let fields = shown.iter().map(|(label, property)| {
        let value = scim::text(answer, &[property]);
        view! { <CopyField label=*label value=value /> }.into_any()
    });
    let fields = fields.collect::<Vec<_>>();
    view! {
        <div class="secret">
            <div class="notice warning" role="alert">{icon("warning")}<p>{warning}</p></div>
            {fields}
            <footer class="actions">
                <Button label="Done" class="primary" on_click=Callback::new(move |()| open.set(false)) />
            </footer>
        </div>
    }
    .into_any()
}

/// When a credential ends, for a table.
pub(crate) fn expiry(date: &str) -> AnyView {
    let expired = browser::parse_time(date).is_some_and(|at| at < browser::now());
    if expired { badge(Tone::Bad, "Expired") } else { time(date) }
}

/// The choice of an end, in days.
pub(crate) fn expiry_field(days: RwSignal<String>) -> AnyView {
    let expiries = options(&[("30", "30 days"), ("90", "90 days"), ("180", "180 days"), ("365", "1 year")]);
    view! { <SelectField label="Expires after" value=days options=expiries /> }.into_any()
}

/// The end that was chosen.
pub(crate) fn expires_after(days: RwSignal<String>) -> String {
    let days = days.get_untracked().parse::<i64>().unwrap_or(365);
    browser::rfc3339(browser::now() + days * DAY)
}
