//! Paths and queries of requests, percent-encoded (RFC 3986).

use super::filter;
use super::path::TargetPath;
use crate::id::TargetId;

/// Percent-encodes everything but unreserved characters, so that it is safe in a path segment and
/// in a query value: space is `%20`, quote is `%22`.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

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
