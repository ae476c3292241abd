//! Who passes the scoping filters on the screen, counted by the server, and why a chosen person does or does not.

use super::{Work, filter, schema};
use crate::api::{decode, scim};
use crate::app::use_session;
use crate::cache::use_client;
use crate::parts::picker::{Choice, Pick, Picker};
use crate::text::number;
use crate::ui::icon::icon;
use crate::ui::live::{live, live_option, memo, on_change};
use crate::ui::state::message;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use std::time::Duration;

/// How long typing must rest before it is counted.
const REST: Duration = Duration::from_millis(500);

/// The count in words.
fn count(answer: &Value, groups: bool) -> String {
    let figure = |name: &str| answer.get(name).and_then(Value::as_u64).unwrap_or_default();
    let (matched, total) = (number(figure("matched")), number(figure("total")));
    let noun = if groups { "groups" } else { "people" };
    let truncated = answer.get("truncated").and_then(Value::as_bool).unwrap_or_default();
    if truncated {
        format!("{matched} of the first {total} {noun} pass. There are more, which were not looked at.")
    } else {
        format!("{matched} of {total} {noun} pass.")
    }
}

/// The count, a few names, and the question about one person.
#[component]
pub(crate) fn Matches(work: Work, groups: bool) -> impl IntoView {
    let client = use_client();
    let scope = memo(move || filter::scope(&work.draft.read(), work.chosen));
    let person = RwSignal::new(Vec::<Choice>::new());
    let answer = RwSignal::new(Value::Null);
    let error = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    // An answer to a question that was asked anew meanwhile is not shown.
    let asked = StoredValue::new(0_u32);
    let mut ask = debounce(REST, move |(scope, id): (Value, String)| {
        let Some(address) = work.address.try_get_value() else { return };
        let this = asked.with_value(|asked| asked.wrapping_add(1));
        asked.set_value(this);
        spawn_local(async move {
            let kind = if groups { "Group" } else { "User" };
            let request =
                scim::object([("filter", scope), ("objectTypeName", kind.into()), ("objectId", id.into())]);
            let told = client.post(&format!("{address}/evaluateScope"), &request).await;
            if asked.try_get_value() != Some(this) {
                return;
            }
            match told.and_then(|text| decode::<Value>(&text)) {
                Ok(told) => {
                    answer.set(told);
                    error.set(String::new());
                }
                Err(why) => error.set(why.text()),
            }
            busy.set(false);
        });
    });
    on_change(move || {
        let (scope, id) = (scope.get(), person.with(|chosen| chosen.first().map(|one| one.id.clone())));
        let wanted = !filter::is_open(&scope) || id.is_some();
        busy.set(wanted);
        if wanted {
            ask((if scope.is_null() { scim::object([]) } else { scope }, id.unwrap_or_default()));
        } else {
            asked.update_value(|asked| *asked = asked.wrapping_add(1));
            answer.set(Value::Null);
            error.set(String::new());
        }
    });
    let shown = live(move || {
        if filter::is_open(&scope.read()) {
            return view! { <p class="hint">"There is no filter: whoever is assigned is in scope."</p> }
                .into_any();
        }
        if !error.read().is_empty() {
            return ().into_any();
        }
        let answer = answer.get();
        if busy.get() && answer.is_null() {
            return view! { <p class="hint">"Counting…"</p> }.into_any();
        }
        let names = schema::list(&answer, "sample").iter().map(|one| scim::text(one, &["displayName"]));
        let names = names.collect::<Vec<_>>().join(", ");
        let word = if busy.get() { " Counting again…" } else { "" };
        view! {
            <p><strong>{count(&answer, groups)}</strong><span class="faint">{word}</span></p>
            {(!names.is_empty()).then(|| view! { <p class="hint">"For example "{names}"."</p> }.into_any())}
        }
        .into_any()
    });
    let why = live_option(move || {
        (!busy.get() && error.read().is_empty()).then(|| explanation(&answer.read())).flatten()
    });
    let directory = use_session().workforce_directory_id;
    let question = (!groups).then(|| {
        view! {
            <details>
                <summary>"Why is somebody in or out?"</summary>
                <div class="stack">
                    <Picker label="Search people" directory=directory pick=Pick::Person chosen=person />
                    <div role="status">{why}</div>
                </div>
            </details>
        }
        .into_any()
    });
    view! {
        <div role="status" class="stack">{shown}</div>
        {message("bad", move || error.get())}
        {question}
    }
    .into_any()
}

/// The verdict about the person, and every condition.
fn explanation(answer: &Value) -> Option<AnyView> {
    let name = scim::text(answer.get("object")?, &["displayName"]);
    let is = |name: &str| answer.get(name).and_then(Value::as_bool).unwrap_or_default();
    let verdict = if is("inScope") {
        format!("{name} passes the filters.")
    } else {
        format!("{name} does not pass the filters.")
    };
    let disabled = (!is("isActive")).then(|| {
        view! { <p>"But this account is disabled or deleted in the directory, and so out of scope."</p> }
            .into_any()
    });
    let rows = schema::list(answer, "explanation").iter().map(|row| {
        let holds = row.get("result").and_then(Value::as_bool).unwrap_or_default();
        let (class, symbol, word) =
            if holds { ("done", "check", "Holds: ") } else { ("", "close", "Does not hold: ") };
        let value = scim::text(row, &["value"]);
        let value =
            if value.is_empty() { "There is no value.".to_owned() } else { format!("The value is {value}.") };
        let place = row.get("groupIndex").and_then(Value::as_u64).unwrap_or_default() + 1;
        let input = row.get("isInputFilter").and_then(Value::as_bool).unwrap_or_default();
        let group = if input { format!("Input filter {place}") } else { format!("Filter {place}") };
        view! {
            <li class=class>
                {icon(symbol)}
                <div>
                    <span class="visually-hidden">{word}</span>
                    <code>{scim::text(row, &["clause"])}</code>
                    <p class="hint">{group}". "{value}</p>
                </div>
            </li>
        }
        .into_any()
    });
    let rows = rows.collect::<Vec<_>>();
    Some(
        view! {
            <div class="stack">
                <p><strong>{verdict}</strong>" Assignments decide as well: see Users and groups."</p>
                {disabled}
                <ul class="checklist" aria-label="Conditions">{rows}</ul>
            </div>
        }
        .into_any(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn counts_are_put_in_words() {
        let answer = json!({"matched": 42, "total": 1310, "truncated": false});
        assert_eq!(count(&answer, false), "42 of 1,310 people pass.");
        let answer = json!({"matched": 1, "total": 10000, "truncated": true});
        assert!(count(&answer, true).starts_with("1 of the first 10,000 groups pass."));
    }
}
