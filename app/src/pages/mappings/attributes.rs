//! Attributes of the target: what there is to map to, and those that somebody adds.

use super::{Work, edit, review, schema};
use crate::api::scim::{object, text};
use crate::parts::create::cancel;
use crate::parts::directory_list::options;
use crate::ui::button::{Button, Submit, opener};
use crate::ui::dialog::Dialog;
use crate::ui::field::{CheckField, SelectField, TextField};
use crate::ui::live::{handler, live};
use crate::ui::table;
use leptos::prelude::*;
use serde_json::Value;

const KINDS: &[(&str, &str)] = &[
    ("String", "Text"),
    ("Boolean", "True or false"),
    ("Integer", "Whole number"),
    ("DateTime", "Date and time"),
];

/// What is wrong with the name of a new attribute; empty when nothing is.
fn problem(name: &str, known: &[String]) -> String {
    if name.is_empty() {
        "Enter the attribute's SCIM path.".to_owned()
    } else if known.iter().any(|other| other.eq_ignore_ascii_case(name)) {
        format!("There is an attribute {name} already.")
    } else if name.contains(char::is_control) {
        "The path has characters that cannot be in it.".to_owned()
    } else {
        String::new()
    }
}

/// The list of an object mapping's target attributes. `saved` tells which of them are new.
#[component]
pub(crate) fn TargetAttributes(work: Work, saved: RwSignal<Value>, name: String) -> impl IntoView {
    let open = RwSignal::new(false);
    let rows = live(move || {
        let schema = work.draft.read();
        let kept = schema::targets(&saved.read(), work.chosen);
        let used: Vec<String> = schema::mappings(&schema, work.chosen).iter().map(edit::target).collect();
        let attributes = schema::target_attributes(&schema, work.chosen).iter();
        let rows = attributes.map(|attribute| {
            let name = text(attribute, &["name"]);
            let is_used = used.contains(&name);
            row(attribute, &name, is_used, !kept.contains(&name), work)
        });
        table::table("Target attributes", &["Attribute", "Kind", "Mapped", ""], rows.collect())
    });
    view! {
        <details class="panel">
            <summary>{format!("Target attributes of {name}")}</summary>
            <div class="stack">
                <p class="faint">
                    "What the application's accounts have, as far as is known here. Add an attribute that the application takes, \
                    then map to it."
                </p>
                {rows}
                <div class="actions">{opener("Add target attribute", "add", "", open)}</div>
            </div>
        </details>
        <Dialog open=open title="Add target attribute">{live(move || form(work, open))}</Dialog>
    }
    .into_any()
}

fn row(attribute: &Value, name: &str, used: bool, added: bool, work: Work) -> AnyView {
    // One that is saved may be in the application's own schema, so it stays.
    let remove = (added && !used).then(|| {
        let (label, wanted) = (format!("Remove attribute {name}"), name.to_owned());
        let remove = Callback::new(move |()| {
            work.draft.update(|schema| {
                if let Some(list) = schema::target_attributes_mut(schema, work.chosen) {
                    list.retain(|one| text(one, &["name"]) != wanted);
                }
            });
        });
        view! { <Button label="Remove" name=label class="small" on_click=remove /> }.into_any()
    });
    table::row(vec![
        view! { <th scope="row">{table::technical(name)}</th> }.into_any(),
        table::text(review::attribute_words(attribute)),
        table::text(if used { "Yes" } else { "No" }),
        table::buttons(remove.into_any()),
    ])
}

fn form(work: Work, open: RwSignal<bool>) -> AnyView {
    let (name, kind) = (RwSignal::new(String::new()), RwSignal::new("String".to_owned()));
    let (several, required) = (RwSignal::new(false), RwSignal::new(false));
    let error = RwSignal::new(String::new());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let path = name.with_untracked(|name| name.trim().to_owned());
        let known = work.draft.with_untracked(|schema| schema::targets(schema, work.chosen));
        let why = problem(&path, &known);
        if !why.is_empty() {
            error.set(why);
            return;
        }
        let attribute = object([
            ("name", path.into()),
            ("type", kind.get_untracked().into()),
            ("multivalued", several.get_untracked().into()),
            ("required", required.get_untracked().into()),
        ]);
        work.draft.update(|schema| {
            if let Some(list) = schema::target_attributes_mut(schema, work.chosen) {
                list.push(attribute);
            }
        });
        open.set(false);
    };
    view! {
        <form on:submit=handler(submit) class="stack" novalidate>
            <TextField
                label="SCIM path"
                value=name
                required=true
                hint="For example nickName, addresses[type eq \"work\"].locality, or urn:…:User:costCenter."
                error=error
            />
            <SelectField label="Kind" value=kind options=options(KINDS) />
            <CheckField label="Several values" value=several />
            <CheckField label="A new account must have it" value=required />
            <footer class="actions"><Submit label="Add" busy=Signal::from(false) />{cancel(open)}</footer>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn names_are_there_and_new() {
        let known = ["userName".to_owned()];
        assert!(!problem("", &known).is_empty());
        assert!(problem("USERNAME", &known).contains("already"));
        assert_eq!(problem("urn:x:User:Business Unit", &known), "");
    }
}
