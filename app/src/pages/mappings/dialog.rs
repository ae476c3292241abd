//! The dialog that edits one mapping.

use super::edit::{self, Draft, Kind};
use super::expression::CheckExpression;
use super::{Work, schema};
use crate::api::endpoints;
use crate::cache::Remote;
use crate::parts::create::cancel;
use crate::parts::directory_list::options;
use crate::ui::button::Button;
use crate::ui::field::{CheckField, RadioField, SelectField, TextArea, TextField};
use crate::ui::live::{live, live_option};
use crate::ui::state::message;
use api::collection::Collection;
use leptos::prelude::*;
use serde_json::Value;

const KINDS: &[(&str, &str)] =
    &[("direct", "Direct"), ("constant", "Constant"), ("expression", "Expression"), ("none", "None")];

/// Edits the mapping that `work` says, in place; Save of the page writes it.
#[component]
pub(crate) fn EditMapping(work: Work, directory: String) -> impl IntoView {
    let at = work.editing.get_untracked();
    let start = work.draft.with_untracked(|schema| {
        schema::mappings(schema, work.chosen).get(at).map_or_else(Draft::empty, Draft::of)
    });
    let address = endpoints::directory_part(&directory, "sourceAttributes");
    let attributes = Remote::<Collection<Value>>::new(move || address.clone());
    let names = move || {
        let list = attributes.value().map(|list| list.value).unwrap_or_default();
        list.iter().map(|attribute| crate::api::scim::text(attribute, &["name"])).collect::<Vec<_>>()
    };
    let targets = work.draft.with_untracked(|schema| schema::targets(schema, work.chosen));
    let kind = RwSignal::new(start.kind.value().to_owned());
    let attribute = RwSignal::new(start.attribute);
    let constant = RwSignal::new(start.constant);
    let expression = RwSignal::new(start.expression);
    let target = RwSignal::new(start.target);
    let default = RwSignal::new(start.default);
    let matching = RwSignal::new(start.precedence > 0);
    let precedence = RwSignal::new(start.precedence.max(1).to_string());
    let apply = RwSignal::new(if start.create_only { "create" } else { "always" }.to_owned());
    let error = RwSignal::new(String::new());
    let draft = move || Draft {
        kind: Kind::from_value(&kind.get()),
        attribute: attribute.get(),
        constant: constant.get(),
        expression: expression.get(),
        target: target.get(),
        default: default.get(),
        precedence: if matching.get() { precedence.get().parse::<u64>().unwrap_or(1).max(1) } else { 0 },
        create_only: *apply.read() == "create",
    };
    let done = Callback::new(move |()| {
        let draft = untrack(draft);
        let problem = draft.problem();
        let taken = problem.is_empty() && is_taken(work, at, draft.target.trim());
        if taken {
            error.set(format!("There is a mapping to {} already.", draft.target.trim()));
        } else if problem.is_empty() {
            put(work, at, &draft);
            work.open.set(false);
        } else {
            error.set(problem.to_owned());
        }
    });
    let directory = StoredValue::new(directory);
    let source = live(move || match Kind::from_value(&kind.read()) {
        Kind::Direct => {
            view! { <TextField label="Source attribute" value=attribute required=true suggestions=names() /> }
                .into_any()
        }
        Kind::Constant => view! { <TextField label="Constant value" value=constant /> }.into_any(),
        Kind::Expression => {
            let text = Signal::derive(move || expression.get());
            view! {
                <TextArea label="Expression" value=expression hint="E.g. Join(\" \", [givenName], [surname])" />
                <CheckExpression expression=text directory=directory.get_value() address=work.address />
            }
            .into_any()
        }
        Kind::None => ().into_any(),
    });
    let applies = options(&[("always", "Always"), ("create", "Only during object creation")]);
    view! {
        <div class="stack">
            <TextField label="Target attribute" value=target required=true suggestions=targets />
            <RadioField label="Mapping type" value=kind options=KINDS />
            {source}
            <TextField
                label="Default value if null"
                value=default
                hint="Used when an account is created and the source has no value."
            />
            <CheckField label="Match objects using this attribute" value=matching />
            {live_option(move || matching.get().then(|| view! { <TextField label="Matching precedence" value=precedence kind="number" hint="The lowest comes first." /> }
                    .into_any()))}
            <SelectField label="Apply this mapping" value=apply options=applies />
            {message("bad", move || error.get())}
            <footer class="actions">
                <Button label="OK" class="primary" on_click=done />
                {cancel(work.open)}
            </footer>
        </div>
    }
    .into_any()
}

fn is_taken(work: Work, at: usize, target: &str) -> bool {
    work.draft.with_untracked(|schema| {
        let mappings = schema::mappings(schema, work.chosen).iter().enumerate();
        mappings.into_iter().any(|(other, mapping)| other != at && edit::target(mapping) == target)
    })
}

fn put(work: Work, at: usize, draft: &Draft) {
    work.draft.update(|schema| {
        if let Some(mappings) = schema::mappings_mut(schema, work.chosen) {
            match mappings.get_mut(at) {
                Some(known) => draft.apply(known),
                None => mappings.push(draft.to_mapping()),
            }
        }
    });
}
