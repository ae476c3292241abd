//! What is entered about an inlet, and what is wrong with it.

use super::Described;
use super::rules::Rules;
use crate::parts::interval;
use api::inlet::Inlet;
use leptos::prelude::*;
use serde_json::{Map, Value};

/// What is entered in one field, and what is wrong with it.
#[derive(Clone, Copy)]
pub(super) struct Input {
    pub(super) value: RwSignal<String>,
    pub(super) error: RwSignal<String>,
}

impl Input {
    pub(super) fn new(value: impl Into<String>) -> Self {
        Self { value: RwSignal::new(value.into()), error: RwSignal::new(String::new()) }
    }

    pub(super) fn text(self) -> String {
        self.value.read().trim().to_owned()
    }

    /// Marks it, and tells whether it is good.
    pub(super) fn check(self, good: bool, why: &str) -> bool {
        self.error.set(if good { "" } else { why }.to_owned());
        good
    }

    fn filled(self, why: &str) -> bool {
        self.check(!self.text().is_empty(), why)
    }
}

/// All of an inlet's form.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    pub(super) name: Input,
    pub(super) tenant: Input,
    pub(super) client: Input,
    /// `secret` or `certificate`.
    pub(super) method: RwSignal<String>,
    pub(super) secret: Input,
    pub(super) certificate: Input,
    pub(super) key: Input,
    pub(super) cloud: RwSignal<String>,
    pub(super) login: Input,
    pub(super) graph: Input,
    pub(super) minutes: Input,
    pub(super) extensions: Input,
    pub(super) rules: Rules,
    /// Whether it is there already.
    pub(super) saved: bool,
    /// Whether that signs in with a certificate. What is saved is kept where its fields stay empty.
    by_certificate: bool,
    /// What the form said at the beginning.
    begun: StoredValue<Value>,
}

impl Fields {
    pub(super) fn new(described: Option<&Described>) -> Self {
        let inlet = described.map(|described| &described.inlet);
        let of =
            |read: fn(&Inlet) -> String, none: &str| Input::new(inlet.map_or_else(|| none.to_owned(), read));
        let origin = |read: fn(&Inlet) -> &String| {
            let custom = inlet.filter(|inlet| inlet.cloud == "custom");
            Input::new(custom.map(|inlet| read(inlet).clone()).unwrap_or_default())
        };
        let by_certificate = described.is_some_and(|described| described.certificate.is_some());
        let fields = Self {
            name: of(|inlet| inlet.display_name.clone(), "Microsoft Entra ID"),
            tenant: of(|inlet| inlet.tenant_id.clone(), ""),
            client: of(|inlet| inlet.client_id.clone(), ""),
            method: RwSignal::new(if by_certificate { "certificate" } else { "secret" }.to_owned()),
            secret: Input::new(""),
            certificate: Input::new(""),
            key: Input::new(""),
            cloud: of(|inlet| inlet.cloud.clone(), "global").value,
            login: origin(|inlet| &inlet.login_origin),
            graph: origin(|inlet| &inlet.graph_origin),
            minutes: of(|inlet| minutes_of(&inlet.interval), "40"),
            extensions: of(|inlet| inlet.extension_attributes.join(" "), ""),
            rules: Rules::new(described.map(|described| &described.rules)),
            saved: inlet.is_some(),
            by_certificate,
            begun: StoredValue::new(Value::Null),
        };
        fields.begun.set_value(untrack(|| fields.body()));
        fields
    }

    /// What is entered otherwise than at the beginning; what reads it follows the fields.
    pub(super) fn changes(self) -> Map<String, Value> {
        let now = self.body();
        self.begun.with_value(|begun| changes(begun, &now))
    }

    pub(super) fn is_custom(self) -> bool {
        *self.cloud.read() == "custom"
    }

    pub(super) fn has_certificate(self) -> bool {
        *self.method.read() == "certificate"
    }

    /// Whether what is saved can stay: it is of the kind that is chosen.
    pub(super) fn keeps(self) -> bool {
        self.saved && self.by_certificate == self.has_certificate()
    }

    /// Marks what is missing to sign in.
    fn check_credential(self) -> bool {
        if !self.has_certificate() {
            return self.keeps() || self.secret.filled("Enter the value of the client secret.");
        }
        if self.keeps() && self.certificate.text().is_empty() && self.key.text().is_empty() {
            return true;
        }
        let certificate = self.certificate.filled("Paste the certificate: the text with BEGIN CERTIFICATE.");
        self.key.filled("Paste the private key: the text with BEGIN PRIVATE KEY.") && certificate
    }

    /// Marks what a connection cannot be tried without.
    pub(super) fn check_connection(self) -> bool {
        let checks = [
            self.tenant.filled("Enter the Directory (tenant) ID, or one of the tenant's domains."),
            self.client.filled("Enter the Application (client) ID."),
            self.check_credential(),
            !self.is_custom()
                || self.login.filled("Enter the origin of the login, such as https://login.example."),
            !self.is_custom() || self.graph.filled("Enter the origin of Microsoft Graph."),
        ];
        checks.iter().all(|good| *good)
    }

    /// Marks what is wrong; true when it can be saved.
    pub(super) fn check(self) -> bool {
        let connection = self.check_connection();
        let name = self.name.filled("Give the inlet a name.");
        let why = "Enter a whole number of minutes from 1 to 1,440.";
        let interval = self.minutes.check(self.interval().is_some(), why);
        connection && name && interval && self.rules.check()
    }

    fn interval(self) -> Option<String> {
        let minutes = self.minutes.text().parse().ok();
        minutes.filter(|minutes| (1..=interval::LONGEST).contains(minutes)).map(interval::iso)
    }

    /// All that is entered: what makes an inlet, and what a connection is tried with.
    pub(super) fn body(self) -> Value {
        let given = |input: Input, certificate: bool| {
            let text = Some(input.text()).filter(|text| !text.is_empty());
            text.filter(|_| self.has_certificate() == certificate).map(Value::from)
        };
        let entries = [
            ("kind", Some("microsoftGraph".into()).filter(|_| !self.saved)),
            ("displayName", Some(self.name.text().into())),
            ("tenantId", Some(self.tenant.text().into())),
            ("clientId", Some(self.client.text().into())),
            ("clientSecret", given(self.secret, false)),
            ("certificate", given(self.certificate, true)),
            ("privateKey", given(self.key, true)),
            ("cloud", Some(self.cloud.get().into())),
            ("loginOrigin", self.is_custom().then(|| self.login.text().into())),
            ("graphOrigin", self.is_custom().then(|| self.graph.text().into())),
            ("interval", self.interval().map(Value::from)),
            ("extensionAttributes", Some(names(&self.extensions.text()).into())),
        ];
        let mut body = Map::new();
        for (name, value) in entries.into_iter().chain(self.rules.entries()) {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        }
        body.into()
    }
}

/// The members of a form that are not as they were, so that what others changed meanwhile stays.
fn changes(before: &Value, now: &Value) -> Map<String, Value> {
    let members = now.as_object().into_iter().flatten();
    members
        .filter(|(name, value)| before.get(name.as_str()) != Some(*value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_was_changed_is_sent() {
        let before = json!({"displayName": "Contoso", "interval": "PT40M", "attributes": []});
        assert!(changes(&before, &before).is_empty());
        let now =
            json!({"displayName": "Contoso", "interval": "PT5M", "attributes": [], "clientSecret": "s"});
        let changed = Value::Object(changes(&before, &now));
        assert_eq!(changed, json!({"interval": "PT5M", "clientSecret": "s"}));
        assert_eq!(Value::Object(changes(&Value::Null, &now)), now);
    }

    #[test]
    fn names_are_separated() {
        assert_eq!(names(" a, b\nc ,"), ["a", "b", "c"]);
        assert!(names(" ").is_empty());
        assert_eq!(minutes_of("PT1H"), "60");
        assert_eq!(minutes_of("PT90S"), "");
    }
}
