//! Inlets: what fills the workforce directory by itself.

pub(crate) mod detail;
mod form;
mod words;

use crate::api::endpoints;
use crate::app::use_session;
use crate::cache::{Remote, poll};
use crate::parts::act::use_act;
use crate::parts::remote::show;
use crate::paths::Page;
use crate::text::count;
use crate::ui::button::opener;
use crate::ui::dialog::Dialog;
use crate::ui::live::live;
use crate::ui::page::PageHead;
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use crate::ui::time::time_or;
use api::collection::Collection;
use api::inlet::{Inlet, InletCounts};
use leptos::prelude::*;

/// The list.
#[component]
pub(crate) fn Inlets() -> impl IntoView {
    let act = use_act();
    let address = StoredValue::new(endpoints::inlets(&use_session().workforce_directory_id));
    let inlets = Remote::<Collection<Inlet>>::new(move || address.get_value());
    let running = move || {
        let list = untrack(|| inlets.value()).map(|list| list.value).unwrap_or_default();
        list.iter().any(|inlet| inlet.status.state == "running")
    };
    poll(move || address.get_value(), running);
    let adding = RwSignal::new(false);
    let done = Callback::new(move |id: String| act.goto(&Page::Inlet(id).path()));
    let list = show(inlets, move |list: Collection<Inlet>| {
        if list.value.is_empty() {
            let why = "An inlet reads people and groups from Microsoft Entra ID and keeps the workforce directory in step \
                       with them.";
            let add = opener("Add Microsoft Entra ID", "add", "primary", adding);
            return empty("No inlet yet", why, Some(add));
        }
        let rows = list.value.iter().map(inlet_row).collect();
        let columns = &["Name", "State", "Last run", "Next run", "In the directory", "Last error"];
        table::table("Inlets", columns, rows)
    });
    view! {
        <PageHead title="Inlets" actions=opener("Add Microsoft Entra ID", "add", "primary", adding) />
        <Panel title="Inlets of the workforce directory">{list}</Panel>
        <p class="faint">
            "People also come in by "<a href=Page::Import.path()>"CSV import"</a>", and over SCIM by "
            <a href=Page::Inbound.path()>"inbound provisioning"</a>"."
        </p>
        <Dialog open=adding title="Add Microsoft Entra ID" class="wide">
            {live(move || form::form(address.get_value(), None, adding, done))}
        </Dialog>
    }
    .into_any()
}

fn inlet_row(inlet: &Inlet) -> AnyView {
    let status = &inlet.status;
    let last = status.last_run.as_ref().and_then(|run| run.ended_date_time.as_deref());
    let error = status.last_error.as_ref().map(|error| error.message.clone());
    table::row(vec![
        table::heading_link(inlet.display_name.clone(), Page::Inlet(inlet.id.clone()).path()),
        table::cell(words::state(&status.state)),
        table::cell(time_or(last, "never")),
        table::cell(time_or(status.next_run_date_time.as_deref(), "–")),
        table::text(holdings(inlet)),
        table::text(error.unwrap_or_default()),
    ])
}

/// What of the directory comes from an inlet, in words.
fn holdings(inlet: &Inlet) -> String {
    counted(inlet.status.counts)
}

/// People and groups, in words.
fn counted(counts: InletCounts) -> String {
    format!("{}, {}", count(counts.users, "person", "people"), count(counts.groups, "group", "groups"))
}
