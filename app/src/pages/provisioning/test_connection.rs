//! Test Connection: what the target answers to the credentials of the form.

use super::{Fields, ensure_job};
use crate::api::endpoints;
use crate::cache::use_client;
use crate::parts::application::ApplicationData;
use crate::ui::button::Button;
use crate::ui::live::on_change;
use crate::ui::state::message;
use api::job::ValidateCredentials;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A heading for a code of `validateCredentials`.
fn title(code: &str) -> &'static str {
    match code {
        "InvalidCredentials" => "The token was not accepted.",
        "HostNotFound" => "The host was not found.",
        "ConnectionRefused" => "The connection was refused.",
        "Timeout" => "The application did not answer in time.",
        "NotScim" => "The address answers, but not as a SCIM endpoint.",
        "NotFound" => "There is nothing at this address.",
        "TlsError" => "A secure connection could not be made.",
        "TargetError" => "The application answered with an error.",
        _ => "The test did not succeed.",
    }
}

/// The button and its answer.
#[component]
pub(crate) fn TestConnection(id: String, data: ApplicationData, fields: Fields) -> impl IntoView {
    let client = use_client();
    let busy = RwSignal::new(false);
    let good = RwSignal::new(String::new());
    let bad = RwSignal::new(String::new());
    // What was tested is no longer what the form says.
    on_change(move || {
        fields.tenant_url.track();
        fields.token.track();
        good.set(String::new());
        bad.set(String::new());
    });
    let test = Callback::new(move |()| {
        if !fields.check_credentials() {
            return;
        }
        let settings = untrack(|| fields.settings());
        let id = id.clone();
        busy.set(true);
        good.set(String::new());
        bad.set(String::new());
        spawn_local(async move {
            let request = ValidateCredentials {
                use_saved_credentials: settings.token.is_empty(),
                credentials: settings.credentials(),
                template_id: None,
            };
            match ensure_job(client, &id, data).await {
                Err(why) => bad.set(why),
                Ok(job) => match client.post(&endpoints::job(&id, &job, "validateCredentials"), &request).await {
                    Ok(_) => good.set(
                        "The connection works: the application accepts the credentials and answers as a SCIM endpoint."
                            .to_owned(),
                    ),
                    Err(error) => bad.set(format!("{}\n{}", title(&error.code), error.text())),
                },
            }
            busy.set(false);
        });
    });
    view! {
        <div class="stack">
            <div class="actions"><Button label="Test Connection" icon_name="sync" on_click=test busy=busy /></div>
            {message("good", move || good.get())}
            {message("bad", move || bad.get())}
        </div>
    }
    .into_any()
}
