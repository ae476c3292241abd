//! What an inlet is: settings without the secret, checked.

use api::inlet::{InletOptions, InletPatch, InletRequest, InletRules};
use inlets::assignments::{Mirrored, Role};
use inlets::graph::{Cloud, Endpoints, Selection, Settings};
use inlets::rules::{JoinBy, MAX_PRECEDENCE, Rules};
use scim::schema::MAX_CUSTOM_NAME;
use serde::{Deserialize, Serialize};
use store::inlet::InletStore;

use super::credential::{self, KeyRecord};
use super::{interval, keys};
use crate::error::ApiError;
use crate::platform::secret::Secret;
use crate::platform::settings::{save_setting, setting};

/// The one kind of inlet that is set up here.
pub const KIND: &str = "microsoftGraph";
/// Time between two rounds, unless another is given.
const DEFAULT_INTERVAL: &str = "PT40M";
/// Longest tenant id and client id.
const MAX_ID: usize = 128;
/// Applications at most whose assignments one inlet mirrors.
pub const MAX_MIRRORED: usize = 20;
/// Longest name, in characters.
const MAX_NAME: usize = 120;

/// The settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InletSettings {
    /// The inlet's id.
    pub id: String,
    /// The directory that it fills.
    pub directory_id: String,
    /// Name.
    pub display_name: String,
    /// The tenant.
    pub tenant_id: String,
    /// The application's id.
    pub client_id: String,
    /// The cloud.
    pub cloud: Cloud,
    /// Origin of the login, of a custom cloud.
    pub login_origin: Option<String>,
    /// Origin of Graph, of a custom cloud.
    pub graph_origin: Option<String>,
    /// Time between two rounds, as it was given.
    pub interval: String,
    /// Extension attributes that are read besides.
    pub extension_attributes: Vec<String>,
    /// Attributes that are read; empty: all.
    #[serde(default)]
    pub attributes: Vec<String>,
    /// How people are found, and whose word counts.
    #[serde(default)]
    pub rules: Rules,
    /// Applications whose assignments are mirrored.
    #[serde(default)]
    pub assignments: Vec<Mirrored>,
    /// The certificate with which it signs in; none with a client secret.
    #[serde(default)]
    pub certificate: Option<KeyRecord>,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Whether a person stopped it.
    pub paused: bool,
}

impl InletSettings {
    /// A new inlet with its secret.
    pub fn new(
        id: String,
        directory_id: &str,
        request: InletRequest,
        rules: InletRules,
        options: InletOptions,
        now: i64,
    ) -> Result<(Self, Secret), ApiError> {
        if request.kind != KIND {
            return Err(ApiError::bad_request(format!("kind is `{}`; give `{KIND}`.", request.kind)));
        }
        let empty = Self {
            id,
            directory_id: directory_id.to_owned(),
            display_name: String::new(),
            tenant_id: String::new(),
            client_id: String::new(),
            cloud: Cloud::Global,
            login_origin: None,
            graph_origin: None,
            interval: DEFAULT_INTERVAL.to_owned(),
            extension_attributes: Vec::new(),
            attributes: Vec::new(),
            rules: Rules::default(),
            assignments: Vec::new(),
            certificate: None,
            created_at: now,
            paused: false,
        };
        let patch = InletPatch {
            display_name: Some(request.display_name),
            tenant_id: Some(request.tenant_id),
            client_id: Some(request.client_id),
            client_secret: Some(request.client_secret).filter(|secret| !secret.is_empty()),
            cloud: request.cloud,
            login_origin: request.login_origin,
            graph_origin: request.graph_origin,
            interval: request.interval,
            extension_attributes: Some(request.extension_attributes),
        };
        let (settings, secret) = empty.patched(patch, rules, options, now)?;
        let secret = secret.ok_or_else(|| {
            ApiError::bad_request("clientSecret is missing, or certificate with privateKey.")
        })?;
        Ok((settings, secret))
    }

    /// These settings with changes, checked; and the new secret or key, if there is one.
    pub fn patched(
        &self,
        patch: InletPatch,
        rules: InletRules,
        options: InletOptions,
        now: i64,
    ) -> Result<(Self, Option<Secret>), ApiError> {
        let mut after = self.clone();
        if let Some(name) = patch.display_name {
            after.display_name = name.trim().to_owned();
        }
        if let Some(tenant) = patch.tenant_id {
            after.tenant_id = tenant.trim().to_ascii_lowercase();
        }
        if let Some(client) = patch.client_id {
            after.client_id = client.trim().to_owned();
        }
        if let Some(text) = patch.cloud {
            let cloud = cloud(&text)?;
            if cloud != after.cloud {
                (after.login_origin, after.graph_origin) = (None, None);
            }
            after.cloud = cloud;
        }
        after.login_origin = patch.login_origin.or(after.login_origin);
        after.graph_origin = patch.graph_origin.or(after.graph_origin);
        if let Some(interval) = patch.interval {
            after.interval = interval;
        }
        if let Some(names) = patch.extension_attributes {
            after.extension_attributes = names;
        }
        if let Some(name) = rules.join_by {
            after.rules.join_by = JoinBy::from_name(&name).ok_or_else(|| {
                let names = JoinBy::ALL.map(JoinBy::name).join(", ");
                ApiError::bad_request(format!("joinBy is `{name}`; it is one of {names}."))
            })?;
        }
        after.rules.precedence = rules.precedence.unwrap_or(after.rules.precedence);
        after.attributes = rules.attributes.unwrap_or(after.attributes);
        let mut options = options;
        if let Some(mirrored) = options.app_role_assignments.take() {
            after.assignments = mirrored
                .into_iter()
                .map(|mirrored| Mirrored {
                    source: mirrored.source_service_principal_id.trim().to_owned(),
                    application: mirrored.service_principal_id,
                    roles: Vec::new(),
                })
                .collect();
        }
        let secret = match credential::given(patch.client_secret, options, now)? {
            Some((certificate, secret)) => {
                after.certificate = certificate;
                Some(secret)
            }
            None => None,
        };
        after.check()?;
        Ok((after, secret))
    }

    fn check(&self) -> Result<(), ApiError> {
        let length = self.display_name.chars().count();
        if length == 0 || length > MAX_NAME {
            return Err(ApiError::bad_request(format!("displayName has 1 to {MAX_NAME} characters.")));
        }
        for (name, value) in [("tenantId", &self.tenant_id), ("clientId", &self.client_id)] {
            if !is_id(value) {
                return Err(ApiError::bad_request(format!(
                    "{name} is `{value}`; give the id that the app registration shows."
                )));
            }
        }
        self.check_assignments()?;
        self.interval_ms()?;
        self.endpoints()?;
        if self.rules.precedence > MAX_PRECEDENCE {
            return Err(ApiError::bad_request(format!(
                "precedence is a whole number from 0 to {MAX_PRECEDENCE}."
            )));
        }
        // Such a name could never become an attribute of the directory.
        if let Some(name) =
            self.extension_attributes.iter().find(|name| name.chars().count() > MAX_CUSTOM_NAME)
        {
            return Err(ApiError::bad_request(format!(
                "`{name}` in extensionAttributes has more than {MAX_CUSTOM_NAME} characters."
            )));
        }
        let join = self.rules.join_by;
        if !self.selection()?.reads(join.name()) {
            return Err(ApiError::bad_request(format!("joinBy is `{join}`; attributes must name it, too.")));
        }
        Ok(())
    }

    /// Gives the applications their roles: the gallery, where these are, is another Worker's. They stay as they are
    /// here until the setting is saved again.
    pub fn give_roles(&mut self, roles: Vec<(String, Vec<Role>)>) {
        for (application, roles) in roles {
            for mirrored in self.assignments.iter_mut().filter(|mirrored| mirrored.application == application)
            {
                mirrored.roles.clone_from(&roles);
            }
        }
    }

    /// Each application has one source; what two of them say would be in each other's way.
    fn check_assignments(&self) -> Result<(), ApiError> {
        if self.assignments.len() > MAX_MIRRORED {
            return Err(ApiError::bad_request(format!(
                "appRoleAssignments has at most {MAX_MIRRORED} applications."
            )));
        }
        for (place, mirrored) in self.assignments.iter().enumerate() {
            if !is_id(&mirrored.source) {
                return Err(ApiError::bad_request(format!(
                    "sourceServicePrincipalId is `{}`; give the Object ID of the enterprise application in the tenant.",
                    mirrored.source
                )));
            }
            let earlier = self.assignments.iter().take(place);
            if earlier.into_iter().any(|earlier| earlier.application == mirrored.application) {
                return Err(ApiError::bad_request(format!(
                    "appRoleAssignments names the application {} twice.",
                    mirrored.application
                )));
            }
        }
        Ok(())
    }

    /// Time between two rounds, in milliseconds.
    pub fn interval_ms(&self) -> Result<i64, ApiError> {
        interval::parse(&self.interval).map_err(|error| ApiError::bad_request(error.to_string()))
    }

    /// Where login and Graph are.
    pub fn endpoints(&self) -> Result<Endpoints, ApiError> {
        self.cloud
            .endpoints(self.login_origin.as_deref(), self.graph_origin.as_deref())
            .map_err(|error| ApiError::bad_request(error.to_string()))
    }

    fn selection(&self) -> Result<Selection, ApiError> {
        Selection::new(&self.extension_attributes)
            .and_then(|selection| selection.choosing(&self.attributes))
            .map_err(|error| ApiError::bad_request(error.to_string()))
    }

    /// What the machine has to know.
    pub fn machine(&self) -> Result<Settings, ApiError> {
        Ok(Settings {
            tenant_id: self.tenant_id.clone(),
            client_id: self.client_id.clone(),
            endpoints: self.endpoints()?,
            selection: self.selection()?,
            rules: self.rules,
            assignments: self.assignments.clone(),
            interval_ms: self.interval_ms()?,
        })
    }

    /// What the API shows of its place among others.
    pub fn api_rules(&self) -> InletRules {
        InletRules {
            join_by: Some(self.rules.join_by.name().to_owned()),
            precedence: Some(self.rules.precedence),
            attributes: Some(self.attributes.clone()),
        }
    }

    /// Whether other settings read the same, so that nothing has to be read again.
    pub fn reads_as(&self, other: &Self) -> bool {
        let what = |settings: &Self| {
            let endpoints = settings.endpoints().map(|found| found.graph).unwrap_or_default();
            (
                (settings.tenant_id.clone(), endpoints),
                (settings.extension_attributes.clone(), settings.attributes.clone()),
            )
        };
        what(self) == what(other)
    }

    /// The settings, or `None` when there is no inlet.
    pub fn load(store: &InletStore<'_>) -> Result<Option<Self>, ApiError> {
        setting(store, keys::RECORD)
    }

    /// Writes the settings.
    pub fn save(&self, store: &InletStore<'_>) -> Result<(), ApiError> {
        save_setting(store, keys::RECORD, self)
    }
}

fn is_id(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !text.is_empty() && text.len() <= MAX_ID && text.chars().all(is_plain)
}

/// The cloud's name in the API.
pub fn cloud_name(cloud: Cloud) -> String {
    crate::json::value(&cloud).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

fn cloud(text: &str) -> Result<Cloud, ApiError> {
    let all = [Cloud::Global, Cloud::UsGovernmentL4, Cloud::UsGovernmentL5, Cloud::China, Cloud::Custom];
    all.into_iter().find(|cloud| cloud_name(*cloud) == text).ok_or_else(|| {
        let names = all.map(cloud_name).join(", ");
        ApiError::bad_request(format!("cloud is `{text}`; it is one of {names}."))
    })
}

#[cfg(test)]
mod tests {
    use api::inlet::AppRoleMirror;

    use super::*;

    fn request() -> InletRequest {
        InletRequest {
            kind: KIND.into(),
            display_name: " Contoso ".into(),
            tenant_id: "Contoso.com".into(),
            client_id: "c1".into(),
            client_secret: "hunter2".into(),
            cloud: None,
            login_origin: None,
            graph_origin: None,
            interval: None,
            extension_attributes: vec![],
        }
    }

    fn new(request: InletRequest) -> Result<InletSettings, ApiError> {
        let (rules, options) = (InletRules::default(), InletOptions::default());
        InletSettings::new("i1".into(), "d1", request, rules, options, 5).map(|(settings, _)| settings)
    }

    #[test]
    fn requests_are_checked_and_have_defaults() {
        let settings = new(request()).expect("settings");
        assert_eq!((settings.display_name.as_str(), settings.tenant_id.as_str()), ("Contoso", "contoso.com"));
        assert_eq!((settings.interval.as_str(), settings.cloud), ("PT40M", Cloud::Global));
        let check = |change: fn(&mut InletRequest), part: &str| {
            let mut request = request();
            change(&mut request);
            let error = new(request).expect_err(part);
            assert_eq!(error.status, 400);
            assert!(error.message.contains(part), "{}", error.message);
        };
        check(|request| request.kind = "csv".into(), "microsoftGraph");
        check(|request| request.display_name = " ".into(), "displayName");
        check(|request| request.tenant_id = "a/b".into(), "tenantId");
        check(|request| request.client_id = String::new(), "clientId");
        check(|request| request.client_secret = " ".into(), "clientSecret");
        check(|request| request.cloud = Some("mars".into()), "usGovernmentL4");
        check(|request| request.graph_origin = Some("https://x.example".into()), "custom");
        check(|request| request.cloud = Some("custom".into()), "loginOrigin");
        check(|request| request.interval = Some("PT1S".into()), "PT1M");
        check(|request| request.extension_attributes = vec!["title".into()], "extension");
        let long = |request: &mut InletRequest| {
            request.extension_attributes = vec![format!("extension_{}", "a".repeat(MAX_CUSTOM_NAME))];
        };
        check(long, "extension");
    }

    #[test]
    fn a_patch_changes_what_it_names() {
        let settings = new(request()).expect("settings");
        let patch = InletPatch { interval: Some("PT5M".into()), ..InletPatch::default() };
        let patched = |patch| settings.patched(patch, InletRules::default(), InletOptions::default(), 5);
        let (after, secret) = patched(patch).expect("a patch");
        assert_eq!((after.interval_ms().ok(), secret.is_none()), (Some(300_000), true));
        assert!(after.reads_as(&settings));
        let patch = InletPatch { cloud: Some("china".into()), ..InletPatch::default() };
        assert!(!patched(patch).expect("a patch").0.reads_as(&settings));
    }

    #[test]
    fn each_application_is_mirrored_from_one_place() {
        let settings = new(request()).expect("settings");
        let with = |pairs: &[(&str, &str)]| {
            let mirrored = pairs.iter().map(|(source, application)| AppRoleMirror {
                source_service_principal_id: (*source).to_owned(),
                service_principal_id: (*application).to_owned(),
            });
            let options =
                InletOptions { app_role_assignments: Some(mirrored.collect()), ..InletOptions::default() };
            settings.patched(InletPatch::default(), InletRules::default(), options, 5)
        };
        let (after, _) = with(&[(" s1 ", "a1"), ("s1", "a2")]).expect("a patch");
        assert_eq!(after.assignments.first().map(|first| first.source.as_str()), Some("s1"));
        assert!(after.reads_as(&settings), "people are not read again");
        for wrong in [&[("s1", "a1"), ("s2", "a1")][..], &[("", "a1")], &[("a/b", "a1")]] {
            assert_eq!(with(wrong).map(|_| ()).map_err(|error| error.status), Err(400));
        }
        let many: Vec<String> = (0..=MAX_MIRRORED).map(|number| number.to_string()).collect();
        let pairs: Vec<(&str, &str)> = many.iter().map(|id| ("s", id.as_str())).collect();
        assert!(with(&pairs).is_err());
    }

    #[test]
    fn rules_among_inlets_are_checked() {
        let settings = new(request()).expect("settings");
        let with =
            |rules: InletRules| settings.patched(InletPatch::default(), rules, InletOptions::default(), 5);
        let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let by = |name: &str| Some(name.to_owned());
        let check = |rules: InletRules, part: &str| {
            let error = with(rules).expect_err(part);
            assert!(error.message.contains(part), "{}", error.message);
        };
        check(InletRules { join_by: by("city"), ..InletRules::default() }, "employeeId");
        check(InletRules { precedence: Some(1_001), ..InletRules::default() }, "1000");
        check(InletRules { attributes: names(&["shoeSize"]), ..InletRules::default() }, "`shoeSize`");
        let mail = || by("mail");
        check(
            InletRules { join_by: mail(), attributes: names(&["city"]), ..InletRules::default() },
            "attributes",
        );
        let both = InletRules { join_by: mail(), attributes: names(&["mail"]), ..InletRules::default() };
        assert!(!with(both).expect("a patch").0.reads_as(&settings), "everything is read again");
        let joined = InletRules { join_by: mail(), precedence: Some(7), ..InletRules::default() };
        let (after, _) = with(joined).expect("a patch");
        assert!(after.reads_as(&settings), "what was read is kept, and the order decides about it");
        assert_eq!(after.api_rules().join_by.as_deref(), Some("mail"));
    }
}
