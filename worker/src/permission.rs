//! What a role allows. A Reader may look at everything that can be read, and change nothing.

use api::organization::Role;
use worker::Method;

use crate::auth::Actor;
use crate::error::ApiError;

/// 403 when the role does not allow the request. `path` is the whole one.
pub fn check(actor: &Actor, method: &Method, path: &str) -> Result<(), ApiError> {
    if actor.role() == Role::Administrator || reads(method, path) {
        return Ok(());
    }
    Err(ApiError::forbidden(
        "Your role is Reader: you can look at everything, and change nothing. Ask an administrator of the organization.",
    ))
}

/// Whether a request changes nothing but, at most, the caller's own session.
fn reads(method: &Method, path: &str) -> bool {
    match method {
        Method::Get | Method::Head | Method::Options => true,
        // A SCIM search, and trying an expression out.
        Method::Post => path.ends_with("/.search") || path.ends_with("/schema/parseExpression"),
        Method::Delete => path == "/api/v1.0/session",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_reads() {
        let check = |role, method, path: &str| {
            check(&Actor::ApiKey { label: None, role }, &method, path).map_err(|error| error.status)
        };
        for (method, path) in [
            (Method::Get, "/api/v1.0/directories"),
            (Method::Post, "/scim/d/v2/Users/.search"),
            (Method::Post, "/api/v1.0/servicePrincipals/s/synchronization/jobs/j/schema/parseExpression"),
            (Method::Delete, "/api/v1.0/session"),
        ] {
            assert_eq!(check(Role::Reader, method, path), Ok(()), "{path}");
        }
        for (method, path) in [
            (Method::Post, "/scim/d/v2/Users"),
            (Method::Post, "/api/v1.0/signInLinks"),
            (Method::Put, "/api/v1.0/session"),
            (Method::Delete, "/scim/d/v2/Users/session"),
            (Method::Patch, "/api/v1.0/directories/d"),
        ] {
            assert_eq!(check(Role::Reader, method.clone(), path), Err(403), "{path}");
            assert_eq!(check(Role::Administrator, method, path), Ok(()), "{path}");
        }
    }
}
