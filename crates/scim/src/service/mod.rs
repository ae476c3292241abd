//! The service provider as a function: [`handle`] takes a request as plain data, a repository and a context,
//! and answers a response as plain data (RFC 7644 section 3).
//!
//! It reads no clock and draws no randomness, and does not authenticate: that is done before. Answers for what
//! happens before are constructors of [`Response`].

mod bulk;
mod cursor;
mod discovery;
mod query;
mod rate_limit;
mod references;
mod request;
mod resources;
mod response;
mod search;

pub use cursor::CURSOR_TIMEOUT_SECONDS;
pub use query::{DEFAULT_COUNT, MAX_COUNT, MAX_START_INDEX};
pub use rate_limit::{BURST_SECONDS, MAX_REQUESTS_PER_SECOND, RateLimit};
pub use request::{Conditions, Method, Request};
pub use response::{ChangeKind, NO_TOKEN, ResourceChange, Response, challenge};

use serde_json::Value;

use crate::error::ScimError;
use crate::repository::Repository;
use crate::resource::ResourceType;
use crate::schema::SchemaSet;
use crate::validation::check_depth;

/// How many bytes the body of a request may have. Published as `bulk.maxPayloadSize`.
pub const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// How many operations a Bulk request may have. Published as `bulk.maxOperations`.
pub const MAX_BULK_OPERATIONS: usize = 1_000;

/// What a request needs to know beside the directory's resources.
pub struct Context<'a> {
    /// The address under which the service is reached, without a slash at the end: `https://…/scim/{directoryId}/v2`.
    pub base_url: &'a str,
    /// Now, in Unix milliseconds.
    pub now_ms: i64,
    /// Answers a new id at each call.
    pub new_id: &'a mut dyn FnMut() -> String,
    /// The directory's schemas.
    pub schemas: &'a SchemaSet,
    /// Whether the credential allows reading only.
    pub read_only: bool,
}

/// Answers a request. HEAD is answered as GET is, without the body (RFC 9110 section 9.3.2).
pub fn handle(request: &Request, repository: &mut dyn Repository, context: &mut Context<'_>) -> Response {
    let response = answer(request, repository, context).unwrap_or_else(|error| Response::error(&error));
    if request.method == Method::Head { Response { body: None, ..response } } else { response }
}

fn answer(
    request: &Request,
    repository: &mut dyn Repository,
    context: &mut Context<'_>,
) -> Result<Response, ScimError> {
    check_media_types(request)?;
    let body = body(request)?;
    let call = Call {
        method: if request.method == Method::Head { Method::Get } else { request.method },
        path: request.path.iter().map(String::as_str).collect(),
        query: &request.query,
        conditions: &request.conditions,
        body: body.as_ref(),
    };
    route(&call, repository, context)
}

/// A request whose body has been read; Bulk makes one of each of its operations.
struct Call<'a> {
    method: Method,
    path: Vec<&'a str>,
    query: &'a [(String, String)],
    conditions: &'a Conditions,
    body: Option<&'a Value>,
}

impl Call<'_> {
    fn body(&self) -> Result<&Value, ScimError> {
        self.body.ok_or_else(|| ScimError::invalid_syntax("The request needs a JSON body"))
    }
}

fn route(
    call: &Call<'_>,
    repository: &mut dyn Repository,
    context: &mut Context<'_>,
) -> Result<Response, ScimError> {
    let all = ResourceType::ALL.as_slice();
    match (call.path.as_slice(), call.method) {
        ([], Method::Get) => search::get(call, all, repository, context),
        ([".search"], Method::Post) => search::post(call, all, repository, context),
        (["Bulk"], Method::Post) => {
            check_writes(context)?;
            bulk::post(call, repository, context)
        }
        (["Me", ..], _) => {
            Err(ScimError::new(501, "/Me is not offered: a token is an application's, not a person's"))
        }
        (["ServiceProviderConfig" | "ResourceTypes" | "Schemas", ..], Method::Get) => {
            discovery::get(call, context)
        }
        ([endpoint, rest @ ..], _) => match ResourceType::from_endpoint(endpoint) {
            Some(kind) => route_to_type(call, kind, rest, repository, context),
            None => no_route(call),
        },
        _ => no_route(call),
    }
}

/// A request below `/Users` or `/Groups`.
fn route_to_type(
    call: &Call<'_>,
    kind: ResourceType,
    rest: &[&str],
    repository: &mut dyn Repository,
    context: &mut Context<'_>,
) -> Result<Response, ScimError> {
    match (rest, call.method) {
        ([], Method::Get) => search::get(call, &[kind], repository, context),
        ([".search"], Method::Post) => search::post(call, &[kind], repository, context),
        ([id], Method::Get) => resources::read(call, kind, id, repository, context),
        ([], Method::Post) => {
            check_writes(context)?;
            resources::create(call, kind, repository, context)
        }
        ([id], Method::Put) => {
            check_writes(context)?;
            resources::replace(call, kind, id, repository, context)
        }
        ([id], Method::Patch) => {
            check_writes(context)?;
            resources::patch(call, kind, id, repository, context)
        }
        ([id], Method::Delete) => {
            check_writes(context)?;
            resources::delete(call, kind, id, repository, context)
        }
        _ => no_route(call),
    }
}

/// 403 if the credential allows reading only.
fn check_writes(context: &Context<'_>) -> Result<(), ScimError> {
    if context.read_only { Err(ScimError::new(403, "This token allows reading only")) } else { Ok(()) }
}

/// The methods of a path that exists, for 405.
fn allowed(path: &[&str]) -> Option<&'static str> {
    match path {
        [] => Some("GET, HEAD"),
        [".search"] | ["Bulk"] => Some("POST"),
        ["ServiceProviderConfig"] | ["ResourceTypes" | "Schemas"] | ["ResourceTypes" | "Schemas", _] => {
            Some("GET, HEAD")
        }
        [endpoint, rest @ ..] if ResourceType::from_endpoint(endpoint).is_some() => match rest {
            [] => Some("GET, HEAD, POST"),
            [".search"] => Some("POST"),
            [_] => Some("GET, HEAD, PUT, PATCH, DELETE"),
            _ => None,
        },
        _ => None,
    }
}

fn no_route(call: &Call<'_>) -> Result<Response, ScimError> {
    match allowed(&call.path) {
        Some(methods) => {
            let error = ScimError::new(405, format!("This address answers {methods}"));
            Ok(Response::error(&error).header("Allow", methods))
        }
        None => Err(ScimError::new(404, format!("There is no /{} here", call.path.join("/")))),
    }
}

/// RFC 7644 section 3.1: the media type is `application/scim+json`; `application/json` is understood.
fn check_media_types(request: &Request) -> Result<(), ScimError> {
    let is_json = |media_type: &str| {
        let name = media_type.split(';').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case("application/scim+json") || name.eq_ignore_ascii_case("application/json")
    };
    if let Some(accept) = &request.accept {
        let is_any = |range: &str| {
            let name = range.split(';').next().unwrap_or_default().trim();
            name == "*/*" || name == "*" || name.eq_ignore_ascii_case("application/*")
        };
        let is_refused = |range: &str| {
            range
                .split(';')
                .skip(1)
                .any(|parameter| matches!(parameter.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        };
        let is_acceptable = accept.trim().is_empty()
            || accept.split(',').any(|range| (is_any(range) || is_json(range)) && !is_refused(range));
        if !is_acceptable {
            return Err(ScimError::new(406, "Answers are application/scim+json only"));
        }
    }
    if !request.body.is_empty()
        && request.content_type.as_deref().is_some_and(|media_type| !is_json(media_type))
    {
        return Err(ScimError::new(415, "The body must be application/scim+json"));
    }
    Ok(())
}

fn body(request: &Request) -> Result<Option<Value>, ScimError> {
    if request.body.len() > MAX_BODY_BYTES {
        return Err(ScimError::new(413, format!("The body exceeds maxPayloadSize ({MAX_BODY_BYTES})")));
    }
    let takes_body = matches!(request.method, Method::Post | Method::Put | Method::Patch);
    if !takes_body || request.body.is_empty() {
        return Ok(None);
    }
    let body: Value = serde_json::from_slice(&request.body)
        .map_err(|error| ScimError::invalid_syntax(format!("The body is not JSON: {error}")))?;
    check_depth(&body)?;
    Ok(Some(body))
}

#[cfg(test)]
mod tests;
