//! The scoping-filter builder: conditions joined by AND, in filters joined by OR.

use super::filter::{self, Clause};
use super::matches::Matches;
use super::{Work, schema};
use crate::api::scim::text;
use crate::browser;
use crate::cache::Remote;
use crate::ui::button::Button;
use crate::ui::field::{SelectField, TextArea, TextField};
use crate::ui::live::{live, live_option, memo, on_change};
use crate::ui::panel::Panel;
use api::collection::Collection;
use leptos::prelude::*;
use serde_json::Value;

/// What the builder chooses from.
#[derive(Clone, Copy)]
struct Choices {
    /// Names and types of source attributes.
    attributes: Memo<Vec<(String, String)>>,
    /// `filterOperatorSchema`s.
    operators: Remote<Collection<Value>>,
}

impl Choices {
    /// Operators for a type of attribute; all of them when it is not known.
    fn operators(self, kind: &str) -> Vec<String> {
        let list = self.operators.value().map(|list| list.value).unwrap_or_default();
        let fits = |operator: &&Value| {
            let kinds = schema::list(operator, "supportedAttributeTypes");
            kind.is_empty() || kinds.iter().any(|known| known.as_str() == Some(kind))
        };
        list.iter().filter(fits).map(|operator| text(operator, &["name"])).collect()
    }

    fn is_unary(self, name: &str) -> bool {
        let list = self.operators.value().map(|list| list.value).unwrap_or_default();
        list.iter().any(|one| text(one, &["name"]) == name && text(one, &["arity"]) == "Unary")
    }

    fn kind(self, attribute: &str) -> String {
        let attributes = self.attributes.read();
        attributes
            .iter()
            .find(|(name, _)| name == attribute)
            .map(|(_, kind)| kind.clone())
            .unwrap_or_default()
    }
}

/// The panel of an object mapping's scope.
#[component]
pub(crate) fn Scope(work: Work, own: Remote<Collection<Value>>) -> impl IntoView {
    let kind = work.draft.with_untracked(|schema| {
        schema::objects(schema).get(work.chosen).map(|object| text(object, &["sourceObjectName"]))
    });
    let groups = kind.as_deref() == Some("Group");
    let title = if groups { "Scoping filters for groups" } else { "Scoping filters for users" };
    let address = work.address;
    let choices = Choices {
        attributes: memo(move || {
            let own = own.value().map(|list| list.value).unwrap_or_default();
            filter::attributes(&work.draft.read(), work.chosen, &own)
        }),
        operators: Remote::new(move || format!("{}/filterOperators", address.get_value())),
    };
    // Rows are made anew when one comes or goes, and not while somebody types in them.
    let shape = RwSignal::new(0_u32);
    let add = Callback::new(move |()| {
        let operator = "EQUALS".to_owned();
        let attribute = choices.attributes.with_untracked(|known| {
            let department = known.iter().find(|(name, _)| name == "department");
            department.or_else(|| known.first()).map(|(name, _)| name.clone()).unwrap_or_default()
        });
        let group = filter::new_group(&Clause { attribute, operator, values: String::new() });
        let mut place = 0;
        work.draft.update(|schema| {
            if let Some(groups) = filter::groups_mut(schema, work.chosen) {
                place = groups.len();
                groups.push(group);
            }
        });
        shape.update(|shape| *shape += 1);
        focus(work.chosen, place, 0);
    });
    let list = live(move || {
        shape.track();
        let scope = work.draft.with_untracked(|schema| filter::scope(schema, work.chosen));
        let groups = schema::list(&scope, "groups").iter().enumerate();
        let groups =
            groups.map(|(at, group)| group_view(group, at, work, choices, shape)).collect::<Vec<_>>();
        let inputs = schema::list(&scope, "inputFilterGroups").len();
        let note = (inputs > 0).then(|| {
            let text = "There are input filters as well. They are kept, and counted, and can be edited in an exported file.";
            view! { <p class="hint">{text}</p> }.into_any()
        });
        view! { {note}{groups} }.into_any()
    });
    let button = view! { <Button label="Add filter" icon_name="add" on_click=add /> };
    view! {
        <Panel title=title actions=button.into_any()>
            <p class="faint">
                "Who is assigned and passes one of the filters is in scope; within a filter every condition must hold. Without \
                a filter everybody passes. Upper and lower case are told apart."
            </p>
            {list}
            <Matches work=work groups=groups />
        </Panel>
    }
    .into_any()
}

/// Moves the focus to a condition once it is there.
fn focus(chosen: usize, group: usize, clause: usize) {
    request_animation_frame(move || {
        browser::focus(&format!("#scope-{chosen}-{group}-{clause} select"));
    });
}

fn group_view(group: &Value, at: usize, work: Work, choices: Choices, shape: RwSignal<u32>) -> AnyView {
    let number = at + 1;
    let name = RwSignal::new(text(group, &["name"]));
    on_change(move || {
        let name = name.get();
        set(work, |schema| {
            let group = filter::groups_mut(schema, work.chosen)?.get_mut(at)?;
            group.as_object_mut()?.insert("name".to_owned(), name.into());
            Some(())
        });
    });
    let clauses = schema::list(group, "clauses").iter().enumerate();
    let rows =
        clauses.map(|(row, clause)| clause_view(clause, at, row, work, choices, shape)).collect::<Vec<_>>();
    let count = rows.len();
    let add = Callback::new(move |()| {
        work.draft.update(|schema| {
            if let Some(clauses) = filter::clauses_mut(schema, work.chosen, at) {
                let last = clauses.last().map(Clause::of).unwrap_or_default();
                clauses.push(Clause { values: String::new(), ..last }.to_value(false));
            }
        });
        shape.update(|shape| *shape += 1);
        focus(work.chosen, at, count);
    });
    let remove = Callback::new(move |()| {
        work.draft.update(|schema| {
            if let Some(groups) = filter::groups_mut(schema, work.chosen).filter(|groups| at < groups.len()) {
                groups.remove(at);
            }
        });
        shape.update(|shape| *shape += 1);
    });
    let heading = format!("Filter {number}");
    let or = (at > 0).then(|| view! { <p class="faint">"or"</p> }.into_any());
    view! {
        {or}
        <section class="filter" aria-label=heading>
            <TextField label=format!("Name of filter {number}") value=name />
            {rows}
            <div class="actions">
                <Button label="Add condition" name=format!("Add condition to filter {number}") class="small" icon_name="add" on_click=add />
                <Button label="Remove filter" name=format!("Remove filter {number}") class="small" on_click=remove />
            </div>
        </section>
    }
    .into_any()
}

/// Changes the draft only where that makes a difference: a form that appears changes nothing.
fn set(work: Work, change: impl FnOnce(&mut Value) -> Option<()>) {
    let before = work.draft.get_untracked();
    let mut after = before.clone();
    if change(&mut after).is_some() && after != before {
        work.draft.set(after);
    }
}

fn clause_view(
    clause: &Value,
    group: usize,
    row: usize,
    work: Work,
    choices: Choices,
    shape: RwSignal<u32>,
) -> AnyView {
    let clause = Clause::of(clause);
    let several = clause.values.contains('\n');
    let attribute = RwSignal::new(clause.attribute);
    let operator = RwSignal::new(clause.operator);
    let values = RwSignal::new(clause.values);
    let kind = memo(move || choices.kind(&attribute.read()));
    let unary = memo(move || choices.is_unary(&operator.read()));
    on_change(move || {
        let unary = unary.get();
        let values = if unary { String::new() } else { values.get() };
        let now = Clause { attribute: attribute.get(), operator: operator.get(), values };
        set(work, |schema| {
            let clause = filter::clauses_mut(schema, work.chosen, group)?.get_mut(row)?;
            // What is saved may be written in another way that means the same.
            if Clause::of(clause) != now {
                *clause = now.to_value(unary);
            }
            Some(())
        });
    });
    // An operator that the attribute does not take gives way to the first that it does.
    on_change(move || {
        let fitting = choices.operators(&kind.read());
        if !kind.read().is_empty() && !fitting.is_empty() && !fitting.contains(&operator.get_untracked()) {
            operator.set(fitting.first().cloned().unwrap_or_default());
        }
    });
    let remove = Callback::new(move |()| {
        work.draft.update(|schema| {
            let clauses =
                filter::clauses_mut(schema, work.chosen, group).filter(|clauses| row < clauses.len());
            let empty = clauses.is_some_and(|clauses| {
                clauses.remove(row);
                clauses.is_empty()
            });
            if empty && let Some(groups) = filter::groups_mut(schema, work.chosen) {
                groups.remove(group);
            }
        });
        shape.update(|shape| *shape += 1);
    });
    let attribute_field = live(move || {
        let mut names: Vec<String> = choices.attributes.read().iter().map(|(name, _)| name.clone()).collect();
        known(&mut names, &attribute.get_untracked());
        view! { <SelectField label="Attribute" value=attribute options=pairs(names) /> }.into_any()
    });
    let operator_field = live(move || {
        let mut names = choices.operators(&kind.read());
        known(&mut names, &operator.get_untracked());
        view! { <SelectField label="Operator" value=operator options=pairs(names) /> }.into_any()
    });
    let value_field = live_option(move || {
        let field = if several {
            view! { <TextArea label="Values, one a line" value=values /> }.into_any()
        } else {
            view! { <TextField label="Value" value=values /> }.into_any()
        };
        (!unary.get()).then_some(field)
    });
    let legend = format!("Filter {}, condition {}", group + 1, row + 1);
    let label = format!("Remove condition {} of filter {}", row + 1, group + 1);
    let word = if row == 0 { "" } else { "and" };
    view! {
        <fieldset class="clause" id=format!("scope-{}-{group}-{row}", work.chosen)>
            <legend class="visually-hidden">{legend}</legend>
            <span class="faint joint" aria-hidden="true">{word}</span>
            {attribute_field}
            {operator_field}
            {value_field}
            <Button label="Remove" name=label class="small" on_click=remove />
        </fieldset>
    }
    .into_any()
}

/// Adds what is chosen to what can be chosen, should it be missing.
fn known(names: &mut Vec<String>, chosen: &str) {
    if !names.iter().any(|name| name == chosen) {
        names.push(chosen.to_owned());
    }
}

fn pairs(names: Vec<String>) -> Vec<(String, String)> {
    names.into_iter().map(|name| (name.clone(), name)).collect()
}
