//! Who asks: a management API key, or a person with a session cookie.
//!
//! The installation's key is a secret of the deployment; other keys and members are the organization's, which is
//! asked at every request, so that what is revoked or changed there counts at once.
//!
//! A session is a KV record under the digest of the cookie's value; it ends by its TTL or by signing out.
//! Cookies are sent by browsers on their own, so a request that writes with one must come from the portal's
//! own origin.

use api::organization::Role;
use serde::{Deserialize, Serialize};
use store::organization::{ApiKeyRecord, MemberRecord};
use worker::{Env, Headers, Method};

use crate::error::ApiError;
use crate::objects::organization::{NAME, OrganizationCommand};
use crate::platform::secret::{digest, same_digest};
use crate::platform::stub::{self, ObjectKind};
use crate::platform::{clock, random};

/// How long a session lasts: 12 hours.
pub const SESSION_LIFETIME_MS: i64 = 12 * 60 * 60 * 1000;

/// Name of the session's cookie.
pub const COOKIE: &str = "rollcall_session";

/// Begins every API key of the organization.
pub const API_KEY_PREFIX: &str = "rck_";

/// The binding of the KV namespace of sessions.
const SESSIONS: &str = "SESSIONS";

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A holder of an API key.
    ApiKey {
        /// What the key is for; none is the installation's own.
        label: Option<String>,
        /// What its holder may do.
        role: Role,
    },
    /// A signed-in person.
    Session {
        /// Which member; none is the installation's administrator.
        email: Option<String>,
        /// Unix milliseconds.
        expires_at: i64,
        /// Digest of the cookie's value: its name in KV.
        digest: String,
        /// What they may do.
        role: Role,
    },
}

impl Actor {
    /// The name for the portal and the audit log.
    pub fn display_name(&self) -> String {
        match self {
            Actor::ApiKey { label: None, .. } => "Management API key".to_owned(),
            Actor::ApiKey { label: Some(label), .. } => format!("API key {label}"),
            Actor::Session { email, .. } => email.clone().unwrap_or_else(|| "administrator".to_owned()),
        }
    }

    /// What the actor may do.
    pub fn role(&self) -> Role {
        match self {
            Actor::ApiKey { role, .. } | Actor::Session { role, .. } => *role,
        }
    }

    /// `apiKey` or `session`, as the audit log writes it.
    pub fn kind(&self) -> &'static str {
        match self {
            Actor::ApiKey { .. } => "apiKey",
            Actor::Session { .. } => "session",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct SessionRecord {
    email: Option<String>,
    expires_at: i64,
}

/// Finds out who asks. 401 when nobody valid does, 403 when a cookie comes with a write from elsewhere.
pub async fn authenticate(
    env: &Env,
    headers: &Headers,
    method: &Method,
    origin: &str,
) -> Result<Actor, ApiError> {
    if let Some(token) = bearer(headers)? {
        return key_holder(env, &token).await;
    }
    let Some(actor) = session(env, headers).await? else { return Err(ApiError::unauthorized()) };
    let reads = matches!(method, Method::Get | Method::Head | Method::Options);
    if !reads && !same_origin(headers, origin)? {
        return Err(ApiError::forbidden(
            "A request that writes with the session cookie must come from the portal itself. Scripts use an API key.",
        ));
    }
    Ok(actor)
}

/// Who holds an API key; 401 when it is none.
pub async fn key_holder(env: &Env, token: &str) -> Result<Actor, ApiError> {
    api_key(env, token).await?.ok_or_else(ApiError::unauthorized)
}

/// The bearer token of a request, if it has one.
pub fn bearer(headers: &Headers) -> Result<Option<String>, ApiError> {
    Ok(headers.get("authorization")?.as_deref().and_then(bearer_of).map(str::to_owned))
}

fn bearer_of(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

/// Whose key a token is, if it is one.
async fn api_key(env: &Env, token: &str) -> Result<Option<Actor>, ApiError> {
    if is_api_key(env, token)? {
        return Ok(Some(Actor::ApiKey { label: None, role: Role::Administrator }));
    }
    if !token.starts_with(API_KEY_PREFIX) {
        return Ok(None);
    }
    let command = OrganizationCommand::UseApiKey { digest: digest(token) };
    let key: Option<ApiKeyRecord> = stub::call(env, ObjectKind::Organization, NAME, &command).await?;
    Ok(key.map(|key| Actor::ApiKey { label: Some(key.label), role: role(&key.role) }))
}

/// A role as the store has it. What is not known may do the least.
pub fn role(name: &str) -> Role {
    if name == role_name(Role::Administrator) { Role::Administrator } else { Role::Reader }
}

/// A role's name in the store, which is the API's.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Administrator => "administrator",
        Role::Reader => "reader",
    }
}

/// Whether a token is the installation's API key (`ADMIN_API_KEY`).
fn is_api_key(env: &Env, token: &str) -> Result<bool, ApiError> {
    let key = env
        .secret("ADMIN_API_KEY")
        .map_err(|_| ApiError::internal("ADMIN_API_KEY is not set: give the Worker a long random text"))?
        .to_string();
    if key.len() < 16 {
        return Err(ApiError::internal("ADMIN_API_KEY is shorter than 16 characters"));
    }
    Ok(same_digest(&digest(token), &digest(&key)))
}

async fn session(env: &Env, headers: &Headers) -> Result<Option<Actor>, ApiError> {
    let Some(value) = headers.get("cookie")?.as_deref().and_then(session_cookie).map(digest) else {
        return Ok(None);
    };
    let record: Option<SessionRecord> = env.kv(SESSIONS)?.get(&key(&value)).json().await?;
    let Some(record) = record.filter(|record| record.expires_at > clock::now_ms()) else { return Ok(None) };
    let role = match &record.email {
        None => Role::Administrator,
        Some(email) => {
            let command = OrganizationCommand::MemberByEmail { email: email.clone() };
            let member: Option<MemberRecord> =
                stub::call(env, ObjectKind::Organization, NAME, &command).await?;
            // Somebody who was removed is signed out.
            let Some(member) = member else { return Ok(None) };
            role(&member.role)
        }
    };
    Ok(Some(Actor::Session { email: record.email, expires_at: record.expires_at, digest: value, role }))
}

fn session_cookie(header: &str) -> Option<&str> {
    header.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE && !value.is_empty()).then_some(value)
    })
}

/// `Origin` is sent by every browser with every write; `Sec-Fetch-Site` is looked at where it is missing.
fn same_origin(headers: &Headers, origin: &str) -> Result<bool, ApiError> {
    Ok(match headers.get("origin")? {
        Some(sent) => sent == origin,
        None => headers.get("sec-fetch-site")?.as_deref() == Some("same-origin"),
    })
}

/// Begins a session; the value for `Set-Cookie`.
pub async fn begin_session(env: &Env, email: Option<String>, secure: bool) -> Result<String, ApiError> {
    let value = random::secret()?;
    let record = SessionRecord { email, expires_at: clock::now_ms() + SESSION_LIFETIME_MS };
    let lifetime = u64::try_from(SESSION_LIFETIME_MS / 1000).unwrap_or(0);
    env.kv(SESSIONS)?
        .put(&key(&digest(&value)), crate::json::write(&record)?)?
        .expiration_ttl(lifetime)
        .execute()
        .await?;
    Ok(cookie(&value, lifetime, secure))
}

/// Ends a session; the value for `Set-Cookie`.
pub async fn end_session(env: &Env, session: &str, secure: bool) -> Result<String, ApiError> {
    env.kv(SESSIONS)?.delete(&key(session)).await?;
    Ok(cookie("", 0, secure))
}

fn key(digest: &str) -> String {
    format!("session:{digest}")
}

fn cookie(value: &str, lifetime: u64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={lifetime}{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearer_tokens_are_read_without_regard_to_the_schemes_case() {
        let check =
            |header: &str, expected: Option<&str>| assert_eq!(bearer_of(header), expected, "{header}");
        check("Bearer abc", Some("abc"));
        check("bearer  abc ", Some("abc"));
        check("Basic abc", None);
        check("Bearer ", None);
        check("Bearer", None);
    }

    #[test]
    fn the_session_cookie_is_found_among_others() {
        let check =
            |header: &str, expected: Option<&str>| assert_eq!(session_cookie(header), expected, "{header}");
        check("a=1; rollcall_session=xyz; b=2", Some("xyz"));
        check("xrollcall_session=xyz", None);
        check("rollcall_session=", None);
        check("", None);
    }

    #[test]
    fn cookies_are_closed_to_scripts_and_other_sites() {
        let text = cookie("v", 60, true);
        for part in ["HttpOnly", "SameSite=Strict", "Secure", "Max-Age=60", "Path=/"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!cookie("v", 60, false).contains("Secure"));
    }

    #[test]
    fn roles_have_the_names_of_the_api() {
        for role_of in [Role::Administrator, Role::Reader] {
            assert_eq!(role(role_name(role_of)), role_of);
            assert_eq!(crate::json::value(&role_of).ok(), Some(role_name(role_of).into()));
        }
        assert_eq!(role("owner"), Role::Reader);
    }
}
