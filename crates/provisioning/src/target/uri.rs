//! Paths and queries of requests, percent-encoded (RFC 3986).

use scim::uri::encode;

use super::filter;
use super::path::TargetPath;
use crate::id::TargetId;

/// `/Users/{id}`.
pub fn resource(endpoint: &str, id: &TargetId) -> String {
    format!("{endpoint}/{}", encode(id.as_str()))
}

/// `/Users?filter=…`. Groups are asked for without their members: a large group's answer would
/// otherwise be megabytes.
pub fn search(endpoint: &str, path: &TargetPath, value: &serde_json::Value) -> String {
    let members = if endpoint == "/Groups" { "excludedAttributes=members&" } else { "" };
    format!("{endpoint}?{members}filter={}", encode(&filter::equals(path, value)))
}

/// `/Users/{id}` to read; groups without their members.
pub fn read(endpoint: &str, id: &TargetId) -> String {
    let members = if endpoint == "/Groups" { "?excludedAttributes=members" } else { "" };
    format!("{}{members}", resource(endpoint, id))
}
