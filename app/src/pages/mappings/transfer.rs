//! Mappings as a file: export, and import into the editor, where they are reviewed before they are saved.

use super::schema;
use crate::browser;
use crate::parts::create::Sending;
use crate::ui::button::Button;
use crate::ui::live::handler;
use crate::ui::state::message;
use crate::ui::unique_id;
use leptos::html;
use leptos::prelude::*;
use serde_json::Value;

/// Bytes of a file at most: what the API takes.
const LARGEST: f64 = 2.0 * 1024.0 * 1024.0;

/// Reads a schema from the text of a file; id and version stay those of the schema that is edited.
fn read(content: &str, now: &Value) -> Result<Value, String> {
    let mut read: Value = serde_json::from_str(content).map_err(|error| {
        format!("The file is not JSON: {error}. Correct that place, or export the mappings again.")
    })?;
    problem(&read).map_or(Ok(()), Err)?;
    if let Some(members) = read.as_object_mut() {
        for name in ["id", "version"] {
            if let Some(value) = now.get(name) {
                members.insert(name.to_owned(), value.clone());
            }
        }
    }
    Ok(read)
}

/// What keeps a file from being shown, and where. Everything else is checked when it is saved.
fn problem(read: &Value) -> Option<String> {
    let missing =
        |place: String, what: &str| Some(format!("{place}: {what} is missing, or of another kind."));
    let Some(rules) = read.get("synchronizationRules").and_then(Value::as_array) else {
        return missing("synchronizationRules".to_owned(), "the list of rules");
    };
    for (rule_at, rule) in rules.iter().enumerate() {
        let place = format!("synchronizationRules[{rule_at}].objectMappings");
        let Some(objects) = rule.get("objectMappings").and_then(Value::as_array) else {
            return missing(place, "the list of object mappings");
        };
        for (object_at, object) in objects.iter().enumerate() {
            let place = format!("{place}[{object_at}].attributeMappings");
            let Some(mappings) = object.get("attributeMappings").and_then(Value::as_array) else {
                return missing(place, "the list of attribute mappings");
            };
            let named = |mapping: &Value| mapping.get("targetAttributeName").is_some_and(Value::is_string);
            if let Some(at) = mappings.iter().position(|mapping| !named(mapping)) {
                return missing(
                    format!("{place}[{at}].targetAttributeName"),
                    "the name of the target attribute",
                );
            }
        }
    }
    schema::objects(read)
        .is_empty()
        .then(|| "synchronizationRules: there is no object mapping in the file.".to_owned())
}

/// The two buttons, and what is wrong with a file.
#[component]
pub(crate) fn Transfer(
    /// What is on the screen.
    draft: RwSignal<Value>,
    /// The application's name.
    name: Memo<String>,
    /// Shows what was read.
    on_read: Callback<Value>,
) -> impl IntoView {
    let sending = Sending::new();
    let file = NodeRef::<html::Input>::new();
    let id = unique_id("file");
    let export = Callback::new(move |()| {
        let text = browser::pretty(&draft.with_untracked(Value::to_string));
        let name = format!("{} mappings.json", name.get_untracked());
        browser::save(&name, "application/json", &[text, "\n".to_owned()]);
    });
    let choose = move |_: web_sys::Event| {
        let Some(input) = file.get_untracked() else { return };
        let Some(chosen) = input.files().and_then(|files| files.get(0)) else { return };
        // The same file can be chosen again once it was corrected.
        input.set_value("");
        sending.run(async move {
            let name = chosen.name();
            if chosen.size() > LARGEST {
                return Err(format!("{name}: the file is larger than 2 MB."));
            }
            let text = browser::read(&chosen).await.ok_or_else(|| format!("{name} could not be read."))?;
            // The page may be left by now.
            let Some(draft) = draft.try_get_untracked() else { return Ok(()) };
            let read = read(&text, &draft).map_err(|why| format!("{name}: {why}"))?;
            let _ = on_read.try_run(read);
            Ok(())
        });
    };
    view! {
        <div class="actions"><Button label="Export mappings" icon_name="download" on_click=export /></div>
        {message("bad", move || sending.error.get())}
        <div class="field">
            <label for=id.clone()>"Import mappings from a file"</label>
            <input id=id node_ref=file type="file" accept=".json,application/json" on:change=handler(choose) />
            <p class="hint">"They are shown here first, and saved when you have reviewed them."</p>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn file(mappings: Value) -> String {
        json!({"id": "x", "version": "old", "synchronizationRules": [{"objectMappings": [{"attributeMappings": mappings}]}]})
            .to_string()
    }

    #[test]
    fn a_file_keeps_its_mappings_and_takes_the_version_of_what_is_edited() {
        let now = json!({"id": "job", "version": "new"});
        let good = read(&file(json!([{"targetAttributeName": "a"}])), &now).unwrap();
        assert_eq!((&good["id"], &good["version"]), (&json!("job"), &json!("new")));
        assert_eq!(schema::mappings(&good, 0).len(), 1);
    }

    #[test]
    fn mistakes_have_a_place() {
        let check = |text: &str, place: &str| {
            let why = read(text, &Value::Null).unwrap_err();
            assert!(why.contains(place), "{why}");
        };
        check("{\n  \"a\": }", "line 2 column 8");
        check("[]", "synchronizationRules:");
        check(r#"{"synchronizationRules": []}"#, "no object mapping");
        check(r#"{"synchronizationRules": [{}]}"#, "synchronizationRules[0].objectMappings:");
        check(
            &file(json!([{"targetAttributeName": "a"}, {"targetAttributeName": 1}])),
            "synchronizationRules[0].objectMappings[0].attributeMappings[1].targetAttributeName",
        );
    }
}
