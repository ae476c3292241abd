//! How a directory answers SCIM clients: unknown members of groups, and how many requests it takes.

use crate::api::endpoints;
use crate::parts::act::{Change, use_act};
use crate::parts::create::Sending;
use crate::parts::guard::guard;
use crate::ui::button::Submit;
use crate::ui::field::{CheckField, TextField};
use crate::ui::live::{handler, memo};
use crate::ui::panel::Panel;
use crate::ui::state::message;
use api::directory::{Directory, DirectoryPatch};
use leptos::prelude::*;

/// The form.
pub(super) fn panel(directory: &Directory) -> AnyView {
    let act = use_act();
    let sending = Sending::new();
    let address = endpoints::directory(&directory.id);
    let known = (
        directory.ignore_unknown_members.unwrap_or_default(),
        directory.requests_per_second.unwrap_or_default().to_string(),
    );
    let (ignore, limit) = (RwSignal::new(known.0), RwSignal::new(known.1.clone()));
    // As it is kept, as far as this page knows.
    let saved = RwSignal::new(known);
    let dirty = memo(move || {
        let saved = saved.read();
        ignore.get() != saved.0 || *limit.read() != saved.1
    });
    guard(dirty.into());
    let wrong = RwSignal::new(String::new());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let number = limit.read_untracked().trim().parse::<u64>();
        wrong.set(if number.is_ok() { "" } else { "Enter a whole number, or 0 for no limit." }.to_owned());
        let Ok(number) = number else { return };
        let sent = (ignore.get_untracked(), limit.get_untracked());
        // Only what was changed: the rest may have been changed by others.
        let patch = saved.with_untracked(|saved| DirectoryPatch {
            ignore_unknown_members: Some(sent.0).filter(|ignore| *ignore != saved.0),
            requests_per_second: Some(number).filter(|_| sent.1 != saved.1),
            ..DirectoryPatch::default()
        });
        let change = Change::patch(address.clone(), &patch).said("Saved").stale(address.clone());
        act.send_then(sending, change, move |_| {
            let _ = saved.try_set(sent);
        });
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
