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

use super::keys;
use super::target::TargetUrl;
use super::thresholds::with_prevention;
use crate::error::ApiError;
use crate::platform::secret::{Secret, SecretBox};

/// What a secret value looks like from outside.
pub const MASK: &str = "*";

/// Longest value.
const MAXIMUM_VALUE: usize = 16 * 1024;

/// Keys that are taken, and whether their value is secret.
const KEYS: [(&str, bool); 5] = [
    (secret_keys::BASE_ADDRESS, false),
    (secret_keys::SECRET_TOKEN, true),
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
        Ok(Self(values.into_iter().map(|(key, value)| (key, Secret::new(value))).collect()))
    }

    /// Seals and stores the set.
    pub fn save(&self, store: &JobStore<'_>, env: &Env, owner: &str) -> Result<(), ApiError> {
        let values: BTreeMap<&str, &str> =
            self.0.iter().map(|(key, value)| (key.as_str(), value.expose())).collect();
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

    /// Whether the job can run: address and token are there.
    pub fn complete(&self) -> bool {
        !self.get(secret_keys::BASE_ADDRESS).is_empty() && !self.get(secret_keys::SECRET_TOKEN).is_empty()
    }

    /// The target's address.
    pub fn target(&self) -> Result<TargetUrl, ApiError> {
        TargetUrl::parse(self.get(secret_keys::BASE_ADDRESS))
    }

    /// The target's token.
    pub fn token(&self) -> Secret {
        Secret::new(self.get(secret_keys::SECRET_TOKEN).to_owned())
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

fn validate(key: &str, value: &Secret) -> Result<(), ApiError> {
    match key {
        secret_keys::BASE_ADDRESS if !value.expose().is_empty() => {
            TargetUrl::parse(value.expose()).map(|_| ())
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
            Ok(())
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
        check("SecretToken", &"x".repeat(MAXIMUM_VALUE + 1));
    }
}
