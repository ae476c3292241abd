//! Single attributes for which other inlets come first.

use super::described::{Described, ordered};
use super::words::{ALWAYS_READ, ATTRIBUTES};
use crate::api::scim::object;
use crate::api::{endpoints, read_as};
use crate::browser;
use crate::cache::{Remote, poll};
use crate::parts::act::{Asking, Change, Question, asking, use_act};
use crate::parts::create::{Sending, dialog_end};
use crate::parts::remote::show;
use crate::text::count;
use crate::ui::button::Button;
use crate::ui::dialog::Dialog;
use crate::ui::field::SelectField;
use crate::ui::live::{live, live_text, memo};
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use api::collection::Collection;
use api::inlet::{AttributePrecedence, AttributePrecedences};
use leptos::prelude::*;
use serde_json::Value;

/// From so many on people are not counted any more.
const COUNTED: u64 = 1_000;

/// Ids and names of inlets, in order.
type Order = Vec<(String, String)>;

/// What the parts of the section need.
#[derive(Clone, Copy)]
pub(super) struct Single {
    directory: StoredValue<String>,
    inlets: Remote<Collection<Described>>,
    pub(super) kept: Remote<AttributePrecedences>,
    /// The attribute whose order is changed; empty for one that is to be chosen.
    attribute: RwSignal<String>,
    open: RwSignal<bool>,
}

impl Single {
    /// For the page; asks what is kept.
    pub(super) fn new(directory: StoredValue<String>, inlets: Remote<Collection<Described>>) -> Self {
        let address = move || endpoints::attribute_precedence(&directory.get_value());
        let kept = Remote::<AttributePrecedences>::new(address);
        poll(address, move || untrack(|| kept.value()).is_some_and(|kept| kept.state == "running"));
        let (attribute, open) = (RwSignal::new(String::new()), RwSignal::new(false));
        Self { directory, inlets, kept, attribute, open }
    }

    /// A change to the orders that are kept when it is made, with what it makes old.
    pub(super) fn change(
        self,
        orders: impl Fn(&AttributePrecedences) -> Vec<AttributePrecedence> + 'static,
    ) -> Change {
        let directory = self.directory.get_value();
        let path = endpoints::attribute_precedence(&directory);
        Change::put_over(path.clone(), move |kept| Ok(body(&orders(&read_as(kept)?))))
            .stale(path)
            .stale(endpoints::conflicts(&directory))
            .stale(endpoints::scim(&directory, "Users"))
    }

    /// The inlets in the order of the directory.
    fn all(self) -> Order {
        let list = self.inlets.value().map(|list| list.value).unwrap_or_default();
        ordered(list).into_iter().map(|one| (one.inlet.id, one.inlet.display_name)).collect()
    }

    /// The section: nothing as long as there is one inlet only.
    pub(super) fn panel(self) -> AnyView {
        let several = memo(move || self.inlets.value().is_some_and(|list| list.value.len() > 1));
        let title = memo(move || match self.attribute.get() {
            new if new.is_empty() => "An order for one attribute".to_owned(),
            known => format!("Order for {known}"),
        });
        let content = live(move || if several.get() { self.content() } else { ().into_any() });
        view! {
            {content}
            <Dialog open=self.open title=title>{live(move || self.form())}</Dialog>
        }
        .into_any()
    }

    fn content(self) -> AnyView {
        let add = Callback::new(move |()| self.edit(String::new()));
        let add = view! { <Button label="Add an attribute" icon_name="add" on_click=add changes=true /> };
        let list = show(self.kept, move |kept: AttributePrecedences| {
            if kept.value.is_empty() {
                let why = "Every attribute has the order above. One that another inlet knows better can have its own.";
                return empty("No attribute has an order of its own", why, None);
            }
            let running = (kept.state == "running").then(|| {
                view! { <p class="hint" role="status">"The new order is being followed, person by person."</p> }
                    .into_any()
            });
            let rows = kept.value.iter().map(|one| self.row(one, &kept)).collect();
            let columns = &["Attribute", "Comes first", "Told differently", ""];
            view! { {running} {table::table("Single attributes", columns, rows)} }.into_any()
        });
        view! {
            <Panel title="Single attributes" actions=add.into_any()>
                <p class="hint">
                    "For these attributes, the inlets named here come first; the others follow in the order above."
                </p>
                {list}
            </Panel>
        }
        .into_any()
    }

    fn edit(self, attribute: String) {
        self.attribute.set(attribute);
        self.open.set(true);
    }

    fn row(self, one: &AttributePrecedence, kept: &AttributePrecedences) -> AnyView {
        let attribute = one.attribute.clone();
        let ids = StoredValue::new(one.inlets.clone());
        let names = live_text(move || {
            let (all, ids) = (self.all(), ids.get_value());
            let name = |id: &String| all.iter().find(|(known, _)| known == id).map(|(_, name)| name.clone());
            ids.iter().filter_map(name).collect::<Vec<_>>().join(", ")
        });
        let people = disputed(kept, &attribute).map_or_else(|| "–".to_owned(), people);
        let removed = attribute.clone();
        let remove = asking(Asking {
            label: "Remove",
            name: Some(format!("Remove the order for {attribute}")),
            class: "small",
            icon: "",
            question: Question {
                title: format!("Give {attribute} the order of all attributes?"),
                effect: effect(kept, &attribute),
                verb: "Remove the order",
            },
            change: self
                .change(move |kept| without(kept, &removed))
                .said(format!("{attribute} has the order of all attributes")),
        });
        let name = format!("Change the order for {attribute}");
        let edited = attribute.clone();
        let change = Callback::new(move |()| self.edit(edited.clone()));
        table::row(vec![
            view! { <th scope="row"><code>{attribute}</code></th> }.into_any(),
            table::cell(names),
            table::text(people),
            table::buttons(
                view! {
                    <Button label="Change" name=name class="small" on_click=change changes=true />
                    " "
                    {remove}
                }
                .into_any(),
            ),
        ])
    }

    /// The dialog: an attribute, and the inlets in the order that is to count for it.
    fn form(self) -> AnyView {
        let known = untrack(|| self.kept.value()).unwrap_or_default();
        let kept = StoredValue::new(known.clone());
        let edited = self.attribute.get_untracked();
        let free = untrack(|| self.free(&known));
        let name = RwSignal::new(if edited.is_empty() { proposed(&free, &known) } else { edited.clone() });
        let order = RwSignal::new(begun(untrack(|| self.all()), &known, &edited));
        let moved = RwSignal::new(String::new());
        let id = StoredValue::new(crate::ui::unique_id("order"));
        let list = live(move || {
            let all = order.get();
            let last = all.len().saturating_sub(1);
            let item = |(at, (_, name)): (usize, &(String, String))| {
                let up = (at > 0).then(|| mover(name, at, at - 1, order, moved, id));
                let down = (at < last).then(|| mover(name, at, at + 1, order, moved, id));
                view! { <li><span>{format!("{}. {name}", at + 1)}</span><span class="actions">{up}{down}</span></li> }
                    .into_any()
            };
            let items: Vec<AnyView> = all.iter().enumerate().map(item).collect();
            view! { <ol class="ways" id=id.get_value() aria-label="Order of the inlets">{items}</ol> }
                .into_any()
        });
        let choice = if edited.is_empty() {
            let options = free.into_iter().map(|name| (name.clone(), name)).collect();
            view! { <SelectField label="Attribute" value=name options=options /> }.into_any()
        } else {
            ().into_any()
        };
        let (act, sending) = (use_act(), Sending::new());
        let save = Callback::new(move |()| {
            let attribute = name.get_untracked();
            let inlets: Vec<String> = order.get_untracked().into_iter().map(|(id, _)| id).collect();
            let said = format!("{attribute} has an order of its own");
            let change = self.change(move |kept| {
                let mut orders = without(kept, &attribute);
                orders.push(AttributePrecedence { attribute: attribute.clone(), inlets: inlets.clone() });
                orders
            });
            let change = change.said(said);
            act.send(sending, change.close(self.open));
        });
        view! {
            <div class="stack">
                {choice}
                <p class="hint">"The value of the first inlet that has one counts."</p>
                {list}
                <p class="hint" role="status">{live_text(move || moved.get())}</p>
                <p>{live_text(move || kept.with_value(|kept| effect(kept, &name.read())))}</p>
                {dialog_end("Save", sending, self.open, save)}
            </div>
        }
        .into_any()
    }

    /// Attributes that have no order of their own yet, extension attributes of the inlets too.
    fn free(self, kept: &AttributePrecedences) -> Vec<String> {
        let list = self.inlets.value().map(|list| list.value).unwrap_or_default();
        let mut names: Vec<String> = ATTRIBUTES.iter().map(|name| (*name).to_owned()).collect();
        for extension in list.into_iter().flat_map(|one| one.inlet.extension_attributes) {
            if !names.contains(&extension) {
                names.push(extension);
            }
        }
        names.retain(|name| !kept.value.iter().any(|one| one.attribute == *name));
        names
    }
}

/// A button that moves an inlet by one place, and takes the focus along.
fn mover(
    name: &str,
    from: usize,
    to: usize,
    order: RwSignal<Order>,
    moved: RwSignal<String>,
    id: StoredValue<String>,
) -> AnyView {
    let up = to < from;
    let label = if up { "Move up" } else { "Move down" };
    let (long, name) = (format!("{label}: {name}"), name.to_owned());
    let act = Callback::new(move |()| {
        order.update(|order| order.swap(from, to));
        moved.set(format!("{name} is number {} now.", to + 1));
        // At the end of the list there is only the button that leads back.
        let place = if up { "first" } else { "last" };
        let selector = format!("#{} > :nth-child({}) button:{place}-of-type", id.get_value(), to + 1);
        request_animation_frame(move || {
            browser::focus(&selector);
        });
    });
    view! { <Button label=label name=long class="small" on_click=act /> }.into_any()
}

/// The attribute that is proposed: one about which inlets say different things, and none that decides who may sign in.
fn proposed(free: &[String], kept: &AttributePrecedences) -> String {
    let wanted = || free.iter().filter(|name| !ALWAYS_READ.contains(&name.as_str()));
    let told = wanted().find(|name| disputed(kept, name).is_some());
    told.or_else(|| wanted().next()).or(free.first()).cloned().unwrap_or_default()
}

/// All inlets in the order that an attribute has now.
fn begun(mut all: Order, kept: &AttributePrecedences, attribute: &str) -> Order {
    let named = kept.value.iter().find(|one| one.attribute == attribute).map(|one| one.inlets.clone());
    let named = named.unwrap_or_default();
    all.sort_by_key(|(id, _)| named.iter().position(|one| one == id).unwrap_or(usize::MAX));
    all
}

fn body(orders: &[AttributePrecedence]) -> Value {
    let entry = |one: &AttributePrecedence| {
        object([("attribute", one.attribute.as_str().into()), ("inlets", one.inlets.clone().into())])
    };
    object([("value", orders.iter().map(entry).collect::<Vec<Value>>().into())])
}

/// The orders of all attributes but one.
fn without(kept: &AttributePrecedences, attribute: &str) -> Vec<AttributePrecedence> {
    kept.value.iter().filter(|one| one.attribute != attribute).cloned().collect()
}

/// The orders after which an inlet comes first for an attribute.
pub(super) fn preferring(
    kept: &AttributePrecedences,
    attribute: &str,
    inlet: &str,
) -> Vec<AttributePrecedence> {
    let mut orders = without(kept, attribute);
    let before = kept.value.iter().find(|one| one.attribute == attribute);
    let others = before.into_iter().flat_map(|one| one.inlets.iter().filter(|id| *id != inlet).cloned());
    let inlets = std::iter::once(inlet.to_owned()).chain(others).collect();
    orders.push(AttributePrecedence { attribute: attribute.to_owned(), inlets });
    orders
}

/// For how many people inlets say different things about an attribute; none when they do for nobody.
fn disputed(kept: &AttributePrecedences, attribute: &str) -> Option<u64> {
    kept.conflicts.iter().find(|one| one.attribute == attribute).map(|one| one.people)
}

fn people(number: u64) -> String {
    let text = count(number, "person", "people");
    if number < COUNTED { text } else { format!("at least {text}") }
}

/// What another order for an attribute does. While people are gone through, more conflicts may be found.
pub(super) fn effect(kept: &AttributePrecedences, attribute: &str) -> String {
    let running = kept.state == "running";
    match disputed(kept, attribute) {
        Some(number) => {
            let more = if running { " People are still being gone through, so it may be more." } else { "" };
            format!(
                "Inlets say different things about {attribute} for {}: they get the value of the first inlet that has one, \
                 now. Applications follow with their next cycle.{more}",
                people(number)
            )
        }
        None if running => format!(
            "People are still being gone through, so it is not known yet whether inlets say different things about \
             {attribute}: this may change people. Applications follow with their next cycle."
        ),
        None => format!("No two inlets say different things about {attribute}, so nobody changes now."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(attribute: &str, inlets: &[&str]) -> AttributePrecedence {
        AttributePrecedence {
            attribute: attribute.to_owned(),
            inlets: inlets.iter().map(|id| (*id).to_owned()).collect(),
        }
    }

    #[test]
    fn an_inlet_comes_first_for_an_attribute_and_the_rest_stays() {
        let mut kept = AttributePrecedences::default();
        assert_eq!(preferring(&kept, "city", "b"), [order("city", &["b"])]);
        kept.value = vec![order("city", &["a", "b"]), order("mail", &["a"])];
        assert_eq!(preferring(&kept, "city", "b"), [order("mail", &["a"]), order("city", &["b", "a"])]);
        assert_eq!(
            body(&kept.value).to_string(),
            r#"{"value":[{"attribute":"city","inlets":["a","b"]},{"attribute":"mail","inlets":["a"]}]}"#
        );
    }

    #[test]
    fn an_order_begins_as_it_is_now() {
        let all = || ["a", "b", "c"].map(|id| (id.to_owned(), id.to_owned())).to_vec();
        let kept = AttributePrecedences { value: vec![order("city", &["c"])], ..Default::default() };
        let ids = |order: Order| order.into_iter().map(|(id, _)| id).collect::<String>();
        assert_eq!(ids(begun(all(), &kept, "city")), "cab");
        assert_eq!(ids(begun(all(), &kept, "")), "abc");
    }

    #[test]
    fn an_attribute_is_proposed_that_is_told_differently() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let conflict =
            |attribute: &str| api::inlet::AttributeConflicts { attribute: attribute.to_owned(), people: 1 };
        let conflicts = vec![conflict("userPrincipalName"), conflict("city")];
        let kept = AttributePrecedences { conflicts, ..Default::default() };
        assert_eq!(proposed(&names(&["userPrincipalName", "mail", "city"]), &kept), "city");
        assert_eq!(proposed(&names(&["userPrincipalName", "mail"]), &kept), "mail");
        assert_eq!(proposed(&names(&["userPrincipalName"]), &kept), "userPrincipalName");
        assert_eq!(proposed(&[], &kept), "");
    }

    #[test]
    fn effects_name_how_many() {
        let conflict = |attribute: &str, people| api::inlet::AttributeConflicts {
            attribute: attribute.to_owned(),
            people,
        };
        let conflicts = vec![conflict("city", 1), conflict("mail", COUNTED)];
        let mut kept = AttributePrecedences { conflicts, ..Default::default() };
        assert!(effect(&kept, "city").contains("about city for 1 person:"));
        assert!(effect(&kept, "mail").contains("for at least 1,000 people:"));
        assert!(effect(&kept, "state").contains("nobody changes"));
        assert!(!effect(&kept, "city").contains("may be more"));
        // Nobody knows yet whom it concerns.
        kept.state = "running".to_owned();
        assert!(
            effect(&kept, "city").contains("for 1 person:") && effect(&kept, "city").contains("may be more")
        );
        assert!(effect(&kept, "state").contains("about state: this may change people"));
        assert!(!effect(&kept, "state").contains("nobody changes"));
    }
}
