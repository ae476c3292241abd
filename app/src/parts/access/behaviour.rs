//! How a directory answers SCIM clients: unknown members of groups, and how many requests it takes.

use crate::api::endpoints;
use crate::parts::act::{Change, use_act};
use crate::parts::create::Sending;
use crate::ui::button::Submit;
use crate::ui::field::{CheckField, TextField};
use crate::ui::live::handler;
use crate::ui::panel::Panel;
use crate::ui::state::message;
use api::directory::{Directory, DirectoryPatch};
use leptos::prelude::*;

/// The form.
pub(super) fn panel(directory: &Directory) -> AnyView {
    let act = use_act();
    let sending = Sending::new();
    let address = endpoints::directory(&directory.id);
    let ignore = RwSignal::new(directory.ignore_unknown_members.unwrap_or_default());
    let limit = RwSignal::new(directory.requests_per_second.unwrap_or_default().to_string());
    let wrong = RwSignal::new(String::new());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let number = limit.read_untracked().trim().parse::<u64>();
        wrong.set(if number.is_ok() { "" } else { "Enter a whole number, or 0 for no limit." }.to_owned());
        let Ok(number) = number else { return };
        let patch = DirectoryPatch {
            ignore_unknown_members: Some(ignore.get_untracked()),
            requests_per_second: Some(number),
            ..DirectoryPatch::default()
        };
        let change = Change::patch(address.clone(), &patch).said("Saved").stale(address.clone());
        act.send(sending, change);
    };
    view! {
        <Panel title="Requests">
            <form on:submit=handler(submit) class="form" novalidate>
                <CheckField
                    label="Ignore unknown members"
                    value=ignore
                    hint="Members of groups that do not exist here are left out. Otherwise the request is refused."
                />
                <TextField
                    label="Requests a second"
                    value=limit
                    kind="number"
                    error=wrong
                    hint="Of all SCIM clients together. Beyond, they are told to wait (429). 0 is no limit."
                />
                {message("bad", move || sending.error.get())}
                <div class="actions"><Submit label="Save" busy=sending.busy /></div>
            </form>
        </Panel>
    }
    .into_any()
}
