//! Checking an expression, with the result for a chosen person.

use crate::api::{decode, scim};
use crate::cache::use_client;
use crate::parts::create::Sending;
use crate::parts::picker::{Choice, Pick, Picker};
use crate::ui::button::Button;
use crate::ui::live::{live_option, on_change};
use crate::ui::state::message;
use crate::ui::table;
use leptos::prelude::*;
use serde_json::Value;

/// What the server said about an expression, in words: whether it is good, and the text.
fn verdict(answer: &Value) -> (bool, String) {
    let is = |name: &str| answer.get(name).and_then(Value::as_bool).unwrap_or_default();
    let error = scim::text(answer, &["error", "message"]);
    if !is("parsingSucceeded") {
        return (false, if error.is_empty() { "The expression cannot be read.".to_owned() } else { error });
    }
    let values = match answer.get("evaluationResult") {
        Some(Value::Array(values)) => values.iter().map(scim::plain).collect::<Vec<_>>().join(", "),
        Some(other) => scim::plain(other),
        None => String::new(),
    };
    if is("evaluationSucceeded") {
        (true, if values.is_empty() { "Result: (empty)".to_owned() } else { format!("Result: {values}") })
    } else if error.is_empty() {
        (true, "The expression is well formed. Choose a person to see the result.".to_owned())
    } else {
        (false, error)
    }
}

/// The values of the parts in the order of evaluation, when there are any beside the result.
fn trace(answer: &Value) -> Option<AnyView> {
    let parts = scim::values(answer, "trace");
    if parts.len() < 2 {
        return None;
    }
    let rows = parts.iter().map(|part| {
        let get = |name: &str| scim::text(part, &[name]);
        let value =
            Some(get("value")).filter(|value| !value.is_empty()).unwrap_or_else(|| "(empty)".to_owned());
        table::row(vec![table::code(get("expression")), table::code(value)])
    });
    let rows = rows.collect();
    let table = table::table("Intermediate values", &["Part", "Value"], rows);
    Some(view! { <details open=true><summary>"Intermediate values"</summary>{table}</details> }.into_any())
}

/// The button, the person and the answer.
#[component]
pub(crate) fn CheckExpression(
    /// The expression.
    expression: Signal<String>,
    /// The directory of the person.
    directory: String,
    /// Where the schema is.
    address: StoredValue<String>,
) -> impl IntoView {
    let client = use_client();
    let sending = Sending::new();
    let good = RwSignal::new(String::new());
    let told = RwSignal::new(Value::Null);
    let person = RwSignal::new(Vec::<Choice>::new());
    // What is said is about one text and one person: an answer to another question is not shown.
    let asked = StoredValue::new(0_u32);
    on_change(move || {
        expression.track();
        person.track();
        asked.update_value(|asked| *asked = asked.wrapping_add(1));
        told.set(Value::Null);
        good.set(String::new());
        sending.error.set(String::new());
        sending.busy.set(false);
    });
    let check = Callback::new(move |()| {
        let expression = expression.get_untracked();
        let chosen = person.with_untracked(|chosen| chosen.first().map(|choice| choice.id.clone()));
        let this = asked.get_value();
        good.set(String::new());
        told.set(Value::Null);
        sending.run(async move {
            let request = scim::object([("expression", expression.into()), ("objectId", chosen.into())]);
            let path = format!("{}/parseExpression", address.get_value());
            let answer = client.post(&path, &request).await.and_then(|text| decode::<Value>(&text));
            if asked.try_get_value() != Some(this) {
                return Ok(());
            }
            let answer = answer.map_err(|error| error.text())?;
            let verdict = verdict(&answer);
            told.set(answer);
            match verdict {
                (true, text) => good.set(text),
                (false, text) => return Err(text),
            }
            Ok(())
        });
    });
    view! {
        <div class="actions"><Button label="Check expression" icon_name="check" on_click=check busy=sending.busy /></div>
        {message("good", move || good.get())}
        {message("bad", move || sending.error.get())}
        {live_option(move || trace(&told.read()))}
        <details>
            <summary>"Result for a person"</summary>
            <Picker label="Search people" directory=directory pick=Pick::Person chosen=person />
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_are_put_in_words() {
        let failed = json!({"parsingSucceeded": false, "error": {"message": "no function Foo"}});
        assert_eq!(verdict(&failed), (false, "no function Foo".to_owned()));
        let good =
            json!({"parsingSucceeded": true, "evaluationSucceeded": true, "evaluationResult": ["a", "b"]});
        assert_eq!(verdict(&good), (true, "Result: a, b".to_owned()));
        let parsed = json!({"parsingSucceeded": true, "evaluationSucceeded": false});
        assert!(verdict(&parsed).0);
    }
}
