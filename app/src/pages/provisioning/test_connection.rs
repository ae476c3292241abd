//! Test Connection: what the target answers to the credentials of the form, probe by probe.

use super::{Fields, ensure_job};
use crate::api::{endpoints, parse, scim};
use crate::cache::use_client;
use crate::parts::application::ApplicationData;
use crate::parts::words::status_badge;
use crate::text::duration;
use crate::ui::button::Button;
use crate::ui::live::{live_option, memo, on_change};
use crate::ui::state::message;
use api::job::ValidateCredentials;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

/// A heading for a code of `validateCredentials`.
fn title(code: &str) -> &'static str {
    match code {
        "InvalidCredentials" => "The token was not accepted.",
        "HostNotFound" => "The host was not found.",
        "ConnectionRefused" => "The connection was refused.",
        "Timeout" => "The application did not answer in time.",
        "NotScim" => "The address answers, but not as a SCIM endpoint.",
        "NotFound" => "There is nothing at this address.",
        "TokenEndpointError" => "The token endpoint gave no access token.",
        "TlsError" => "A secure connection could not be made.",
        "TargetError" => "The application answered with an error.",
        _ => "The test did not succeed.",
    }
}

/// The probes of an answer.
fn probes(answer: &Value) -> &[Value] {
    answer.get("value").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// What the probes come to: whether the connection is good, and the text.
fn verdict(probes: &[Value]) -> (bool, String) {
    let find = |status: &str| probes.iter().find(|probe| scim::text(probe, &["status"]) == status);
    if let Some(failed) = find("failure") {
        let what = match scim::text(failed, &["name"]).as_str() {
            "address" => "The address does not answer.",
            "authentication" => "The token was not accepted.",
            _ => "The connection does not work.",
        };
        return (false, format!("{what} The step that failed says what to change."));
    }
    let works =
        "The connection works: the application accepts the credentials and answers as a SCIM endpoint.";
    let but = if find("warning").is_some() { " A step has a warning." } else { "" };
    (true, format!("{works}{but}"))
}

/// The probes as a list: name, outcome, what was found, how long it took.
fn probe_list(probes: &[Value]) -> Option<AnyView> {
    let rows = probes.iter().map(|probe| {
        let text = |name: &str| scim::text(probe, &[name]);
        let took = probe.get("durationInMilliseconds").and_then(Value::as_i64);
        let took = took.map(|milliseconds| {
            view! { <span class="faint">{duration(milliseconds)}</span> }.into_any()
        });
        let message = text("message");
        let message = (!message.is_empty()).then(|| view! { <p class="pre">{message}</p> }.into_any());
        view! {
            <li>
                <div class="step-head"><strong>{text("displayName")}</strong><span>{took}" "{status_badge(&text("status"))}</span></div>
                {message}
            </li>
        }
        .into_any()
    });
    let rows = rows.collect::<Vec<_>>();
    (!rows.is_empty())
        .then(|| view! { <ol class="steps" aria-label="Steps of the test">{rows}</ol> }.into_any())
}

/// The button and its answer.
#[component]
pub(crate) fn TestConnection(id: String, data: ApplicationData, fields: Fields) -> impl IntoView {
    let client = use_client();
    let busy = RwSignal::new(false);
    let good = RwSignal::new(String::new());
    let bad = RwSignal::new(String::new());
    let told = RwSignal::new(Value::Null);
    // Counts tests and changes of the form: what is told about an earlier one is not shown.
    let asked = StoredValue::new(0_u32);
    // What was tested is no longer what the form says.
    let tested = memo(move || {
        let entries = fields.settings().credentials();
        entries.into_iter().map(|entry| [entry.key, entry.value].join("=")).collect::<Vec<_>>().join("\n")
    });
    on_change(move || {
        // Read, since a memo that is only tracked is never computed, and so never changes.
        let _ = tested.read();
        asked.update_value(|asked| *asked = asked.wrapping_add(1));
        busy.set(false);
        good.set(String::new());
        bad.set(String::new());
        told.set(Value::Null);
    });
    let test = Callback::new(move |()| {
        if !fields.check_credentials() {
            return;
        }
        let settings = untrack(|| fields.settings());
        let id = id.clone();
        asked.update_value(|asked| *asked = asked.wrapping_add(1));
        let this = asked.get_value();
        busy.set(true);
        good.set(String::new());
        bad.set(String::new());
        told.set(Value::Null);
        spawn_local(async move {
            let request = ValidateCredentials {
                // Secrets that were not typed again.
                use_saved_credentials: true,
                credentials: settings.credentials(),
                template_id: None,
            };
            let outcome = match ensure_job(client, &id, data).await {
                Err(why) => Err(why),
                Ok(job) => {
                    let path = endpoints::job(&id, &job, "validateCredentials?details=true");
                    let answer = client.post(&path, &request).await.and_then(|text| parse(&text));
                    answer.map_err(|error| format!("{}\n{}", title(&error.code), error.text()))
                }
            };
            // The form says something else by now, or was left.
            if asked.try_get_value() != Some(this) {
                return;
            }
            match outcome {
                Ok(answer) => {
                    let (works, text) = verdict(probes(&answer));
                    if works {
                        good.set(text)
                    } else {
                        bad.set(text)
                    }
                    told.set(answer);
                }
                Err(why) => bad.set(why),
            }
            busy.set(false);
        });
    });
    view! {
        <div class="stack">
            <div class="actions"><Button label="Test Connection" icon_name="sync" on_click=test busy=busy changes=true /></div>
            {message("good", move || good.get())}
            {message("bad", move || bad.get())}
            {live_option(move || probe_list(probes(&told.read())))}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_verdict_is_that_of_the_worst_probe() {
        let probes =
            |statuses: &[&str]| statuses.iter().map(|status| json!({"status": status})).collect::<Vec<_>>();
        assert!(!verdict(&probes(&["success", "failure", "skipped"])).0);
        let refused = [json!({"name": "authentication", "status": "failure"})];
        assert!(verdict(&refused).1.starts_with("The token was not accepted."));
        assert!(verdict(&probes(&["success", "warning"])).1.ends_with("A step has a warning."));
        assert!(verdict(&probes(&["success", "skipped"])).1.ends_with("SCIM endpoint."));
        // An answer without probes is one that found nothing wrong.
        assert!(verdict(&[]).0);
    }
}
