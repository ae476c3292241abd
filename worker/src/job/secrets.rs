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
use super::secret_values::{CLIENT_CREDENTIALS, KEYS, TOKEN_ENDPOINT, is_secret, parse_date, validate};
use super::target_url::TargetUrl;
use super::thresholds::with_prevention;
use super::webhook::{self, Webhook};
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::secret::{Secret, SecretBox};

/// What a secret value looks like from outside.
pub const MASK: &str = "*";

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

    /// The set of a job.
    pub fn of(job: &Job) -> Result<Self, ApiError> {
        Self::load(&job.store(), &job.env, &job.owner()?)
    }

    /// The set of a job, which must be complete.
    pub fn complete_of(job: &Job) -> Result<Self, ApiError> {
        let secrets = Self::of(job)?;
        if secrets.complete() {
            Ok(secrets)
        } else {
            Err(ApiError::bad_request(
                "The job has no credentials yet. Save Tenant URL (BaseAddress) and Secret Token (SecretToken), or an OAuth client, first.",
            ))
        }
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
            let secret = is_secret(&key, &value)?;
            let value = if secret && value == MASK {
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
    pub fn settings(&self) -> JobSettings {
        JobSettings {
            sync_all: self.flag(secret_keys::SYNC_ALL),
            skip_out_of_scope_deletions: self.flag(secret_keys::SKIP_OUT_OF_SCOPE_DELETIONS),
            ..JobSettings::default()
        }
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
        assert!(!replaced.settings().sync_all, "a key that is left out is gone");
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
}
