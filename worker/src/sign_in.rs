//! One-time links into the portal.

use api::session::SignInLink;
use worker::{Env, Headers, Method, Response};

use crate::auth;
use crate::error::ApiError;
use crate::objects::organization::{NAME, OrganizationCommand, SignIn};
use crate::platform::secret::digest;
use crate::platform::stub::{self, ObjectKind};
use crate::platform::{clock, random};

/// Makes a link. Only the digest of its code is kept.
pub async fn create(env: &Env, origin: &str, email: Option<String>) -> Result<SignInLink, ApiError> {
    let code = random::secret()?;
    let command = OrganizationCommand::AddSignInLink { digest: digest(&code), email };
    let expires_at: i64 = stub::call(env, ObjectKind::Organization, NAME, &command).await?;
    Ok(SignInLink { url: format!("{origin}/signIn/{code}"), expires_date_time: clock::rfc3339(expires_at) })
}

/// Uses a link: sets the session's cookie and goes to the portal. A link that is used up or too old goes
/// there too, with a note. `HEAD` (link previews) uses nothing up.
pub async fn enter(env: &Env, origin: &str, code: &str, method: &Method) -> Result<Response, ApiError> {
    if *method != Method::Get {
        return Err(ApiError::method_not_allowed(method.as_ref(), "/signIn"));
    }
    let command = OrganizationCommand::UseSignInLink { digest: digest(code) };
    let outcome: SignIn = stub::call(env, ObjectKind::Organization, NAME, &command).await?;
    let headers = Headers::new();
    headers.set("referrer-policy", "no-referrer")?;
    if outcome.signed_in {
        let cookie = auth::begin_session(env, outcome.email, origin.starts_with("https://")).await?;
        headers.set("set-cookie", &cookie)?;
        headers.set("location", "/")?;
    } else {
        headers.set("location", "/?signIn=expired")?;
    }
    Ok(Response::empty()?.with_status(303).with_headers(headers))
}
