//! The form of an inlet, to add one and to change it, with Test Connection.

use super::words::{CLOUDS, problem};
use crate::api::scim;
use crate::cache::use_client;
use crate::parts::act::{Change, use_act};
use crate::parts::create::{Sending, form_end};
use crate::parts::directory_list::options;
use crate::parts::interval;
use crate::ui::button::Button;
use crate::ui::field::{SelectField, TextField};
use crate::ui::live::{handler, live_option, on_change};
use crate::ui::state::message;
use api::inlet::{Inlet, InletPatch, InletRequest};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What is entered in one field, and what is wrong with it.
#[derive(Clone, Copy)]
struct Input {
    value: RwSignal<String>,
    error: RwSignal<String>,
}

impl Input {
    fn new(value: impl Into<String>) -> Self {
        Self { value: RwSignal::new(value.into()), error: RwSignal::new(String::new()) }
    }

    fn text(self) -> String {
        self.value.read_untracked().trim().to_owned()
    }

    /// Marks it, and tells whether it is good.
    fn check(self, good: bool, why: &str) -> bool {
        self.error.set(if good { "" } else { why }.to_owned());
        good
    }

    fn filled(self, why: &str) -> bool {
        self.check(!self.text().is_empty(), why)
    }
}

#[derive(Clone, Copy)]
struct Fields {
    name: Input,
    tenant: Input,
    client: Input,
    secret: Input,
    cloud: RwSignal<String>,
    login: Input,
    graph: Input,
    minutes: Input,
    extensions: Input,
    /// Whether there is a saved secret that an empty field keeps.
    saved: bool,
}

impl Fields {
    fn new(inlet: Option<&Inlet>) -> Self {
        let of =
            |read: fn(&Inlet) -> String, none: &str| Input::new(inlet.map_or_else(|| none.to_owned(), read));
        let origin = |read: fn(&Inlet) -> &String| {
            let custom = inlet.filter(|inlet| inlet.cloud == "custom");
            Input::new(custom.map(|inlet| read(inlet).clone()).unwrap_or_default())
        };
        Self {
            name: of(|inlet| inlet.display_name.clone(), "Microsoft Entra ID"),
            tenant: of(|inlet| inlet.tenant_id.clone(), ""),
            client: of(|inlet| inlet.client_id.clone(), ""),
            secret: Input::new(""),
            cloud: of(|inlet| inlet.cloud.clone(), "global").value,
            login: origin(|inlet| &inlet.login_origin),
            graph: origin(|inlet| &inlet.graph_origin),
            minutes: of(|inlet| minutes_of(&inlet.interval), "40"),
            extensions: of(|inlet| inlet.extension_attributes.join(" "), ""),
            saved: inlet.is_some(),
        }
    }

    fn is_custom(self) -> bool {
        *self.cloud.read_untracked() == "custom"
    }

    /// Marks what a connection cannot be tried without.
    fn check_connection(self) -> bool {
        let checks = [
            self.tenant.filled("Enter the Directory (tenant) ID, or one of the tenant's domains."),
            self.client.filled("Enter the Application (client) ID."),
            self.saved || self.secret.filled("Enter the value of the client secret."),
            !self.is_custom()
                || self.login.filled("Enter the origin of the login, such as https://login.example."),
            !self.is_custom() || self.graph.filled("Enter the origin of Microsoft Graph."),
        ];
        checks.iter().all(|good| *good)
    }

    /// Marks what is wrong; true when it can be saved.
    fn check(self) -> bool {
        let connection = self.check_connection();
        let name = self.name.filled("Give the inlet a name.");
        let why = "Enter a whole number of minutes from 1 to 1,440.";
        connection && name && self.minutes.check(self.interval().is_some(), why)
    }

    fn interval(self) -> Option<String> {
        let minutes = self.minutes.text().parse().ok();
        minutes.filter(|minutes| (1..=interval::LONGEST).contains(minutes)).map(interval::iso)
    }

    fn patch(self) -> InletPatch {
        let custom = self.is_custom();
        let secret = self.secret.text();
        InletPatch {
            display_name: Some(self.name.text()),
            tenant_id: Some(self.tenant.text()),
            client_id: Some(self.client.text()),
            client_secret: (!secret.is_empty()).then_some(secret),
            cloud: Some(self.cloud.get_untracked()),
            login_origin: custom.then(|| self.login.text()),
            graph_origin: custom.then(|| self.graph.text()),
            interval: self.interval(),
            extension_attributes: Some(names(&self.extensions.text())),
        }
    }

    fn request(self) -> InletRequest {
        let patch = self.patch();
        InletRequest {
            kind: "microsoftGraph".to_owned(),
            display_name: patch.display_name.unwrap_or_default(),
            tenant_id: patch.tenant_id.unwrap_or_default(),
            client_id: patch.client_id.unwrap_or_default(),
            client_secret: patch.client_secret.unwrap_or_default(),
            cloud: patch.cloud,
            login_origin: patch.login_origin,
            graph_origin: patch.graph_origin,
            interval: patch.interval,
            extension_attributes: patch.extension_attributes.unwrap_or_default(),
        }
    }
}

/// Minutes of an interval, for the field; what is not whole minutes stays empty.
fn minutes_of(iso: &str) -> String {
    interval::minutes(iso).map(|minutes| minutes.to_string()).unwrap_or_default()
}

/// Names that are separated by spaces, commas or lines.
fn names(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| c == ',' || c.is_whitespace());
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The form, in a dialog. `address` is the list of inlets; `done` gets the id of what was saved.
pub(super) fn form(
    address: String,
    inlet: Option<&Inlet>,
    open: RwSignal<bool>,
    done: Callback<String>,
) -> AnyView {
    let act = use_act();
    let sending = Sending::new();
    let fields = Fields::new(inlet);
    let own = inlet.map(|inlet| format!("{address}/{}", crate::text::encode(&inlet.id)));
    let tested = own.clone().unwrap_or_else(|| address.clone());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !fields.check() {
            sending.error.set("Something is missing: see the fields above.".to_owned());
            return;
        }
        let change = match &own {
            Some(own) => Change::patch(own.clone(), &fields.patch()).said("Settings saved"),
            None => Change::post(address.clone(), &fields.request())
                .said(format!("{} was added; its first round runs", fields.name.text())),
        };
        let change = change.stale(address.clone()).close(open);
        act.send_then(sending, change, move |answer| done.run(scim::text(answer, &["id"])));
    };
    let origins = live_option(move || {
        (*fields.cloud.read() == "custom").then(|| {
            view! {
                <TextField label="Login origin" value=fields.login.value error=fields.login.error kind="url" required=true />
                <TextField label="Graph origin" value=fields.graph.value error=fields.graph.error kind="url" required=true />
            }
            .into_any()
        })
    });
    let secret_hint = if fields.saved {
        "Leave it empty to keep the saved one. It is never shown."
    } else {
        "The secret's value, not its ID. It is kept encrypted and never shown again."
    };
    view! {
        <form on:submit=handler(submit) class="stack" novalidate>
            <p class="hint">
                "An app registration with the application permissions "<code>"User.Read.All"</code>" and "
                <code>"GroupMember.Read.All"</code>", with admin consent."
            </p>
            <div class="form-grid">
                <TextField label="Name" value=fields.name.value error=fields.name.error required=true />
                <SelectField label="Cloud" value=fields.cloud options=options(&CLOUDS) />
                <TextField label="Tenant ID" value=fields.tenant.value error=fields.tenant.error required=true />
                <TextField label="Client ID" value=fields.client.value error=fields.client.error required=true />
                <TextField
                    label="Client secret"
                    value=fields.secret.value
                    error=fields.secret.error
                    kind="password"
                    hint=secret_hint
                    required={!fields.saved}
                />
                <TextField
                    label="Minutes between two rounds"
                    value=fields.minutes.value
                    error=fields.minutes.error
                    kind="number"
                    required=true
                />
                {origins}
                <TextField
                    label="Extension attributes"
                    value=fields.extensions.value
                    hint="Read besides, separated by spaces: extensionAttribute1 to 15, extension_…"
                />
            </div>
            {test(fields, tested, sending)}
            {form_end(if fields.saved { "Save" } else { "Add inlet" }, sending, open)}
        </form>
    }
    .into_any()
}

/// Test Connection. `address` is the inlet's, or that of the list.
fn test(fields: Fields, address: String, sending: Sending) -> AnyView {
    let client = use_client();
    let busy = RwSignal::new(false);
    let (good, bad) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    // What was tested is no longer what the form says.
    on_change(move || {
        for input in [fields.tenant, fields.client, fields.secret, fields.login, fields.graph] {
            input.value.track();
        }
        fields.cloud.track();
        sending.error.set(String::new());
        good.set(String::new());
        bad.set(String::new());
    });
    let act = Callback::new(move |()| {
        if !fields.check_connection() {
            return;
        }
        let path = format!("{address}/validateCredentials");
        let reply = if fields.saved {
            client.post(&path, &fields.patch())
        } else {
            let mut request = fields.request();
            // The name does not matter for the test.
            if request.display_name.is_empty() {
                request.display_name = "Test".to_owned();
            }
            client.post(&path, &request)
        };
        busy.set(true);
        good.set(String::new());
        bad.set(String::new());
        spawn_local(async move {
            match reply.await {
                Ok(_) => good.set(
                    "The connection works: Microsoft Graph accepts the credentials and lets people and groups be read."
                        .to_owned(),
                ),
                Err(error) => bad.set(format!("{}\n{}", problem(&error.code), error.text())),
            }
            busy.set(false);
        });
    });
    view! {
        <div class="stack">
            <div class="actions"><Button label="Test Connection" icon_name="sync" on_click=act busy=busy /></div>
            {message("good", move || good.get())}
            {message("bad", move || bad.get())}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_separated() {
        assert_eq!(names(" a, b\nc ,"), ["a", "b", "c"]);
        assert!(names(" ").is_empty());
        assert_eq!(minutes_of("PT1H"), "60");
        assert_eq!(minutes_of("PT90S"), "");
    }
}
