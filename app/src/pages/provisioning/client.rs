//! The OAuth client of a job: what the form has and what is kept.

use super::settings::{STORED, entry, url_error};
use crate::parts::create::follow;
use api::job::{SecretEntry, secret_keys};
use leptos::prelude::*;

/// `AuthenticationType` of a Secret Token.
pub(super) const TOKEN: &str = "BearerToken";
/// `AuthenticationType` of an OAuth client.
pub(super) const CLIENT: &str = "OAuth2ClientCredentials";

/// How requests are authorized, and the client that gets access tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OauthClient {
    /// [`TOKEN`] or [`CLIENT`].
    pub(super) kind: String,
    pub(super) endpoint: String,
    pub(super) id: String,
    /// A new secret; empty keeps the stored one.
    pub(super) secret: String,
    /// Whether a secret is stored.
    pub(super) stored: bool,
    pub(super) scope: String,
}

impl OauthClient {
    /// What is stored. A job that does not say uses its token, or the client if it has no token.
    pub(super) fn of<'a>(get: &dyn Fn(&str) -> &'a str) -> Self {
        let by_client = match get(secret_keys::AUTHENTICATION_TYPE) {
            "" => get(secret_keys::SECRET_TOKEN).is_empty() && !get(secret_keys::CLIENT_ID).is_empty(),
            kind => kind.eq_ignore_ascii_case(CLIENT),
        };
        Self {
            kind: if by_client { CLIENT } else { TOKEN }.to_owned(),
            endpoint: get(secret_keys::TOKEN_ENDPOINT).to_owned(),
            id: get(secret_keys::CLIENT_ID).to_owned(),
            secret: String::new(),
            stored: !get(secret_keys::CLIENT_SECRET).is_empty(),
            scope: get(secret_keys::SCOPE).to_owned(),
        }
    }

    /// Whether it is what authorizes requests.
    pub(super) fn is_used(&self) -> bool {
        self.kind == CLIENT
    }

    /// Adds what is to be kept: also the client of a job that uses its token, as long as it says anything.
    pub(super) fn add(&self, entries: &mut Vec<SecretEntry>) {
        entries.push(entry(secret_keys::AUTHENTICATION_TYPE, &self.kind));
        if self.is_used() || self.stored || !self.id.is_empty() {
            let secret = if self.secret.is_empty() { STORED } else { self.secret.trim() };
            entries.push(entry(secret_keys::TOKEN_ENDPOINT, self.endpoint.trim()));
            entries.push(entry(secret_keys::CLIENT_ID, self.id.trim()));
            entries.push(entry(secret_keys::CLIENT_SECRET, secret));
            entries.push(entry(secret_keys::SCOPE, self.scope.trim()));
        }
    }

    /// What is wrong with endpoint, id and secret; nothing while the client is not used.
    pub(super) fn errors(&self) -> [&'static str; 3] {
        if !self.is_used() {
            return [""; 3];
        }
        let missing = |text: &str, error| if text.trim().is_empty() { error } else { "" };
        [
            url_error(&self.endpoint, "Enter the URL of the application's token endpoint."),
            missing(&self.id, "Enter the client ID."),
            if self.stored { "" } else { missing(&self.secret, "Enter the client secret.") },
        ]
    }
}

/// The client's fields, and what is wrong with them.
#[derive(Clone, Copy)]
pub(crate) struct ClientFields {
    pub(super) kind: RwSignal<String>,
    pub(super) endpoint: RwSignal<String>,
    pub(super) id: RwSignal<String>,
    pub(super) secret: RwSignal<String>,
    pub(super) scope: RwSignal<String>,
    pub(super) errors: [RwSignal<String>; 3],
}

impl ClientFields {
    pub(super) fn new(saved: &OauthClient) -> Self {
        let text = |text: &String| RwSignal::new(text.clone());
        Self {
            kind: text(&saved.kind),
            endpoint: text(&saved.endpoint),
            id: text(&saved.id),
            secret: text(&saved.secret),
            scope: text(&saved.scope),
            errors: [(); 3].map(|()| RwSignal::new(String::new())),
        }
    }

    /// Shows what came of it where nothing else was typed meanwhile.
    pub(super) fn follow(self, sent: &OauthClient, now: &OauthClient) {
        follow(self.kind, &sent.kind, &now.kind);
        follow(self.endpoint, &sent.endpoint, &now.endpoint);
        follow(self.id, &sent.id, &now.id);
        follow(self.secret, &sent.secret, &now.secret);
        follow(self.scope, &sent.scope, &now.scope);
    }

    /// What the form says now.
    pub(super) fn client(self, stored: bool) -> OauthClient {
        OauthClient {
            kind: self.kind.get(),
            endpoint: self.endpoint.get(),
            id: self.id.get(),
            secret: self.secret.get(),
            stored,
            scope: self.scope.get(),
        }
    }

    /// Marks what is wrong; true when nothing is.
    pub(super) fn check(self, stored: bool) -> bool {
        let errors = untrack(|| self.client(stored)).errors();
        for (field, error) in self.errors.iter().zip(errors) {
            field.set(error.to_owned());
        }
        errors.iter().all(|error| error.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(entries: &[SecretEntry]) -> OauthClient {
        OauthClient::of(&|key| {
            entries.iter().find(|entry| entry.key == key).map_or("", |entry| entry.value.as_str())
        })
    }

    #[test]
    fn a_client_set_over_the_api_is_used_and_kept() {
        let set = [
            entry(secret_keys::TOKEN_ENDPOINT, "https://x/token"),
            entry(secret_keys::CLIENT_ID, "c"),
            entry(secret_keys::CLIENT_SECRET, "*"),
        ];
        let client = of(&set);
        assert!(client.is_used() && client.stored && client.errors() == [""; 3]);
        let mut kept = Vec::new();
        client.add(&mut kept);
        assert_eq!(of(&kept), client);
        // A token beside it goes first, and the client stays.
        let both = [set.as_slice(), &[entry(secret_keys::SECRET_TOKEN, "*")]].concat();
        let mut kept = Vec::new();
        of(&both).add(&mut kept);
        assert!(!of(&both).is_used() && kept.len() == 5);
    }

    #[test]
    fn what_is_missing_is_named() {
        let client = OauthClient { kind: CLIENT.to_owned(), ..OauthClient::default() };
        assert!(client.errors().iter().all(|error| error.starts_with("Enter")));
        assert_eq!(OauthClient { kind: TOKEN.to_owned(), ..client }.errors(), [""; 3]);
        let mut kept = Vec::new();
        OauthClient { kind: TOKEN.to_owned(), ..OauthClient::default() }.add(&mut kept);
        assert_eq!(kept.len(), 1);
    }
}
