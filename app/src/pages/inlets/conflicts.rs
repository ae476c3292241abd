//! Where inlets say different things about a person: whose word counts, and how to change that.

use super::described::{Described, ordered};
use super::order;
use super::single::{Single, effect, preferring};
use super::words::ALWAYS_READ;
use crate::api::endpoints;
use crate::api::odata::{skip_token, with_query};
use crate::app::use_session;
use crate::cache::{Remote, poll, use_client};
use crate::parts::act::{Asking, Change, Question, asking};
use crate::parts::paging::pages;
use crate::parts::query::use_query;
use crate::parts::remote::show;
use crate::paths::Page;
use crate::text::encode;
use crate::ui::badge::{Tone, badge};
use crate::ui::button::{Button, link_button};
use crate::ui::dialog::Dialog;
use crate::ui::live::{live, memo, on_change};
use crate::ui::page::PageHead;
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use api::collection::Collection;
use api::inlet::{AttributePrecedences, InletConflict, InletValue};
use leptos::prelude::*;

/// People of a page of the list.
const PAGE: &str = "50";

/// What the parts of the page need.
#[derive(Clone, Copy)]
struct Here {
    /// Address of the inlets.
    inlets: StoredValue<String>,
    /// Address of the conflicts.
    address: StoredValue<String>,
    known: Remote<Collection<Described>>,
    single: Single,
    /// The one that is to be decided.
    chosen: RwSignal<Option<InletConflict>>,
    open: RwSignal<bool>,
}

impl Here {
    /// A change that ends the dialog and makes the page look again.
    fn settled(self, change: Change) -> Change {
        change.stale(self.inlets.get_value()).stale(self.address.get_value()).close(self.open)
    }
}

/// The page.
#[component]
pub(crate) fn Conflicts() -> impl IntoView {
    let directory = StoredValue::new(use_session().workforce_directory_id);
    let inlets = StoredValue::new(endpoints::inlets(&directory.get_value()));
    let address = StoredValue::new(endpoints::conflicts(&directory.get_value()));
    let query = use_query();
    let known = Remote::<Collection<Described>>::new(move || inlets.get_value());
    let list = Remote::<Collection<InletConflict>>::keeping(move || {
        with_query(&address.get_value(), &[("$top", PAGE), ("$skiptoken", &query.get("skiptoken"))])
    });
    // What an inlet reads settles one conflict after the other.
    let runs = memo(move || {
        let inlets = known.value().map(|list| list.value).unwrap_or_default();
        inlets.iter().any(|one| one.inlet.status.state == "running")
    });
    poll(move || inlets.get_value(), move || runs.get_untracked());
    poll(move || address.get_value(), move || runs.get_untracked());
    let (client, mut ran) = (use_client(), false);
    on_change(move || {
        if std::mem::replace(&mut ran, runs.get()) && !ran {
            client.invalidate(&address.get_value());
        }
    });
    let single = Single::new(directory, known);
    let here =
        Here { inlets, address, known, single, chosen: RwSignal::new(None), open: RwSignal::new(false) };
    let rows = show(list, move |list: Collection<InletConflict>| {
        let next = list.next_link.as_deref().and_then(skip_token);
        let rows: Vec<AnyView> = list.value.into_iter().map(|conflict| row(conflict, here)).collect();
        let content = if rows.is_empty() {
            none(here, next.is_some())
        } else {
            table::table("Conflicts", &["Person", "Attribute", "Counts", "Said besides", ""], rows)
        };
        view! { {content} {pages(query, next)} }.into_any()
    });
    let reading = live(move || {
        let text = "An inlet is reading its source; this list follows.";
        if runs.get() { view! { <p class="hint" role="status">{text}</p> }.into_any() } else { ().into_any() }
    });
    let title = memo(move || {
        let attribute = here.chosen.get().map(|conflict| conflict.attribute).unwrap_or_default();
        format!("Who decides about {attribute}?")
    });
    view! {
        <PageHead title="Conflicts between inlets" trail=vec![("Inlets".to_owned(), Page::Inlets.path())] />
        <p>
            "Where several inlets know a person and say different things, it is listed here. What counts stands in the \
            directory; what the others say is kept, and takes its place when that inlet lets go."
        </p>
        <Panel title="Conflicts">{reading}{rows}</Panel>
        <Dialog open=here.open title=title class="wide">
            {live(move || here.chosen.get().map_or_else(|| ().into_any(), |conflict| decide(&conflict, here)))}
        </Dialog>
    }
    .into_any()
}

/// No conflict: because there is one inlet, because all agree, or none among those that were looked at.
fn none(here: Here, more: bool) -> AnyView {
    if more {
        let why = "There is none among the people that were looked at; go on with the next.";
        return empty("No conflict so far", why, None);
    }
    live(move || {
        let count = here.known.value().map_or(2, |list| list.value.len());
        let back = Some(link_button("Inlets", "sync", "", Page::Inlets.path()));
        if count > 1 {
            empty(
                "No conflicts",
                "Whoever is known to several inlets is described alike by all of them.",
                back,
            )
        } else {
            empty("No conflicts", "It takes two inlets to disagree about somebody.", back)
        }
    })
}

fn row(conflict: InletConflict, here: Here) -> AnyView {
    let name = conflict.display_name.clone().unwrap_or_else(|| conflict.user_id.clone());
    let says = |counts: bool| {
        let values = conflict.values.iter().filter(|value| value.counts == counts);
        let lines = values.map(|value| {
            let text = said(&conflict.attribute, value);
            view! { <p>{text}<span class="faint">" – "{value.inlet.clone()}</span></p> }.into_any()
        });
        table::cell(lines.collect::<Vec<_>>().into_any())
    };
    let cells = (says(true), says(false));
    let (person, attribute) = (Page::Person(conflict.user_id.clone()).path(), conflict.attribute.clone());
    let long = format!("Change who decides about {attribute} of {name}");
    let change = Callback::new(move |()| {
        here.chosen.set(Some(conflict.clone()));
        here.open.set(true);
    });
    table::row(vec![
        table::heading_link(name, person),
        table::code(attribute),
        cells.0,
        cells.1,
        table::buttons(
            view! { <Button label="Change" name=long class="small" on_click=change /> }.into_any(),
        ),
    ])
}

/// A value on the screen; that of a manager is a person, by name or, of one who is gone, by id.
fn said(attribute: &str, value: &InletValue) -> AnyView {
    let text = value.value.clone();
    if attribute == "manager" {
        let href = Page::Person(text.clone()).path();
        let name = value.display_name.clone().unwrap_or(text);
        view! { <a href=href>{name}</a> }.into_any()
    } else {
        view! { <span>{text}</span> }.into_any()
    }
}

/// The ways out of a conflict: another order, an attribute that is read no more, or another value at the source.
fn decide(conflict: &InletConflict, here: Here) -> AnyView {
    let name = conflict.display_name.clone().unwrap_or_else(|| conflict.user_id.clone());
    let attribute = conflict.attribute.clone();
    let rows = conflict.values.iter().map(|value| {
        let word = if value.counts { badge(Tone::Good, "Counts") } else { ().into_any() };
        let text = said(&attribute, value);
        table::row(vec![table::heading(value.inlet.clone()), table::cell(text), table::cell(word)])
    });
    let rows = rows.collect();
    let conflict = conflict.clone();
    let ways = show(here.known, move |list: Collection<Described>| {
        let inlets = ordered(list.value);
        let find = |value: &InletValue| inlets.iter().find(|one| one.inlet.id == value.inlet_id);
        let Some(first) = conflict.values.iter().find(|value| value.counts).and_then(find) else {
            return empty("The inlet is gone", "Close this and look again.", None);
        };
        let others = conflict.values.iter().filter(|value| !value.counts).filter_map(find);
        let mut ways: Vec<AnyView> =
            others.clone().map(|one| prefer(one, &conflict.attribute, here)).collect();
        ways.extend(others.map(|one| {
            let label = "Let it count first";
            let button =
                order::put_before(&inlets, one, first, label, here.inlets, |change, _| here.settled(change));
            way(
                format!(
                    "{} comes before {}, for all attributes without an order of their own.",
                    one.inlet.display_name, first.inlet.display_name
                ),
                button,
            )
        }));
        ways.push(unread(first, &conflict.attribute, here));
        view! { <ul class="ways">{ways}</ul> }.into_any()
    });
    view! {
        <div class="stack">
            <p>{name}</p>
            {table::table("What inlets say", &["Inlet", "Says", "Counts"], rows)}
            <h3>"To change it for everybody"</h3>
            {ways}
            <p class="hint">"For this person alone, correct the value at one of the sources; the next round settles it."</p>
        </div>
    }
    .into_any()
}

/// A way out: what it does, and its button.
fn way(text: String, button: AnyView) -> AnyView {
    view! { <li><span>{text}</span>{button}</li> }.into_any()
}

/// An inlet comes first for the attribute alone.
fn prefer(one: &Described, attribute: &str, here: Here) -> AnyView {
    let (id, name) = (one.inlet.id.clone(), one.inlet.display_name.clone());
    let (text, attribute) =
        (format!("{name} comes first for {attribute}, and for nothing else."), attribute.to_owned());
    let button = show(here.single.kept, move |kept: AttributePrecedences| {
        let (preferred, inlet) = (attribute.clone(), id.clone());
        asking(Asking {
            label: "Prefer for this attribute",
            name: Some(format!("Prefer for this attribute: {name} for {attribute}")),
            class: "",
            icon: "",
            question: Question {
                title: format!("Prefer {name} for {attribute}?"),
                effect: effect(&kept, &attribute),
                verb: "Prefer",
            },
            change: here
                .single
                .change(move |kept| preferring(kept, &preferred, &inlet))
                .said(format!("{name} comes first for {attribute}"))
                .close(here.open),
        })
    });
    way(text, button)
}

/// The inlet that counts reads the attribute no more, so that the next one's value counts.
fn unread(first: &Described, attribute: &str, here: Here) -> AnyView {
    let name = &first.inlet.display_name;
    let text = format!("{name} no longer reads {attribute}; the next inlet's value counts.");
    let (label, join) = ("Stop reading it", first.rules.join_by.as_deref().unwrap_or_default());
    let long = format!("{label}: {attribute} from {name}");
    let why = if ALWAYS_READ.contains(&attribute) {
        "An inlet always reads this attribute"
    } else if join == attribute {
        "The inlet finds people by this attribute"
    } else {
        ""
    };
    if !why.is_empty() {
        let nothing = Callback::new(|()| ());
        let button = view! { <Button label=label name=long on_click=nothing blocked=why.to_owned() /> };
        return way(text, button.into_any());
    }
    let path = [&here.inlets.get_value(), "/", &encode(&first.inlet.id)].concat();
    let effect = format!(
        "{name} reads everything again, without {attribute}. What it said about {attribute} is let go for everybody: another \
         inlet's value takes its place; without another one's, nothing does."
    );
    let button = asking(Asking {
        label,
        name: Some(long),
        class: "",
        icon: "",
        question: Question {
            title: format!("Stop reading {attribute} from {name}?"),
            effect,
            verb: "Stop reading",
        },
        change: here.settled(
            Change::patch(path, &first.without(attribute))
                .said(format!("{name} no longer reads {attribute}")),
        ),
    });
    way(text, button)
}
