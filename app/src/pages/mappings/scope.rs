//! The scoping-filter builder: conditions joined by AND, in filters joined by OR.

use super::filter::{self, Clause, Part};
use super::matches::Matches;
use super::{Work, schema, values};
use crate::api::scim::text;
use crate::browser;
use crate::cache::Remote;
use crate::ui::button::Button;
use crate::ui::field::{SelectField, TextField};
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
    let builder = |part| Builder { work, choices, part, shape: RwSignal::new(0) };
    let (scope, input) = (builder(Part::Scope), builder(Part::Input));
    let add = view! { <Button label="Add filter" icon_name="add" on_click=scope.adder() /> };
    let noun = if groups { "groups" } else { "people" };
    view! {
        <Panel title=title actions=add.into_any()>
            <p class="faint">
                "Who is assigned and passes one of the filters is in scope; within a filter every condition must hold. Without \
                a filter everybody passes. Upper and lower case are told apart."
            </p>
            {scope.list()}
            <section class="stack" aria-labelledby="input-filters">
                <div class="panel-head">
                    <h3 id="input-filters">"Input filters"</h3>
                    <div class="actions">
                        <Button label="Add input filter" class="small" icon_name="add" on_click=input.adder() />
                    </div>
                </div>
                <p class="faint">
                    "Which "{noun}" are looked at at all. Leaving the scope takes an account away; of those that no input filter \
                    lets through, nothing is created, changed or taken away. Without an input filter all are looked at."
                </p>
                {input.list()}
            </section>
            <Matches work=work groups=groups />
        </Panel>
    }
    .into_any()
}

/// One part of the scope on the screen.
#[derive(Clone, Copy)]
struct Builder {
    work: Work,
    choices: Choices,
    part: Part,
    /// Rows are made anew when one comes or goes, and not while somebody types in them.
    shape: RwSignal<u32>,
}

impl Builder {
    /// What one filter is called, at the beginning of a name and within one.
    const fn noun(self) -> (&'static str, &'static str) {
        match self.part {
            Part::Scope => ("Filter", "filter"),
            Part::Input => ("Input filter", "input filter"),
        }
    }

    /// Changes the groups, and makes their rows anew.
    fn reshape(self, change: impl FnOnce(&mut Vec<Value>)) {
        self.work.draft.update(|schema| {
            if let Some(groups) = filter::groups_mut(schema, self.work.chosen, self.part) {
                change(groups);
            }
        });
        self.shape.update(|shape| *shape += 1);
    }

    /// The same with the clauses of a group.
    fn reshape_clauses(self, group: usize, change: impl FnOnce(&mut Vec<Value>)) {
        self.work.draft.update(|schema| {
            if let Some(clauses) = filter::clauses_mut(schema, self.work.chosen, self.part, group) {
                change(clauses);
            }
        });
        self.shape.update(|shape| *shape += 1);
    }

    /// Changes a group only where that makes a difference: a form that appears changes nothing.
    fn set(self, change: impl FnOnce(&mut Vec<Value>) -> Option<()>) {
        let before = self.work.draft.get_untracked();
        let mut after = before.clone();
        let done = filter::groups_mut(&mut after, self.work.chosen, self.part).and_then(change);
        if done.is_some() && after != before {
            self.work.draft.set(after);
        }
    }

    /// Adds a filter.
    fn adder(self) -> Callback<()> {
        Callback::new(move |()| {
            let attribute = self.choices.attributes.with_untracked(|known| {
                let department = known.iter().find(|(name, _)| name == "department");
                department.or_else(|| known.first()).map(|(name, _)| name.clone()).unwrap_or_default()
            });
            let clause = Clause { attribute, operator: "EQUALS".to_owned(), values: String::new() };
            let mut place = 0;
            self.reshape(|groups| {
                place = groups.len();
                groups.push(filter::new_group(&clause));
            });
            self.focus(place, 0);
        })
    }

    /// The filters.
    fn list(self) -> AnyView {
        live(move || {
            self.shape.track();
            let scope = self.work.draft.with_untracked(|schema| filter::scope(schema, self.work.chosen));
            let groups = schema::list(&scope, self.part.member()).iter().enumerate();
            groups.map(|(at, group)| group_view(group, at, self)).collect::<Vec<_>>().into_any()
        })
    }

    /// The id of a condition.
    fn id(self, group: usize, clause: usize) -> String {
        format!("{}-{}-{group}-{clause}", self.part.member(), self.work.chosen)
    }

    /// Moves the focus to a condition once it is there.
    fn focus(self, group: usize, clause: usize) {
        let id = self.id(group, clause);
        request_animation_frame(move || {
            browser::focus(&format!("#{id} select"));
        });
    }
}

fn group_view(group: &Value, at: usize, builder: Builder) -> AnyView {
    let number = at + 1;
    let (first, noun) = builder.noun();
    let name = RwSignal::new(text(group, &["name"]));
    on_change(move || {
        let name = name.get();
        builder.set(|groups| {
            groups.get_mut(at)?.as_object_mut()?.insert("name".to_owned(), name.into());
            Some(())
        });
    });
    let clauses = schema::list(group, "clauses").iter().enumerate();
    let rows = clauses.map(|(row, clause)| clause_view(clause, at, row, builder)).collect::<Vec<_>>();
    let count = rows.len();
    let add = Callback::new(move |()| {
        builder.reshape_clauses(at, |clauses| {
            let last = clauses.last().map(Clause::of).unwrap_or_default();
            clauses.push(Clause { values: String::new(), ..last }.to_value(false));
        });
        builder.focus(at, count);
    });
    let remove = Callback::new(move |()| {
        builder.reshape(|groups| {
            if at < groups.len() {
                groups.remove(at);
            }
        });
    });
    let heading = format!("{first} {number}");
    let or = (at > 0).then(|| view! { <p class="faint">"or"</p> }.into_any());
    view! {
        {or}
        <section class="filter" aria-label=heading>
            <TextField label=format!("Name of {noun} {number}") value=name />
            {rows}
            <div class="actions">
                <Button label="Add condition" name=format!("Add condition to {noun} {number}") class="small" icon_name="add" on_click=add />
                <Button label=format!("Remove {noun}") name=format!("Remove {noun} {number}") class="small" on_click=remove />
            </div>
        </section>
    }
    .into_any()
}

fn clause_view(clause: &Value, group: usize, row: usize, builder: Builder) -> AnyView {
    let choices = builder.choices;
    let clause = Clause::of(clause);
    let attribute = RwSignal::new(clause.attribute);
    let operator = RwSignal::new(clause.operator);
    let values = RwSignal::new(clause.values);
    let kind = memo(move || choices.kind(&attribute.read()));
    let unary = memo(move || choices.is_unary(&operator.read()));
    on_change(move || {
        let unary = unary.get();
        let values = if unary { String::new() } else { values.get() };
        let now = Clause { attribute: attribute.get(), operator: operator.get(), values };
        builder.set(|groups| {
            let clause = groups.get_mut(group)?.get_mut("clauses")?.get_mut(row)?;
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
        let mut empty = false;
        builder.reshape_clauses(group, |clauses| {
            if row < clauses.len() {
                clauses.remove(row);
            }
            empty = clauses.is_empty();
        });
        if empty {
            builder.reshape(|groups| {
                groups.remove(group);
            });
        }
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
    let (first, noun) = builder.noun();
    let place = format!("condition {} of {noun} {}", row + 1, group + 1);
    let of = StoredValue::new(place.clone());
    let value_field =
        live_option(move || (!unary.get()).then(|| values::editor(values, operator, &of.get_value())));
    let legend = format!("{first} {}, condition {}", group + 1, row + 1);
    let label = format!("Remove {place}");
    let word = if row == 0 { "" } else { "and" };
    view! {
        <fieldset class="clause" id=builder.id(group, row)>
            <legend class="visually-hidden">{legend}</legend>
            <span class="faint joint" aria-hidden="true">{word}</span>
            {attribute_field}
            {operator_field}
            {value_field}
            <Button label="Remove condition" name=label class="small" on_click=remove />
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
