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

/// Undoes percent-encoding.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16)).unwrap_or(0);
        let (high, low) = (digit(rest.next()), digit(rest.next()));
        bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
