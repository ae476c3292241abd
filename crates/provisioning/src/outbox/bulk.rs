//! Writes in one request (RFC 7644, section 3.7).

use std::collections::{HashMap, VecDeque};

use serde_json::{Map, Value as Json, json};

use super::{Item, unclear};
use crate::cycle::ScimResponse;
use crate::target::{Method, Outcome, ScimRequest};

/// Operations in one request at most, whatever the target allows: so many are uncertain when its answer is lost.
pub const MAX_OPERATIONS: usize = 100;
/// Bytes of one request at most, whatever the target allows.
pub const MAX_PAYLOAD: usize = 1024 * 1024;
/// Bytes around the operations.
const ENVELOPE: usize = 200;
/// Bytes around the data of one operation, besides its path.
const FRAME: usize = 80;
/// What begins a reference to another operation. A value that looks like one would be taken for it.
const REFERENCE: &str = "bulkId:";

/// How much goes into one Bulk request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkLimits {
    /// Operations.
    pub max_operations: usize,
    /// Bytes.
    pub max_payload: usize,
}

impl BulkLimits {
    /// What the target allows, within our own limits. None if that is too little to be worth it.
    pub fn of(max_operations: u64, max_payload: u64) -> Option<Self> {
        let within = |value: u64, most: usize| usize::try_from(value).unwrap_or(most).min(most);
        let limits = Self {
            max_operations: within(max_operations, MAX_OPERATIONS),
            max_payload: within(max_payload, MAX_PAYLOAD),
        };
        (limits.max_operations > 1 && limits.max_payload > 2 * ENVELOPE).then_some(limits)
    }
}

/// Whether a write can be an operation of a Bulk: its path names a resource or an endpoint, and nothing in it
/// would be taken for a reference to another operation.
pub(super) fn fits(request: &ScimRequest) -> bool {
    // A change by PUT is two requests.
    request.method != Method::Put
        && !request.path_and_query.contains('?')
        && !request.body.as_ref().is_some_and(refers)
}

fn refers(value: &Json) -> bool {
    match value {
        Json::String(text) => text.starts_with(REFERENCE),
        Json::Array(items) => items.iter().any(refers),
        Json::Object(members) => members.values().any(refers),
        _ => false,
    }
}

/// As many from the front of the queue as fit, at least one.
pub(super) fn take(queue: &mut VecDeque<Item>, limits: BulkLimits) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut size = ENVELOPE;
    while let Some(item) = queue.front() {
        size += FRAME + item.request.path_and_query.len() + item.request.body_text().len();
        let is_full = items.len() >= limits.max_operations || size > limits.max_payload;
        if !items.is_empty() && is_full {
            break;
        }
        items.extend(queue.pop_front());
    }
    items
}

fn bulk_id(item: &Item) -> String {
    format!("e{}", item.effect_id)
}

/// The Bulk request; none for a single one.
pub(super) fn join(items: &[Item]) -> Option<ScimRequest> {
    let [first, _, ..] = items else { return None };
    let operation = |item: &Item| {
        let mut operation = Map::new();
        operation.insert("method".to_owned(), Json::from(item.request.method.as_str()));
        operation.insert("path".to_owned(), Json::from(item.request.path_and_query.as_str()));
        operation.insert("bulkId".to_owned(), Json::from(bulk_id(item)));
        if let Some(data) = &item.request.body {
            operation.insert("data".to_owned(), data.clone());
        }
        Json::Object(operation)
    };
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": items.iter().map(operation).collect::<Vec<_>>(),
    });
    Some(ScimRequest {
        method: Method::Post,
        path_and_query: "/Bulk".to_owned(),
        body: Some(body),
        purpose: first.request.purpose,
        idempotent: items.iter().all(|item| item.request.idempotent),
    })
}

/// The answer of each operation, in the order of the items; none if it cannot be read. An operation that the
/// answer leaves out may or may not have been carried out.
pub(super) fn split(items: &[Item], response: &ScimResponse) -> Option<Vec<Outcome>> {
    let body: Json = serde_json::from_str(&response.body).ok()?;
    let results = body.get("Operations")?.as_array()?;
    let name = |result: &Json| result.get("bulkId").and_then(Json::as_str).map(str::to_owned);
    let mut named: HashMap<String, &Json> =
        results.iter().filter_map(|result| Some((name(result)?, result))).collect();
    // bulkId may be left out for all but creations; then the order tells, if nothing is missing.
    let in_order = results.len() == items.len();
    let outcome = |(index, item): (usize, &Item)| {
        let by_order = || {
            let result = results.get(index).filter(|result| in_order && name(result).is_none())?;
            let method = result.get("method").and_then(Json::as_str)?;
            method.eq_ignore_ascii_case(item.request.method.as_str()).then_some(result)
        };
        let result = named.remove(&bulk_id(item)).or_else(by_order);
        result
            .and_then(|result| answer(result, response))
            .ok_or_else(|| unclear("the answer to a Bulk request leaves this operation out"))
    };
    Some(items.iter().enumerate().map(outcome).collect())
}

fn answer(result: &Json, whole: &ScimResponse) -> Option<ScimResponse> {
    // A text (RFC 7644), a number, or an object with a code (drafts of it).
    let status = match result.get("status")? {
        Json::Object(status) => status.get("code")?,
        status => status,
    };
    let status = match status {
        Json::String(text) => text.trim().parse().ok()?,
        status => u16::try_from(status.as_u64()?).ok()?,
    };
    let body = result.get("response").filter(|body| !body.is_null());
    Some(ScimResponse {
        status,
        retry_after: None,
        location: result.get("location").and_then(Json::as_str).map(str::to_owned),
        content_type: whole.content_type.clone(),
        body: body.map(Json::to_string).unwrap_or_default(),
    })
}
