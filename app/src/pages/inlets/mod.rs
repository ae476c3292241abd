//! Inlets: what fills the workforce directory by itself.

pub(crate) mod conflicts;
mod described;
pub(crate) mod detail;
mod fields;
mod form;
mod mirrored;
mod order;
mod rules;
mod single;
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
use described::{Described, ordered};
use leptos::prelude::*;
use single::Single;

/// The list.
#[component]
pub(crate) fn Inlets() -> impl IntoView {
    let act = use_act();
    let directory = StoredValue::new(use_session().workforce_directory_id);
    let address = StoredValue::new(endpoints::inlets(&directory.get_value()));
    let inlets = Remote::<Collection<Described>>::new(move || address.get_value());
    let running = move || {
        let list = untrack(|| inlets.value()).map(|list| list.value).unwrap_or_default();
        list.iter().any(|one| one.inlet.status.state == "running")
    };
    poll(move || address.get_value(), running);
    let single = Single::new(directory, inlets);
    let adding = RwSignal::new(false);
    let done = Callback::new(move |id: String| act.goto(&Page::Inlet(id).path()));
    let list = show(inlets, move |list: Collection<Described>| {
        if list.value.is_empty() {
            let why = "An inlet reads people and groups from Microsoft Entra ID and keeps the workforce directory in step \
                       with them.";
            let add = opener("Add Microsoft Entra ID", "add", "primary", adding);
            return empty("No inlet yet", why, Some(add));
        }
        let inlets = ordered(list.value);
        let rows =
            inlets.iter().enumerate().map(|(at, one)| inlet_row(one, order::mover(&inlets, at, address)));
        let rows = rows.collect();
        let columns =
            &["Name", "#Precedence", "State", "Last run", "Next run", "In the directory", "Last error", ""];
        let several = (inlets.len() > 1).then(order::explained);
        view! { {table::table("Inlets", columns, rows)} {several} }.into_any()
    });
    view! {
        <PageHead title="Inlets" actions=opener("Add Microsoft Entra ID", "add", "primary", adding) />
        <Panel title="Inlets of the workforce directory">{list}</Panel>
        {single.panel()}
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

fn inlet_row(described: &Described, mover: AnyView) -> AnyView {
    let inlet = &described.inlet;
    let status = &inlet.status;
    let last = status.last_run.as_ref().and_then(|run| run.ended_date_time.as_deref());
    let error = status.last_error.as_ref().map(|error| error.message.clone());
    table::row(vec![
        table::heading_link(inlet.display_name.clone(), Page::Inlet(inlet.id.clone()).path()),
        table::number(described.precedence().into()),
        table::cell(words::state(&status.state)),
        table::cell(time_or(last, "never")),
        table::cell(time_or(status.next_run_date_time.as_deref(), "–")),
        table::text(holdings(inlet)),
        table::text(error.unwrap_or_default()),
        table::buttons(mover),
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
