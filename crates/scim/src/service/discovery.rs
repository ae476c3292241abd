//! What the service can do: `/ServiceProviderConfig`, `/ResourceTypes`, `/Schemas` (RFC 7644 section 4,
//! RFC 7643 section 5, RFC 9865 section 4).

use serde_json::{Value, json};

use super::response::Response;
use super::{
    CURSOR_TIMEOUT_SECONDS, Call, Context, DEFAULT_COUNT, MAX_BODY_BYTES, MAX_BULK_OPERATIONS, MAX_COUNT,
};
use crate::error::ScimError;
use crate::resource::ResourceType;
use crate::schema::{resource_type_json, schema_json};
use crate::urn;

/// Answers a GET. These lists are short and whole: a filter is 403, paging is ignored.
pub(super) fn get(call: &Call<'_>, context: &Context<'_>) -> Result<Response, ScimError> {
    if call.query.iter().any(|(name, _)| name.eq_ignore_ascii_case("filter")) {
        return Err(ScimError::new(403, "This list cannot be filtered"));
    }
    let (schemas, base_url) = (context.schemas, context.base_url);
    match call.path.as_slice() {
        ["ServiceProviderConfig"] => Ok(Response::json(200, service_provider_config(base_url))),
        ["ResourceTypes"] => Ok(list(
            ResourceType::ALL.iter().map(|kind| resource_type_json(*kind, schemas, base_url)).collect(),
        )),
        ["ResourceTypes", name] => match ResourceType::from_name(name) {
            Some(kind) => Ok(Response::json(200, resource_type_json(kind, schemas, base_url))),
            None => Err(ScimError::not_found("ResourceType", name)),
        },
        ["Schemas"] => Ok(list(schemas.all().map(|schema| schema_json(schema, base_url)).collect())),
        ["Schemas", urn] => match schemas.schema(urn) {
            Some(schema) => Ok(Response::json(200, schema_json(schema, base_url))),
            None => Err(ScimError::not_found("Schema", urn)),
        },
        _ => Err(ScimError::new(404, format!("There is no /{} here", call.path.join("/")))),
    }
}

fn list(resources: Vec<Value>) -> Response {
    let body = json!({
        "schemas": [urn::LIST_RESPONSE],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    });
    Response::json(200, body)
}

fn service_provider_config(base_url: &str) -> Value {
    json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": true},
        "bulk": {
            "supported": true,
            "maxOperations": MAX_BULK_OPERATIONS,
            "maxPayloadSize": MAX_BODY_BYTES,
        },
        "filter": {"supported": true, "maxResults": MAX_COUNT},
        "changePassword": {"supported": false},
        "sort": {"supported": true},
        "etag": {"supported": true},
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": DEFAULT_COUNT,
            "maxPageSize": MAX_COUNT,
            "cursorTimeout": CURSOR_TIMEOUT_SECONDS,
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "A token of the directory in the Authorization header",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base_url}/ServiceProviderConfig"),
        },
    })
}
