//! The SCIM endpoint of a directory: the gate's request becomes the service provider's, and its answer an
//! HTTP response.

use scim::{Context, Method, Request as ScimRequest, Response as ScimResponse};
use worker::{Headers, Request, Response, console_error};

use super::Directory;
use super::requests::Caller;
use crate::error::ApiError;
use crate::platform::{clock, random};
use crate::router;
use crate::scim_gate::{ACCESS_HEADER, INVALID_TOKEN, MANAGEMENT_ACCESS, ORIGIN_HEADER, REQUEST_ID_HEADER};

/// Rows that a request read, as the platform counts them.
const ROWS_READ_HEADER: &str = "rollcall-rows-read";
/// Rows that it wrote.
const ROWS_WRITTEN_HEADER: &str = "rollcall-rows-written";

/// How the caller is let in.
struct Access {
    read_only: bool,
    /// Whether the directory's limit on requests counts for it: the management API's own are not counted.
    limited: bool,
    /// The token's label, or who else it is.
    client: String,
    /// Whether it is the portal, on behalf of somebody who is signed in.
    portal: bool,
}

impl Directory {
    /// Serves a SCIM request.
    pub(super) async fn serve(&self, mut request: Request) -> worker::Result<Response> {
        let body = match request.method() {
            worker::Method::Get | worker::Method::Head => Vec::new(),
            _ => request.bytes().await?,
        };
        self.sql.take_rows();
        let mut caller = Caller::default();
        let answer = self.answer(&request, body, &mut caller).unwrap_or_else(|error| unexpected(&error));
        let rows = self.sql.take_rows();
        if caller.noted {
            self.note(&request, &caller, &answer).await;
        }
        let request_id = request.headers().get(REQUEST_ID_HEADER)?.unwrap_or_default();
        let response = to_http(answer, &request_id)?;
        // For those who may know what the directory costs: administrators, tests and benches.
        if request.headers().get(ACCESS_HEADER)?.is_some_and(|access| access.starts_with(MANAGEMENT_ACCESS)) {
            response.headers().set(ROWS_READ_HEADER, &rows.read.to_string())?;
            response.headers().set(ROWS_WRITTEN_HEADER, &rows.written.to_string())?;
        }
        Ok(response)
    }

    /// No await from here on: nothing comes between the check of the token, the reads and the writes.
    fn answer(
        &self,
        request: &Request,
        body: Vec<u8>,
        caller: &mut Caller,
    ) -> Result<ScimResponse, ApiError> {
        let header = |name: &str| request.headers().get(name).ok().flatten();
        let credential = header(ACCESS_HEADER).unwrap_or_default();
        let access = match self.access(&credential) {
            Ok(Some(access)) => access,
            Ok(None) => {
                *caller = Caller { name: "Unknown, expired or revoked token".to_owned(), noted: true };
                return Ok(ScimResponse::unauthorized(Some(INVALID_TOKEN)));
            }
            // Those who manage the directories may know which there are.
            Err(error) if error.status == 404 && credential.starts_with(MANAGEMENT_ACCESS) => {
                return Ok(ScimResponse::error(&scim::ScimError::new(404, error.message)));
            }
            Err(error) if error.status == 404 => {
                return Ok(ScimResponse::unauthorized(Some(INVALID_TOKEN)));
            }
            Err(error) => return Err(error),
        };
        // The portal's own reading would push out what the list is for.
        let noted =
            !(access.portal && matches!(request.method(), worker::Method::Get | worker::Method::Head));
        *caller = Caller { name: access.client.clone(), noted };
        if let Err(seconds) = self.count(&access) {
            return Ok(ScimResponse::too_many_requests(seconds));
        }
        let url = request.url()?;
        let Some((id, target)) = split(url.path()) else {
            return Ok(ScimResponse::error(&scim::ScimError::new(
                404,
                "SCIM 2.0 is under /scim/{directoryId}/v2; this address is not",
            )));
        };
        let target = match url.query() {
            Some(query) => format!("{target}?{query}"),
            None => target.to_owned(),
        };
        let mut scim_request = ScimRequest::new(Method::from_name(request.method().as_ref()), &target);
        for name in ["accept", "content-type", "if-match", "if-none-match"] {
            if let Some(value) = header(name) {
                scim_request = scim_request.header(name, &value);
            }
        }
        let scim_request = scim_request.body(body);
        let base_url = format!("{}/scim/{id}/v2", header(ORIGIN_HEADER).unwrap_or_default());
        let schemas = self.schemas()?;
        let mut repository = self.store()?.by(&access.client);
        let mut failure = None;
        let mut new_id = || {
            random::uuid().unwrap_or_else(|error| {
                failure = Some(error);
                String::new()
            })
        };
        let mut context = Context {
            base_url: &base_url,
            now_ms: clock::now_ms(),
            new_id: &mut new_id,
            schemas: schemas.as_ref(),
            read_only: access.read_only,
        };
        let response = scim::handle(&scim_request, &mut repository, &mut context);
        match failure {
            Some(error) => Err(error),
            None => Ok(response),
        }
    }

    /// Counts a request against the directory's limit, or answers after how many seconds it may come again. The
    /// count is this object's memory: it starts anew with the object, which favours the client.
    fn count(&self, access: &Access) -> Result<(), u32> {
        match self.rate.borrow_mut().as_mut().filter(|_| access.limited) {
            Some(limit) => limit.take(clock::now_ms()),
            None => Ok(()),
        }
    }

    /// Checks the credential against the directory's own records.
    fn access(&self, access: &str) -> Result<Option<Access>, ApiError> {
        let setup = self.setup()?;
        if let Some(actor) = access.strip_prefix(MANAGEMENT_ACCESS) {
            let (kind, name) = actor.split_once(':').unwrap_or((actor, ""));
            let (client, portal) = (router::decode(name), kind == "session");
            return Ok(Some(Access { read_only: false, limited: false, client, portal }));
        }
        let Some(digest) = access.strip_prefix("token:") else { return Ok(None) };
        if !setup.enabled {
            return Ok(None);
        }
        Ok(self.use_token(digest)?.map(|token| Access {
            read_only: token.read_only,
            limited: true,
            client: token.label,
            portal: false,
        }))
    }
}

/// Splits `/scim/{id}/v2/…` into the id and what follows `v2`.
fn split(path: &str) -> Option<(&str, &str)> {
    let (id, rest) = path.strip_prefix("/scim/")?.split_once('/')?;
    let target = rest.strip_prefix("v2")?;
    (target.is_empty() || target.starts_with('/')).then_some((id, target))
}

fn unexpected(error: &ApiError) -> ScimResponse {
    ScimResponse::internal(error.internal.as_deref().unwrap_or(&error.message))
}

fn to_http(response: ScimResponse, request_id: &str) -> worker::Result<Response> {
    if let Some(internal) = &response.internal {
        console_error!("{request_id}: scim: {internal}");
    }
    let headers = Headers::new();
    for (name, value) in &response.headers {
        headers.set(name, value)?;
    }
    router::common_headers(&headers, request_id)?;
    let answer = match response.body_text() {
        Some(text) => Response::from_bytes(text.into_bytes())?,
        None => Response::empty()?,
    };
    Ok(answer.with_status(response.status).with_headers(headers))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn addresses_are_split_at_the_version() {
        let check = |path: &str, expected: Option<(&str, &str)>| assert_eq!(split(path), expected, "{path}");
        check("/scim/d/v2/Users", Some(("d", "/Users")));
        check("/scim/d/v2", Some(("d", "")));
        check("/scim/d/v2x/Users", None);
        check("/scim/d/Users", None);
        check("/scim/d", None);
    }
}
