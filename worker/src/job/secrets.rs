//! The job's credentials and switches: `…/synchronization/secrets`.
//!
//! The whole set is sealed as one value. In answers secret values are `*`; a `*` in a new set keeps the
//! stored value.

use std::collections::BTreeMap;

use api::job::{NotificationSettings, SecretEntry, secret_keys};
use provisioning::JobSettings;
use store::Settings as _;
use store::job::JobStore;
use worker::Env;

use super::access::Client;
use super::keys;
use super::target::TargetUrl;
use super::thresholds::with_prevention;
use super::webhook::{self, Webhook};
use crate::error::ApiError;
use crate::platform::clock;
use crate::platform::secret::{Secret, SecretBox};

/// What a secret value looks like from outside.
pub const MASK: &str = "*";

/// Longest value.
const MAXIMUM_VALUE: usize = 16 * 1024;

/// What the token endpoint's address is called.
const TOKEN_ENDPOINT: &str = "token endpoint (Oauth2TokenExchangeUri)";
/// `AuthenticationType` of a Secret Token.
const BEARER_TOKEN: &str = "BearerToken";
/// `AuthenticationType` of an OAuth client.
const CLIENT_CREDENTIALS: &str = "OAuth2ClientCredentials";

/// Keys that are taken, and whether their value is secret.
const KEYS: [(&str, bool); 12] = [
    (secret_keys::BASE_ADDRESS, false),
    (secret_keys::SECRET_TOKEN, true),
    (secret_keys::SECRET_TOKEN_EXPIRES, false),
    (secret_keys::AUTHENTICATION_TYPE, false),
    (secret_keys::TOKEN_ENDPOINT, false),
    (secret_keys::CLIENT_ID, false),
    (secret_keys::CLIENT_SECRET, true),
    (secret_keys::SCOPE, false),
    (secret_keys::WEBHOOK_SECRET, true),
    (secret_keys::NOTIFICATION, false),
    (secret_keys::SYNC_ALL, false),
    (secret_keys::SKIP_OUT_OF_SCOPE_DELETIONS, false),
];

/// The set.
#[derive(Clone, Default)]
pub struct Secrets(BTreeMap<String, Secret>);

impl Secrets {
    /// Opens the stored set. `owner` is the service principal's id.
    pub fn load(store: &JobStore<'_>, env: &Env, owner: &str) -> Result<Self, ApiError> {
        let Some(sealed) = store.setting(keys::SECRETS)? else { return Ok(Self::default()) };
        let opened = SecretBox::from_env(env)?.open(owner, &sealed)?;
        let values: BTreeMap<String, String> = crate::json::read(opened.expose())?;
        let mut secrets = Self::default();
        secrets.0.extend(values.into_iter().map(|(key, value)| (key, Secret::new(value))));
        Ok(secrets)
    }

    /// Seals and stores the set.
    pub fn save(&self, store: &JobStore<'_>, env: &Env, owner: &str) -> Result<(), ApiError> {
        let mut values: BTreeMap<&str, &str> = BTreeMap::new();
        values.extend(self.0.iter().map(|(key, value)| (key.as_str(), value.expose())));
        let sealed = SecretBox::from_env(env)?.seal(owner, &Secret::new(crate::json::write(&values)?))?;
        Ok(store.set_setting(keys::SECRETS, &sealed)?)
    }

    /// A new set from a request; masked values come from this one.
    pub fn replaced(&self, entries: Vec<SecretEntry>) -> Result<Self, ApiError> {
        let mut replaced = Self::default();
        for SecretEntry { key, value } in entries {
            let known = KEYS.iter().find(|(name, _)| *name == key);
            let Some((_, secret)) = known else {
                let names: Vec<&str> = KEYS.iter().map(|(name, _)| *name).collect();
                return Err(ApiError::bad_request(format!(
                    "`{key}` is not a key of secrets; use {}.",
                    names.join(", ")
                )));
            };
            if value.len() > MAXIMUM_VALUE {
                return Err(ApiError::bad_request(format!(
                    "The value of {key} is longer than {MAXIMUM_VALUE} bytes."
                )));
            }
            let value = if *secret && value == MASK {
                match self.0.get(&key) {
                    Some(kept) => kept.clone(),
                    None => continue,
                }
            } else {
                Secret::new(value.trim().to_owned())
            };
            validate(&key, &value)?;
            replaced.0.insert(key, value);
        }
        Ok(replaced)
    }

    /// This set with some values of another laid over it.
    pub fn with(mut self, over: Secrets) -> Self {
        self.0.extend(over.0);
        self
    }

    /// The set for an answer.
    pub fn masked(&self) -> Vec<SecretEntry> {
        self.0
            .iter()
            .map(|(key, value)| {
                let secret = KEYS.iter().any(|(name, secret)| name == key && *secret);
                let value = if secret { MASK.to_owned() } else { value.expose().to_owned() };
                SecretEntry { key: key.clone(), value }
            })
            .collect()
    }

    fn get(&self, key: &str) -> &str {
        self.0.get(key).map(Secret::expose).unwrap_or_default()
    }

    fn flag(&self, key: &str) -> bool {
        self.get(key).eq_ignore_ascii_case("true")
    }

    /// Whether the job can run: address and credentials are there.
    pub fn complete(&self) -> bool {
        let has = |keys: &[&str]| keys.iter().all(|key| !self.get(key).is_empty());
        has(&[secret_keys::BASE_ADDRESS])
            && if self.uses_client() {
                has(&[secret_keys::TOKEN_ENDPOINT, secret_keys::CLIENT_ID, secret_keys::CLIENT_SECRET])
            } else {
                has(&[secret_keys::SECRET_TOKEN])
            }
    }

    /// Whether an OAuth client gets access tokens. Without `AuthenticationType`, a Secret Token goes first.
    fn uses_client(&self) -> bool {
        match self.get(secret_keys::AUTHENTICATION_TYPE) {
            "" => {
                self.get(secret_keys::SECRET_TOKEN).is_empty() && !self.get(secret_keys::CLIENT_ID).is_empty()
            }
            kind => kind.eq_ignore_ascii_case(CLIENT_CREDENTIALS),
        }
    }

    /// The OAuth client, if there is one.
    pub fn client(&self) -> Result<Option<Client>, ApiError> {
        if !self.uses_client() {
            return Ok(None);
        }
        let text = |key: &str| self.get(key).to_owned();
        let address = text(secret_keys::TOKEN_ENDPOINT);
        Ok(Some(Client {
            url: TargetUrl::read(&address, TOKEN_ENDPOINT)?,
            address,
            id: text(secret_keys::CLIENT_ID),
            secret: Secret::new(text(secret_keys::CLIENT_SECRET)),
            scope: text(secret_keys::SCOPE),
        }))
    }

    /// The target's address.
    pub fn target(&self) -> Result<TargetUrl, ApiError> {
        TargetUrl::parse(self.get(secret_keys::BASE_ADDRESS))
    }

    /// The target's token.
    pub fn token(&self) -> Secret {
        Secret::new(self.get(secret_keys::SECRET_TOKEN).to_owned())
    }

    /// The Secret Token, if it is what authorizes requests.
    pub fn bearer(&self) -> Option<&str> {
        Some(self.get(secret_keys::SECRET_TOKEN)).filter(|token| !token.is_empty() && !self.uses_client())
    }

    /// When the credentials run out, in Unix milliseconds, if the administrator said so.
    pub fn expires(&self) -> Option<i64> {
        parse_date(self.get(secret_keys::SECRET_TOKEN_EXPIRES))
    }

    /// Where messages are sent, if they are.
    pub fn webhook(&self) -> Option<Webhook> {
        let address = self.notification().webhook_url;
        let secret = Secret::new(self.get(secret_keys::WEBHOOK_SECRET).to_owned());
        (!address.is_empty()).then_some(Webhook { address, secret })
    }

    /// Gives a webhook its secret, if it has none: that of `before` when the request did not name one, or else a
    /// new one, which is answered.
    pub fn complete_webhook(&mut self, before: &Self) -> Result<Option<String>, ApiError> {
        if self.notification().webhook_url.is_empty() {
            self.0.remove(secret_keys::WEBHOOK_SECRET);
            return Ok(None);
        }
        if !self.get(secret_keys::WEBHOOK_SECRET).is_empty() {
            return Ok(None);
        }
        let kept = before.0.get(secret_keys::WEBHOOK_SECRET).cloned();
        let (secret, new) = match kept.filter(|_| !self.0.contains_key(secret_keys::WEBHOOK_SECRET)) {
            Some(kept) => (kept, None),
            None => {
                let new = webhook::new_secret()?;
                (Secret::new(new.clone()), Some(new))
            }
        };
        self.0.insert(secret_keys::WEBHOOK_SECRET.to_owned(), secret);
        Ok(new)
    }

    /// Who is told about a quarantine.
    pub fn notification(&self) -> NotificationSettings {
        crate::json::read(self.get(secret_keys::NOTIFICATION)).unwrap_or_default()
    }

    /// Switches accidental-deletion prevention on or off, where Entra keeps the switch.
    pub fn prevent_deletions(&mut self, on: bool) -> Result<(), ApiError> {
        let notification = with_prevention(self.get(secret_keys::NOTIFICATION), on)?;
        self.0.insert(secret_keys::NOTIFICATION.to_owned(), Secret::new(notification));
        Ok(())
    }

    /// The engine's switches.
    pub fn settings(&self, force_deletes: bool) -> JobSettings {
        JobSettings {
            sync_all: self.flag(secret_keys::SYNC_ALL),
            skip_out_of_scope_deletions: self.flag(secret_keys::SKIP_OUT_OF_SCOPE_DELETIONS),
            force_deletes,
            ..JobSettings::default()
        }
    }
}

/// A date, or a date and time, in Unix milliseconds.
fn parse_date(text: &str) -> Option<i64> {
    clock::parse_rfc3339(text).or_else(|| clock::parse_rfc3339(&format!("{text}T00:00:00Z")))
}

fn validate(key: &str, value: &Secret) -> Result<(), ApiError> {
    match key {
        secret_keys::BASE_ADDRESS if !value.expose().is_empty() => {
            TargetUrl::parse(value.expose()).map(|_| ())
        }
        secret_keys::TOKEN_ENDPOINT if !value.expose().is_empty() => {
            TargetUrl::read(value.expose(), TOKEN_ENDPOINT).map(|_| ())
        }
        secret_keys::WEBHOOK_SECRET if !value.expose().is_empty() => webhook::check_secret(value.expose()),
        secret_keys::SECRET_TOKEN_EXPIRES if !value.expose().is_empty() => {
            parse_date(value.expose()).map(|_| ()).ok_or_else(|| {
                ApiError::bad_request(format!(
                    "{key} is not a date such as 2027-01-31 or 2027-01-31T12:00:00Z."
                ))
            })
        }
        secret_keys::AUTHENTICATION_TYPE => {
            let known = [BEARER_TOKEN, CLIENT_CREDENTIALS, ""];
            if known.iter().any(|known| value.expose().eq_ignore_ascii_case(known)) {
                return Ok(());
            }
            Err(ApiError::bad_request(format!("{key} is `{BEARER_TOKEN}` or `{CLIENT_CREDENTIALS}`.")))
        }
        secret_keys::SYNC_ALL | secret_keys::SKIP_OUT_OF_SCOPE_DELETIONS => {
            let known = ["true", "false", ""].iter().any(|known| value.expose().eq_ignore_ascii_case(known));
            if known { Ok(()) } else { Err(ApiError::bad_request(format!("{key} is `True` or `False`."))) }
        }
        secret_keys::NOTIFICATION if !value.expose().is_empty() => {
            let settings: NotificationSettings = crate::json::read(value.expose()).map_err(|error| {
                ApiError::bad_request(format!(
                    "SyncNotificationSettings is not JSON such as {{\"Enabled\":true,\"Recipients\":\"a@example.com\"}}: {error}."
                ))
            })?;
            if settings.enabled && !settings.recipients.contains('@') {
                return Err(ApiError::bad_request(
                    "SyncNotificationSettings is enabled without a recipient; give an e-mail address.",
                ));
            }
            if settings.webhook_url.is_empty() {
                return Ok(());
            }
            webhook::check_address(&settings.webhook_url).map(|_| ())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, value: &str) -> SecretEntry {
        SecretEntry { key: key.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn a_masked_value_keeps_the_stored_one_and_answers_never_show_it() {
        let stored = Secrets::default()
            .replaced(vec![
                entry("SecretToken", "hunter2"),
                entry("BaseAddress", "https://example.com/scim/v2"),
                entry("SyncAll", "True"),
            ])
            .expect("a set");
        let replaced = stored
            .replaced(vec![entry("SecretToken", "*"), entry("BaseAddress", "https://example.org/scim/v2")])
            .expect("a set");
        assert_eq!(replaced.token().expose(), "hunter2");
        assert!(replaced.complete());
        assert!(!replaced.settings(false).sync_all, "a key that is left out is gone");
        let shown = serde_json::to_string(&replaced.masked()).expect("JSON");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("https://example.org/scim/v2"), "{shown}");
    }

    #[test]
    fn a_webhook_has_a_secret_that_is_told_once() {
        let url = entry("SyncNotificationSettings", r#"{"WebhookUrl":"https://example.com/hook"}"#);
        let put = |before: &Secrets, more: &[SecretEntry]| {
            let mut after = before.replaced([std::slice::from_ref(&url), more].concat()).expect("a set");
            let made = after.complete_webhook(before).expect("random bytes");
            (after, made)
        };
        let (first, made) = put(&Secrets::default(), &[]);
        let secret = |set: &Secrets| set.webhook().map(|webhook| webhook.secret.expose().to_owned());
        assert_eq!(secret(&first), made);
        let (second, none) = put(&first, &[]);
        assert_eq!((secret(&second), none), (made.clone(), None), "it stays when it is not mentioned");
        let (third, again) = put(&first, &[entry("WebhookSecret", "")]);
        assert!(again.is_some() && again != made && secret(&third) == again, "an empty one asks for another");
        let given = format!("whsec_{}", "QUJD".repeat(8));
        let (fourth, none) = put(&first, &[entry("WebhookSecret", &given)]);
        assert_eq!((secret(&fourth), none), (Some(given), None));
        let (_, made) = put(&Secrets::default(), &[entry("WebhookSecret", "*")]);
        assert!(made.is_some(), "there is nothing to keep");
    }

    #[test]
    fn a_client_is_complete_with_endpoint_id_and_secret() {
        let check = |pairs: &[(&str, &str)], expected: bool, client: bool| {
            let mut entries = vec![entry("BaseAddress", "https://example.com/scim/v2")];
            entries.extend(pairs.iter().map(|(key, value)| entry(key, value)));
            let set = Secrets::default().replaced(entries).expect("a set");
            assert_eq!((set.complete(), set.uses_client()), (expected, client), "{pairs:?}");
        };
        let id = ("Oauth2ClientId", "me");
        let secret = ("Oauth2ClientSecret", "hunter2");
        let endpoint = ("Oauth2TokenExchangeUri", "https://example.com/token");
        let token = ("SecretToken", "t");
        check(&[], false, false);
        check(&[token], true, false);
        check(&[id, secret, endpoint], true, true);
        check(&[id, secret], false, true);
        check(&[id, secret, endpoint, token], true, false);
        check(&[id, secret, endpoint, token, ("AuthenticationType", "OAuth2ClientCredentials")], true, true);
        check(&[id, secret, endpoint, ("AuthenticationType", "BearerToken")], false, false);
    }

    #[test]
    fn bad_values_are_refused() {
        let check = |key: &str, value: &str| {
            assert!(Secrets::default().replaced(vec![entry(key, value)]).is_err(), "{key}={value}");
        };
        check("Password", "x");
        check("BaseAddress", "example.com");
        check("BaseAddress", "http://example.com/scim");
        check("SyncAll", "perhaps");
        check("SyncNotificationSettings", "{");
        check("SyncNotificationSettings", r#"{"Enabled":true,"Recipients":"nobody"}"#);
        check("AuthenticationType", "Basic");
        check("SecretTokenExpires", "soon");
        check("WebhookSecret", "hunter2");
        check("SyncNotificationSettings", r#"{"WebhookUrl":"http://example.com/hook"}"#);
        check("Oauth2TokenExchangeUri", "http://example.com/token");
        check("SecretToken", &"x".repeat(MAXIMUM_VALUE + 1));
    }
}
