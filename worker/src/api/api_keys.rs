//! `/organization/apiKeys`: keys of the management API, beside the installation's own.

use api::collection::Collection;
use api::organization::{ApiKey, ApiKeyCreated, ApiKeyRequest};
use store::organization::{Added, ApiKeyRecord, MAX_API_KEYS};
use worker::{Method, Response};

use super::tokens::expiry;
use super::{label, not_allowed, not_found, organization};
use crate::audit;
use crate::auth::{API_KEY_PREFIX, role, role_name};
use crate::error::ApiError;
use crate::exchange::{Exchange, created, no_content, ok};
use crate::objects::organization::OrganizationCommand;
use crate::platform::secret::digest;
use crate::platform::{clock, random};

/// Answers a request under `apiKeys`.
pub async fn handle(exchange: Exchange, rest: &[&str]) -> Result<Response, ApiError> {
    match (rest, &exchange.method) {
        ([], Method::Get) => {
            let keys: Vec<ApiKeyRecord> = organization(&exchange, &OrganizationCommand::ApiKeys).await?;
            ok(&Collection::of(keys.into_iter().map(to_api).collect()))
        }
        ([], Method::Post) => create(exchange).await,
        ([id], Method::Delete) => {
            let command = OrganizationCommand::RemoveApiKey { id: (*id).to_owned() };
            let removed: Option<ApiKeyRecord> = organization(&exchange, &command).await?;
            let removed = removed.ok_or_else(|| ApiError::not_found("API key", id))?;
            audit::record(&exchange, entry("Revoke API key", &removed)).await?;
            no_content()
        }
        ([] | [_], _) => Err(not_allowed(&exchange)),
        _ => Err(not_found(&exchange)),
    }
}

async fn create(mut exchange: Exchange) -> Result<Response, ApiError> {
    let request: ApiKeyRequest = exchange.optional_body().await?;
    let now = clock::now_ms();
    let expires_at = expiry(request.expires_date_time.as_deref(), now)?;
    let secret = format!("{API_KEY_PREFIX}{}", random::secret()?);
    let key = ApiKeyRecord {
        id: random::uuid()?,
        label: label(request.label.as_deref(), "Unnamed key")?,
        role: role_name(request.role).to_owned(),
        created_at: now,
        expires_at,
        last_used_at: None,
    };
    let command = OrganizationCommand::AddApiKey { key: key.clone(), digest: digest(&secret) };
    if organization::<Added>(&exchange, &command).await? != Added::Yes {
        return Err(ApiError::conflict(format!(
            "The organization has {MAX_API_KEYS} API keys; revoke one first."
        )));
    }
    let entry = entry("Create API key", &key)
        .set("role", &key.role)
        .set("expiresDateTime", &clock::rfc3339(key.expires_at));
    audit::record(&exchange, entry).await?;
    created(&ApiKeyCreated { secret, key: to_api(key) })
}

fn entry(activity: &str, key: &ApiKeyRecord) -> audit::Entry {
    audit::Entry::organization(activity, "ApiKey", &key.id, &key.label)
}

fn to_api(record: ApiKeyRecord) -> ApiKey {
    ApiKey {
        role: role(&record.role),
        id: record.id,
        label: record.label,
        created_date_time: clock::rfc3339(record.created_at),
        expires_date_time: clock::rfc3339(record.expires_at),
        last_used_date_time: record.last_used_at.map(clock::rfc3339),
    }
}
