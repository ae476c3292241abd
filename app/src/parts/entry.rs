//! What was done or would be done about one object, told in full: steps, requests, and what to do about an error.

use crate::api::scim::plain as text;
use crate::browser;
use crate::parts::curl::curl;
use crate::parts::words::status_badge;
use crate::text::capitalize;
use crate::ui::copy::CopyButton;
use crate::ui::panel::{facts, plain};
use api::log::{ProvisioningErrorInfo, ProvisioningStep};
use leptos::prelude::*;

/// A technical value; a dash where there is none.
pub(crate) fn code(text: &str) -> AnyView {
    let text = if text.is_empty() { "–".to_owned() } else { text.to_owned() };
    view! { <code>{text}</code> }.into_any()
}

/// The steps in order, each with its inputs and what was decided.
pub(crate) fn steps<'a>(steps: impl IntoIterator<Item = &'a ProvisioningStep>) -> AnyView {
    let items = steps.into_iter().map(|step| {
        let title = step_word(&step.provisioning_step_type);
        let description = step.description.clone();
        let value = |name: &str| step.details.get(name).map(text).unwrap_or_default();
        let request = step
            .details
            .contains_key("RequestMethod")
            .then(|| request(&value("RequestMethod"), &value("RequestPath"), "", &value("RequestBody")));
        let details = step.details.iter().filter(|(name, _)| !name.starts_with("Request"));
        let details = details.map(|(name, value)| {
            let line = format!("{name}: {}", text(value));
            view! { <li><code>{line}</code></li> }.into_any()
        });
        let details = details.collect::<Vec<_>>();
        view! {
            <li>
                <div class="step-head"><h3>{title}</h3>{status_badge(&step.status)}</div>
                <p>{description}</p>
                <ul class="hint">{details}</ul>
                {request}
            </li>
        }
        .into_any()
    });
    let items = items.collect::<Vec<_>>();
    view! { <ol class="steps">{items}</ol> }.into_any()
}

fn step_word(kind: &str) -> String {
    match kind {
        "import" => "Import".to_owned(),
        "scoping" => "Determine scope".to_owned(),
        "matching" => "Match".to_owned(),
        "processing" => "Process".to_owned(),
        "referenceResolution" => "Resolve references".to_owned(),
        "export" => "Perform action".to_owned(),
        other => capitalize(other),
    }
}

/// A request as it goes over the wire: line, headers, and the body with line breaks; to be copied as a command.
pub(crate) fn request(method: &str, url: &str, headers: &str, body: &str) -> AnyView {
    let mut lines = [method, " ", url].concat();
    for part in [headers.to_owned(), browser::pretty(body)] {
        if !part.is_empty() {
            lines.push_str(if part.starts_with('{') { "\n\n" } else { "\n" });
            lines.push_str(&part);
        }
    }
    let label = format!("{method} request");
    let command = curl(method, url, headers, body);
    view! {
        <div class="request">
            <pre tabindex="0" role="group" aria-label=label><code>{lines}</code></pre>
            <CopyButton label="Copy as curl" text=command />
        </div>
    }
    .into_any()
}

/// An error with what to do about it.
pub(crate) fn advice(error: &ProvisioningErrorInfo) -> AnyView {
    let mut rows = vec![("Error code", code(&error.error_code)), ("Reason", plain(error.reason.clone()))];
    if let Some(more) = &error.additional_details {
        rows.push(("Details", plain(more.clone())));
    }
    let advice = error.recommended_action.clone().unwrap_or_else(|| "Nothing has to be done.".to_owned());
    rows.push(("Recommended action", plain(advice)));
    facts(rows)
}
