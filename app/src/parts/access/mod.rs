//! What lets SCIM clients into a directory: the switch and the URL, how requests are answered, bearer tokens
//! and OAuth clients. A Peakon tenant and the workforce directory have the same.

mod behaviour;
mod clients;
mod tokens;

use crate::api::endpoints;
use crate::cache::Remote;
use crate::parts::act::{Asking, Change, Question, asking, use_act};
use crate::parts::remote::{show, show_once};
use crate::ui::badge::{Tone, badge};
use crate::ui::button::Button;
use crate::ui::copy::CopyField;
use crate::ui::panel::Panel;
use api::directory::{Directory, DirectoryPatch, TokenScope};
use leptos::prelude::*;

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
        view! { <Button label=words.enable class="primary" on_click=enable changes=true /> }.into_any()
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

/// The choice of rights, as a dialog offers it.
const RIGHTS: (&str, [(&str, &str); 2]) =
    ("Rights", [("", rights(TokenScope::ReadWrite)), ("read", rights(TokenScope::Read))]);

/// Under the label of a token or client.
const HINT: &str = "What it is for, e.g. the name of the identity provider.";

/// What was chosen of [`RIGHTS`].
const fn scope(chosen: &str) -> TokenScope {
    if chosen.is_empty() { TokenScope::ReadWrite } else { TokenScope::Read }
}
