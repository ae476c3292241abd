//! The settings of a job as the form has them, and as the API keeps them.

use super::client::OauthClient;
use super::policy::Policy;
use super::rare::Rare;
use crate::api::decode;
use crate::parts::interval;
use api::job::{NotificationSettings, SecretEntry, Secrets, SynchronizationJob, secret_keys};

/// Minutes between two cycles of a job that was not given others.
const DEFAULT: u64 = 40;

/// Stands for a secret that is stored and not shown.
pub(super) const STORED: &str = "*";

/// Length of a date such as `2027-01-31`.
const DATE: usize = 10;

/// What the form says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) tenant_url: String,
    /// A new token; empty keeps the stored one.
    pub(crate) token: String,
    /// Whether a token is stored.
    pub(crate) token_stored: bool,
    pub(crate) client: OauthClient,
    /// The day on which token or client secret run out, as the administrator knows it; empty when not.
    pub(crate) expires: String,
    /// The same as it is stored: it may have a time.
    pub(crate) expires_stored: String,
    pub(crate) notify: bool,
    pub(crate) recipients: String,
    /// Whether everybody is in scope, assigned or not.
    pub(crate) sync_all: bool,
    /// Whether accounts of people out of scope are left alone.
    pub(crate) keep_out_of_scope: bool,
    /// Minutes between two cycles, as they were typed; empty when the job's interval is not made of minutes.
    pub(crate) minutes: String,
    pub(crate) webhook_url: String,
    /// Whether the webhook gets another secret.
    pub(crate) new_webhook_secret: bool,
    pub(crate) others: Vec<SecretEntry>,
    pub(crate) policy: Policy,
    pub(crate) rare: Rare,
}

/// Keys that the form shows.
const SHOWN: [&str; 11] = [
    secret_keys::BASE_ADDRESS,
    secret_keys::AUTHENTICATION_TYPE,
    secret_keys::SECRET_TOKEN,
    secret_keys::TOKEN_ENDPOINT,
    secret_keys::CLIENT_ID,
    secret_keys::CLIENT_SECRET,
    secret_keys::SCOPE,
    secret_keys::SECRET_TOKEN_EXPIRES,
    secret_keys::NOTIFICATION,
    secret_keys::SYNC_ALL,
    secret_keys::SKIP_OUT_OF_SCOPE_DELETIONS,
];

impl Settings {
    /// Reads what is stored.
    pub(crate) fn from_secrets(secrets: &Secrets) -> Self {
        let get = |key: &str| {
            secrets.value.iter().find(|entry| entry.key == key).map_or("", |entry| entry.value.as_str())
        };
        let notification: NotificationSettings = decode(get(secret_keys::NOTIFICATION)).unwrap_or_default();
        let expires = get(secret_keys::SECRET_TOKEN_EXPIRES);
        Self {
            tenant_url: get(secret_keys::BASE_ADDRESS).to_owned(),
            token: String::new(),
            token_stored: !get(secret_keys::SECRET_TOKEN).is_empty(),
            client: OauthClient::of(&get),
            expires: expires.get(..DATE).unwrap_or_default().to_owned(),
            expires_stored: expires.to_owned(),
            notify: notification.enabled,
            recipients: notification.recipients,
            sync_all: get(secret_keys::SYNC_ALL).eq_ignore_ascii_case("true"),
            keep_out_of_scope: get(secret_keys::SKIP_OUT_OF_SCOPE_DELETIONS).eq_ignore_ascii_case("true"),
            minutes: String::new(),
            webhook_url: notification.webhook_url,
            new_webhook_secret: false,
            others: secrets
                .value
                .iter()
                .filter(|entry| !SHOWN.contains(&entry.key.as_str()))
                .cloned()
                .collect(),
            policy: Policy { hold: notification.delete_threshold_enabled, ..Policy::default() },
            rare: Rare::default(),
        }
    }

    /// Adds what the job itself keeps; one that is not there yet will have the defaults.
    pub(crate) fn every(mut self, job: Option<&SynchronizationJob>) -> Self {
        let minutes = job.map_or(Some(DEFAULT), |job| interval::minutes(&job.schedule.interval));
        self.minutes = minutes.map(|minutes| minutes.to_string()).unwrap_or_default();
        self.policy = Policy::of(job, self.policy.hold);
        self.rare = Rare::of(job);
        self
    }

    /// The interval as the API takes it; nothing when it is not a number of minutes from 1 to a day's.
    pub(crate) fn interval(&self) -> Option<String> {
        let minutes = self.minutes.trim().parse::<u64>().ok()?;
        (1..=interval::LONGEST).contains(&minutes).then(|| interval::iso(minutes))
    }

    /// The credentials alone: what Test Connection sends.
    pub(crate) fn credentials(&self) -> Vec<SecretEntry> {
        let token = if self.token.is_empty() { STORED } else { self.token.trim() };
        let mut entries = vec![
            entry(secret_keys::BASE_ADDRESS, self.tenant_url.trim()),
            entry(secret_keys::SECRET_TOKEN, token),
        ];
        self.client.add(&mut entries);
        entries
    }

    /// What is saved when nothing else is typed: secrets are not shown again.
    pub(crate) fn once_saved(mut self) -> Self {
        self.token_stored |= !self.token.is_empty();
        self.client.stored |= !self.client.secret.is_empty();
        self.token.clear();
        self.client.secret.clear();
        self.expires_stored = self.expiry().to_owned();
        self.new_webhook_secret = false;
        self
    }

    /// The expiry as it is kept: a time that was stored stays while its day does.
    fn expiry(&self) -> &str {
        let same = !self.expires.is_empty() && self.expires_stored.starts_with(&self.expires);
        if same { &self.expires_stored } else { &self.expires }
    }

    /// Everything: what Save sends.
    pub(crate) fn to_secrets(&self) -> Secrets {
        let notification = NotificationSettings {
            enabled: self.notify,
            delete_threshold_enabled: self.policy.hold,
            recipients: self.recipients.trim().to_owned(),
            webhook_url: self.webhook_url.trim().to_owned(),
        };
        let flag = |on: bool| if on { "True" } else { "False" };
        let mut value = self.credentials();
        if !self.expires.is_empty() {
            value.push(entry(secret_keys::SECRET_TOKEN_EXPIRES, self.expiry()));
        }
        if self.new_webhook_secret {
            value.push(entry(secret_keys::WEBHOOK_SECRET, ""));
        }
        value.push(entry(
            secret_keys::NOTIFICATION,
            &serde_json::to_string(&notification).unwrap_or_default(),
        ));
        value.push(entry(secret_keys::SYNC_ALL, flag(self.sync_all)));
        value.push(entry(secret_keys::SKIP_OUT_OF_SCOPE_DELETIONS, flag(self.keep_out_of_scope)));
        let kept =
            |entry: &&SecretEntry| !self.new_webhook_secret || entry.key != secret_keys::WEBHOOK_SECRET;
        value.extend(self.others.iter().filter(kept).cloned());
        Secrets { value }
    }

    /// What is stored when the secrets are, and the job's own settings are as they were.
    pub(crate) fn before_the_job(self, before: &Self) -> Self {
        Self {
            minutes: before.minutes.clone(),
            policy: Policy { hold: self.policy.hold, ..before.policy.clone() },
            rare: before.rare.clone(),
            ..self
        }
    }

    /// These settings on top of what is stored now: what was not changed since `before` is as somebody else left it.
    /// The credentials are one: a token is never sent to an address that somebody else gave.
    pub(crate) fn over(&self, before: &Self, stored: &Self) -> Self {
        let text = |part: fn(&Self) -> &String| changed(part(self), part(before), part(stored));
        let connection = |one: &Self| (one.tenant_url.clone(), one.token.clone(), one.client.clone());
        let from = if connection(self) == connection(before) { stored } else { self };
        Self {
            tenant_url: from.tenant_url.clone(),
            token_stored: stored.token_stored,
            client: OauthClient { stored: stored.client.stored, ..from.client.clone() },
            expires: text(|one| &one.expires),
            expires_stored: stored.expires_stored.clone(),
            notify: changed(&self.notify, &before.notify, &stored.notify),
            recipients: text(|one| &one.recipients),
            sync_all: changed(&self.sync_all, &before.sync_all, &stored.sync_all),
            keep_out_of_scope: changed(
                &self.keep_out_of_scope,
                &before.keep_out_of_scope,
                &stored.keep_out_of_scope,
            ),
            webhook_url: text(|one| &one.webhook_url),
            others: stored.others.clone(),
            policy: Policy {
                hold: changed(&self.policy.hold, &before.policy.hold, &stored.policy.hold),
                ..self.policy.clone()
            },
            ..self.clone()
        }
    }

    /// What is wrong with the Tenant URL; empty when nothing is.
    pub(crate) fn tenant_url_error(&self) -> &'static str {
        url_error(&self.tenant_url, "Enter the SCIM 2.0 URL of the application.")
    }

    /// What is wrong with the URL of the webhook, which may be empty.
    pub(crate) fn webhook_error(&self) -> &'static str {
        url_error(&self.webhook_url, "")
    }

    /// What is wrong with the token.
    pub(crate) fn token_error(&self) -> &'static str {
        if self.token.trim().is_empty() && !self.token_stored && !self.client.is_used() {
            "Enter the bearer token of the application."
        } else {
            ""
        }
    }

    /// What is wrong with the recipients.
    pub(crate) fn recipients_error(&self) -> &'static str {
        let recipients = self.recipients.trim();
        let good = recipients.split([',', ';']).all(|one| {
            one.trim()
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        });
        match (recipients.is_empty(), good) {
            (true, _) if self.notify => "Enter an e-mail address, or switch the notification off.",
            (false, false) => "Enter an e-mail address, e.g. it@contoso.com.",
            _ => "",
        }
    }
}

/// What was changed since `before`, or what is stored now.
pub(super) fn changed<T: Clone + PartialEq>(now: &T, before: &T, stored: &T) -> T {
    if now == before { stored } else { now }.clone()
}

/// What is wrong with a URL; `missing` when it is empty.
pub(super) fn url_error(url: &str, missing: &'static str) -> &'static str {
    let url = url.trim();
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match rest {
        _ if url.is_empty() => missing,
        Some(rest) if !rest.is_empty() && !rest.contains(char::is_whitespace) => "",
        _ => "Enter a whole URL, beginning with https://.",
    }
}

pub(super) fn entry(key: &str, value: &str) -> SecretEntry {
    SecretEntry { key: key.to_owned(), value: value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back_and_the_token_stays() {
        let settings = Settings {
            tenant_url: "https://x/scim/v2".to_owned(),
            token: String::new(),
            token_stored: true,
            client: OauthClient { kind: "BearerToken".to_owned(), ..OauthClient::default() },
            expires: "2027-01-31".to_owned(),
            expires_stored: "2027-01-31T12:00:00Z".to_owned(),
            notify: true,
            recipients: "a@x".to_owned(),
            sync_all: true,
            keep_out_of_scope: false,
            minutes: String::new(),
            webhook_url: "https://y/hook".to_owned(),
            new_webhook_secret: false,
            others: vec![entry(secret_keys::WEBHOOK_SECRET, STORED)],
            policy: Policy { hold: true, ..Policy::default() },
            rare: Rare::default(),
        };
        let secrets = settings.to_secrets();
        assert!(
            secrets.value.iter().any(|entry| entry.key == secret_keys::SECRET_TOKEN && entry.value == "*")
        );
        assert_eq!(Settings::from_secrets(&secrets), settings);
        // Another day, and another secret of the webhook.
        let other = Settings { expires: "2028-01-31".to_owned(), new_webhook_secret: true, ..settings };
        let secrets = other.to_secrets();
        let value =
            |key| secrets.value.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str());
        assert_eq!(value(secret_keys::SECRET_TOKEN_EXPIRES), Some("2028-01-31"));
        assert_eq!(value(secret_keys::WEBHOOK_SECRET), Some(""));
        assert_eq!(Settings::from_secrets(&secrets).expires_stored, other.once_saved().expires_stored);
    }

    #[test]
    fn what_was_not_changed_stays_as_somebody_else_left_it() {
        let before = Settings {
            tenant_url: "https://x/scim".to_owned(),
            recipients: "a@x".to_owned(),
            notify: true,
            minutes: "40".to_owned(),
            ..Settings::default()
        };
        let stored = Settings {
            tenant_url: "https://y/scim".to_owned(),
            token_stored: true,
            sync_all: true,
            keep_out_of_scope: true,
            webhook_url: "https://y/hook".to_owned(),
            expires: "2030-01-01".to_owned(),
            expires_stored: "2030-01-01T12:00:00Z".to_owned(),
            client: OauthClient { kind: "BearerToken".to_owned(), ..OauthClient::default() },
            others: vec![entry(secret_keys::WEBHOOK_SECRET, STORED)],
            policy: Policy { hold: true, ..Policy::default() },
            minutes: String::new(),
            ..before.clone()
        };
        // Nothing was changed here: all is as it is stored, but for what the job itself keeps.
        let untouched = before.over(&before, &stored);
        assert_eq!(untouched, Settings { minutes: "40".to_owned(), ..stored.clone() });
        let typed = Settings {
            recipients: "a@x, b@x".to_owned(),
            notify: false,
            token: "new".to_owned(),
            minutes: "5".to_owned(),
            ..before.clone()
        };
        let expected = Settings {
            recipients: "a@x, b@x".to_owned(),
            notify: false,
            token: "new".to_owned(),
            minutes: "5".to_owned(),
            // The token is for the address that was seen with it.
            tenant_url: "https://x/scim".to_owned(),
            client: OauthClient::default(),
            ..stored.clone()
        };
        assert_eq!(typed.over(&before, &stored), expected);
        // The secrets are stored, and the job's own settings are not yet.
        let half = expected.clone().before_the_job(&before);
        assert_eq!(half, Settings { minutes: "40".to_owned(), ..expected });
        // Both changed the same: the one that is saved later.
        let both = Settings { tenant_url: "https://z/scim".to_owned(), ..before.clone() };
        assert_eq!(both.over(&before, &stored).tenant_url, "https://z/scim");
    }

    #[test]
    fn mistakes_are_named() {
        let settings = |url: &str, token: &str| Settings {
            tenant_url: url.to_owned(),
            token: token.to_owned(),
            ..Settings::default()
        };
        assert!(settings("", "t").tenant_url_error().contains("SCIM 2.0 URL"));
        assert!(settings("peakon.com/scim", "t").tenant_url_error().contains("https://"));
        assert_eq!(settings("http://localhost:8787/scim/1/v2", "t").tenant_url_error(), "");
        assert!(!settings("", " ").token_error().is_empty());
        let notify = |recipients: &str| Settings {
            notify: true,
            recipients: recipients.to_owned(),
            ..Settings::default()
        };
        assert!(!notify("").recipients_error().is_empty());
        assert!(!notify("a").recipients_error().is_empty());
        assert_eq!(notify("a@x, b@y").recipients_error(), "");
    }

    #[test]
    fn the_interval_is_a_minute_to_a_day() {
        let interval =
            |minutes: &str| Settings { minutes: minutes.to_owned(), ..Settings::default() }.interval();
        assert_eq!(interval(" 5 ").as_deref(), Some("PT5M"));
        assert_eq!(interval("1440").as_deref(), Some("PT1440M"));
        assert_eq!(["", "0", "1441", "-1", "1.5", "an hour"].map(interval), [const { None }; 6]);
        assert_eq!(Settings::default().every(None).minutes, "40");
    }
}
