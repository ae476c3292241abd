//! What the headers of a file mean: chosen here, and remembered for every later file.

use super::Form;
use crate::api::{endpoints, scim};
use crate::cache::Remote;
use crate::parts::directory_list::options;
use crate::parts::remote::show;
use crate::text::fold;
use crate::ui::button::Button;
use crate::ui::confirm::Outcome;
use crate::ui::field::SelectField;
use leptos::prelude::*;
use serde_json::Value;

/// The header speaks for itself.
pub(super) const OWN: &str = "=";

/// What can be chosen beside the attributes.
const OTHERS: [(&str, &str); 4] =
    [(OWN, "What the header says"), ("", "Do not import"), ("manager", "manager"), ("groups", "groups")];

/// A header, what it was taken for, and what is chosen.
type Column = (String, String, RwSignal<String>);

/// A choice for each header, and the button that remembers them and asks for the preview again.
pub(super) fn chooser(form: Form, columns: Vec<(String, String)>) -> AnyView {
    let mut all: Vec<Column> = Vec::new();
    for (header, attribute) in columns {
        // Each header is chosen for once; one without a name cannot be.
        if !header.trim().is_empty() && !all.iter().any(|(known, ..)| same(known, &header)) {
            all.push((header, attribute.clone(), RwSignal::new(attribute)));
        }
    }
    let address = form.directory.with_value(|id| endpoints::directory_part(id, "sourceAttributes"));
    let known = Remote::<Value>::new(move || address.clone());
    let shown = all.clone();
    let fields = show(known, move |known| {
        let fields = shown.iter().map(|(header, before, choice)| {
            let options = choices(&known, before);
            view! { <SelectField label=header.clone() value=*choice options=options /> }.into_any()
        });
        let fields = fields.collect::<Vec<_>>();
        view! { <div class="form">{fields}</div> }.into_any()
    });
    let again = Callback::new(move |()| form.sending.run(save(form, all.clone())));
    view! {
        {fields}
        <p class="hint">"Your choice is remembered for every file with these headers."</p>
        <div class="actions"><Button label="Save and preview again" on_click=again busy=form.sending.busy changes=true /></div>
    }
    .into_any()
}

/// The headers of a directory are compared so.
fn same(one: &str, other: &str) -> bool {
    fold(one.trim()) == fold(other.trim())
}

/// The attributes that a file can fill, with what the header was taken for.
fn choices(known: &Value, before: &str) -> Vec<(String, String)> {
    let mut all = options(&OTHERS);
    let attributes = scim::values(known, "value").into_iter();
    let mut names: Vec<String> = attributes
        .filter(|attribute| scim::text(attribute, &["origin"]) == "Directory")
        .map(|attribute| scim::text(&attribute, &["name"]))
        .collect();
    names.push(before.to_owned());
    for name in names {
        if !all.iter().any(|(known, _)| *known == name) {
            all.push((name.clone(), name));
        }
    }
    all
}

/// Lays what was chosen over what is remembered.
fn merged(mut kept: Vec<Value>, chosen: &[(&str, &str)]) -> Vec<Value> {
    for (header, attribute) in chosen {
        kept.retain(|one| !same(&scim::text(one, &["header"]), header));
        if *attribute != OWN {
            kept.push(scim::object([("header", (*header).into()), ("attribute", (*attribute).into())]));
        }
    }
    kept
}

fn save(form: Form, columns: Vec<Column>) -> Outcome {
    // Read before anything is waited for: another file takes the fields away.
    let columns =
        columns.into_iter().map(|(header, before, choice)| (header, before, choice.get_untracked()));
    let columns: Vec<(String, String, String)> = columns.collect();
    Box::pin(async move {
        let path = form.directory.with_value(|id| endpoints::directory_part(id, "importColumns"));
        let kept: Value = form.client.get(&path).await.map_err(|error| error.text())?;
        let changed = columns.iter().filter(|(_, before, choice)| before != choice);
        let changed: Vec<(&str, &str)> =
            changed.map(|(header, _, choice)| (header.as_str(), choice.as_str())).collect();
        let value = merged(scim::values(&kept, "value"), &changed);
        let body = scim::object([("value", value.into())]);
        form.client.put(&path, &body).await.map_err(|error| error.text())?;
        form.look().await
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_remembered_of_other_files_stays() {
        let kept = vec![
            json!({"header": "Name", "attribute": "displayName"}),
            json!({"header": "Büro", "attribute": ""}),
        ];
        let after = merged(kept, &[("BÜRO", "officeLocation"), ("name", OWN), ("Gehalt", "")]);
        let expected =
            json!([{"header": "BÜRO", "attribute": "officeLocation"}, {"header": "Gehalt", "attribute": ""}]);
        assert_eq!(Value::from(after), expected);
    }

    #[test]
    fn every_attribute_can_be_chosen_once() {
        let known = json!({"value": [
            {"name": "objectId", "origin": "Assigned"},
            {"name": "surname", "origin": "Directory"},
            {"name": "manager", "origin": "Directory"}
        ]});
        let names =
            |before: &str| choices(&known, before).into_iter().map(|(value, _)| value).collect::<Vec<_>>();
        assert_eq!(names(""), [OWN, "", "manager", "groups", "surname"]);
        assert_eq!(names("extension_x").last().map(String::as_str), Some("extension_x"));
    }
}
