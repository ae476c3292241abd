//! `/session` and `/signInLinks`.

use api::session::{Session, SignInLinkRequest};
use worker::{Method, Response};

use super::{describe, not_allowed, only};
use crate::auth::{self, Actor};
use crate::error::ApiError;
use crate::exchange::{Exchange, created, no_content, ok};
use crate::platform::clock;
use crate::sign_in;

/// Longest e-mail address (RFC 5321 section 4.5.3.1).
const MAXIMUM_EMAIL: usize = 254;

/// Who is signed in; signing out.
pub async fn handle(exchange: Exchange) -> Result<Response, ApiError> {
    match exchange.method {
        Method::Get => {
            let organization = describe(&exchange).await?;
            ok(&Session {
                display_name: exchange.actor.display_name(),
                organization_id: organization.id,
                organization_display_name: organization.display_name,
                workforce_directory_id: organization.workforce_directory_id,
                expires_date_time: match &exchange.actor {
                    Actor::ApiKey => None,
                    Actor::Session { expires_at, .. } => Some(clock::rfc3339(*expires_at)),
                },
            })
        }
        Method::Delete => {
            let Actor::Session { digest, .. } = &exchange.actor else {
                return Err(ApiError::bad_request("An API key has no session to end."));
            };
            let secure = exchange.origin.starts_with("https://");
            let cookie = auth::end_session(&exchange.env, digest, secure).await?;
            let response = no_content()?;
            response.headers().set("set-cookie", &cookie)?;
            Ok(response)
        }
        _ => Err(not_allowed(&exchange)),
    }
}

/// Makes a one-time link into the portal.
pub async fn sign_in_links(mut exchange: Exchange) -> Result<Response, ApiError> {
    only(&exchange, &Method::Post)?;
    let request: SignInLinkRequest = exchange.optional_body().await?;
    let email = request.email.map(|email| email.trim().to_owned()).filter(|email| !email.is_empty());
    if let Some(email) = &email
        && (email.len() > MAXIMUM_EMAIL || !email.contains('@'))
    {
        return Err(ApiError::bad_request(format!("`{email}` is not an e-mail address.")));
    }
    created(&sign_in::create(&exchange.env, &exchange.origin, email).await?)
}
