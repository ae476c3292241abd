//! `/session` and `/signInLinks`.

use api::organization::Role;
use api::session::{Session, SignInLinkRequest};
use worker::{Method, Response};

use super::{describe, members, not_allowed, only};
use crate::auth::{self, Actor, role_name};
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
                role: exchange.actor.role(),
                organization_id: organization.id,
                organization_display_name: organization.display_name,
                workforce_directory_id: organization.workforce_directory_id,
                expires_date_time: match &exchange.actor {
                    Actor::ApiKey { .. } => None,
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
    let given = request.email.filter(|email| !email.trim().is_empty());
    let email = given.as_deref().map(email).transpose()?;
    if let Some(email) = &email {
        // Whoever may make links may make members, and a link without an address opens everything as well.
        members::add(&exchange, email.clone(), role_name(Role::Administrator)).await?;
    }
    created(&sign_in::create(&exchange.env, &exchange.origin, email).await?)
}

/// An e-mail address in small letters.
pub fn email(text: &str) -> Result<String, ApiError> {
    let email = text.trim().to_lowercase();
    let parts = email.split_once('@');
    let good = parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if !good || email.len() > MAXIMUM_EMAIL || email.chars().any(char::is_whitespace) {
        return Err(ApiError::bad_request(format!("`{email}` is not an e-mail address.")));
    }
    Ok(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_and_small() {
        assert_eq!(email(" Ada@Contoso.com ").ok().as_deref(), Some("ada@contoso.com"));
        let long = format!("{}@x", "a".repeat(MAXIMUM_EMAIL - 1));
        for wrong in ["", "nobody", "@contoso.com", "ada@", "a b@contoso.com", &long] {
            assert!(email(wrong).is_err(), "{wrong}");
        }
    }
}
