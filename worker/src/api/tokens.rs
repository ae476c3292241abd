//! `/directories/{id}/tokens`: bearer tokens of SCIM clients.

use api::collection::Collection;
use api::directory::{Token, TokenCreated, TokenRequest};
use worker::{Method, Response};

use super::{directories, label, not_allowed, not_found, only};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, created, no_content, ok};
use crate::objects::directory::{self, DirectoryCommand, TokenRecord};
use crate::platform::secret::digest;
use crate::platform::{clock, random};
use crate::scim_gate;

/// How long a token or key works unless the request says otherwise: 365 days.
const LIFETIME_MS: i64 = 365 * 24 * 60 * 60 * 1000;

/// Answers a request under `tokens`.
pub async fn handle(exchange: Exchange, id: &str, rest: &[&str]) -> Result<Response, ApiError> {
    let record = directories::find(&exchange, id).await?;
    match (rest, &exchange.method) {
        ([], Method::Get) => {
            let tokens: Vec<TokenRecord> =
                directory::call(&exchange.env, id, &DirectoryCommand::Tokens).await?;
            ok(&Collection::of(tokens.iter().map(to_api).collect()))
        }
        ([], Method::Post) => create(exchange, id, &record.display_name).await,
        ([token], _) => {
            only(&exchange, &Method::Delete)?;
            let command = DirectoryCommand::RevokeToken { id: (*token).to_owned() };
            if !directory::call::<bool>(&exchange.env, id, &command).await? {
                return Err(ApiError::not_found("token", token));
            }
            let entry =
                audit::Entry::directory("Revoke token", id, &record.display_name).set("tokenId", token);
            audit::record(&exchange, entry).await?;
            no_content()
        }
        ([], _) => Err(not_allowed(&exchange)),
        _ => Err(not_found(&exchange)),
    }
}

async fn create(mut exchange: Exchange, id: &str, name: &str) -> Result<Response, ApiError> {
    let request: TokenRequest = exchange.optional_body().await?;
    let now = clock::now_ms();
    let expires_at = expiry(request.expires_date_time.as_deref(), now)?;
    let secret = scim_gate::new_token(id)?;
    let record = TokenRecord {
        id: random::uuid()?,
        label: label(request.label.as_deref(), "Unnamed token")?,
        read_only: request.scope == api::directory::TokenScope::Read,
        created_at: now,
        expires_at,
        last_used_at: None,
    };
    let command = DirectoryCommand::CreateToken { token: record.clone(), digest: digest(&secret) };
    directory::call::<()>(&exchange.env, id, &command).await?;
    let entry = audit::Entry::directory("Create token", id, name)
        .set("tokenId", &record.id)
        .set("label", &record.label)
        .set("expiresDateTime", &clock::rfc3339(expires_at));
    audit::record(&exchange, entry).await?;
    created(&TokenCreated { secret, token: to_api(&record) })
}

/// When a token or key ends that is made now: as it was asked for, or after the usual time.
pub fn expiry(asked: Option<&str>, now: i64) -> Result<i64, ApiError> {
    let Some(text) = asked else { return Ok(now + LIFETIME_MS) };
    clock::parse_rfc3339(text).filter(|time| *time > now).ok_or_else(|| {
        ApiError::bad_request(format!(
            "expiresDateTime is `{text}`; give a date and time in the future such as 2027-01-31T00:00:00Z."
        ))
    })
}

fn to_api(record: &TokenRecord) -> Token {
    Token {
        id: record.id.clone(),
        label: record.label.clone(),
        scope: if record.read_only {
            api::directory::TokenScope::Read
        } else {
            api::directory::TokenScope::ReadWrite
        },
        created_date_time: clock::rfc3339(record.created_at),
        expires_date_time: clock::rfc3339(record.expires_at),
        last_used_date_time: record.last_used_at.map(clock::rfc3339),
    }
}
