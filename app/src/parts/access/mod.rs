//! What lets SCIM clients into a directory: the switch and the URL, how requests are answered, bearer tokens
//! and OAuth clients. A Peakon tenant and the workforce directory have the same.

mod behaviour;
mod clients;
mod tokens;

use crate::api::{endpoints, scim};
use crate::cache::Remote;
use crate::parts::act::{Asking, Change, Question, asking, use_act};
use crate::parts::create::{Sending, form_end};
use crate::parts::directory_list::options;
use crate::parts::remote::{show, show_once};
use crate::ui::badge::{Tone, badge};
use crate::ui::button::Button;
use crate::ui::copy::CopyField;
use crate::ui::field::{SelectField, TextField};
use crate::ui::icon::icon;
use crate::ui::live::{handler, live};
use crate::ui::panel::Panel;
use api::directory::{Directory, DirectoryPatch, TokenScope};
use leptos::prelude::*;
use serde_json::Value;

/// What it is called where it stands.
pub(crate) struct Words {
    pub(crate) title: &'static str,
    pub(crate) why: &'static str,
    pub(crate) enable: &'static str,
    pub(crate) enabled: &'static str,
    pub(crate) disable: &'static str,
    pub(crate) disabled: &'static str,
}

/// All panels, for a directory.
pub(crate) fn access(id: &str, remote: Remote<Directory>, words: &'static Words) -> AnyView {
    view! {
        {show(remote, move |directory| switch(directory, words))}
        {tokens::panel(id)}
        {clients::panel(id)}
        {show_once(remote, |directory| behaviour::panel(&directory))}
    }
    .into_any()
}

/// The switch and the address.
fn switch(directory: Directory, words: &'static Words) -> AnyView {
    let act = use_act();
    let enabled = directory.employee_provisioning_enabled;
    let patch = DirectoryPatch { employee_provisioning_enabled: Some(!enabled), ..DirectoryPatch::default() };
    let change = Change::patch(endpoints::directory(&directory.id), &patch).stale(endpoints::directories());
    let button = if enabled {
        asking(Asking {
            label: words.disable,
            name: None,
            class: "",
            icon: "",
            question: Question {
                title: format!("{} of {}?", words.disable, directory.display_name),
                effect: "SCIM clients are turned away at once, whatever token they have. What they wrote stays as it is."
                    .to_owned(),
                verb: "Disable",
            },
            change: change.said(words.disabled),
        })
    } else {
        let change = StoredValue::new_local(change.said(words.enabled));
        let enable = Callback::new(move |()| act.now(change.get_value()));
        view! { <Button label=words.enable class="primary" on_click=enable /> }.into_any()
    };
    let state = if enabled { badge(Tone::Good, "Enabled") } else { badge(Tone::Neutral, "Disabled") };
    view! {
        <Panel title=words.title actions=state>
            <p>{words.why}</p>
            <CopyField label="SCIM 2.0 URL" value=directory.scim_url />
            <div class="actions">{button}</div>
        </Panel>
    }
    .into_any()
}

/// What a token or client may do, in words.
const fn rights(scope: TokenScope) -> &'static str {
    match scope {
        TokenScope::Read => "Read",
        TokenScope::ReadWrite => "Read and write",
    }
}

/// Labels and properties of an answer that are shown once.
type Shown = &'static [(&'static str, &'static str)];

/// The form of a dialog that creates something with a secret: a label, rights, what else there is; then the
/// secret, once. `request` makes the change from label and rights.
fn create(
    more: AnyView,
    open: RwSignal<bool>,
    warning: &'static str,
    shown: Shown,
    request: impl Fn(String, TokenScope) -> Change + Send + 'static,
) -> AnyView {
    let act = use_act();
    let sending = Sending::new();
    let (label, scope) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    // The answer with the secret; it lives here, while the dialog is open, and nowhere else.
    let created = RwSignal::new(None::<Value>);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let scope = if scope.read_untracked().is_empty() { TokenScope::ReadWrite } else { TokenScope::Read };
        let change = request(label.get_untracked().trim().to_owned(), scope);
        act.send_then(sending, change, move |answer| created.set(Some(answer.clone())));
    };
    let scopes = options(&[("", rights(TokenScope::ReadWrite)), ("read", rights(TokenScope::Read))]);
    let result = live(move || {
        created.get().map_or_else(|| ().into_any(), |answer| secret(&answer, warning, shown, open))
    });
    view! {
        <form on:submit=handler(submit) class="stack" hidden=move || created.read().is_some()>
            <TextField label="Label" value=label hint="What it is for, e.g. the name of the identity provider." />
            <SelectField label="Rights" value=scope options=scopes />
            {more}
            {form_end("Create", sending, open)}
        </form>
        {result}
    }
    .into_any()
}

fn secret(answer: &Value, warning: &'static str, shown: Shown, open: RwSignal<bool>) -> AnyView {
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
