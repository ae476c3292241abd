//! Versions as weak ETags and the preconditions of a request (RFC 7644 section 3.14, RFC 9110 section 13).

use crate::error::ScimError;
use crate::service::Conditions;

/// The ETag of a version: `W/"7"`.
pub fn format(version: i64) -> String {
    format!("W/\"{version}\"")
}

/// What the conditions of a request say about a resource at a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Go on.
    Met,
    /// `If-None-Match` names this version: a GET answers 304, a write 412.
    Unchanged,
    /// `If-Match` does not name this version: 412.
    Failed,
}

/// Compares `If-Match` and `If-None-Match` with a resource that exists at this version.
pub fn check(conditions: &Conditions, version: i64) -> Precondition {
    if conditions.if_match.as_deref().is_some_and(|condition| !names(condition, version)) {
        return Precondition::Failed;
    }
    if conditions.if_none_match.as_deref().is_some_and(|condition| names(condition, version)) {
        return Precondition::Unchanged;
    }
    Precondition::Met
}

/// [`check`] for a write: whatever is not met is 412.
pub fn check_write(conditions: &Conditions, version: i64) -> Result<(), ScimError> {
    match check(conditions, version) {
        Precondition::Met => Ok(()),
        Precondition::Unchanged | Precondition::Failed => Err(precondition_failed(version)),
    }
}

/// 412: the resource is at another version than the client thinks.
pub fn precondition_failed(version: i64) -> ScimError {
    ScimError::new(412, format!("The resource is at version {}; read it again and repeat", format(version)))
}

/// Whether a condition, `*` or a list of ETags, names this version. The comparison is weak.
fn names(condition: &str, version: i64) -> bool {
    let version = version.to_string();
    condition.split(',').map(str::trim).any(|tag| {
        let opaque = tag.strip_prefix("W/").unwrap_or(tag);
        tag == "*" || opaque.trim_matches('"') == version
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions() {
        let check = |if_match: Option<&str>, if_none_match: Option<&str>, expected: Precondition| {
            let conditions = Conditions {
                if_match: if_match.map(str::to_owned),
                if_none_match: if_none_match.map(str::to_owned),
            };
            assert_eq!(super::check(&conditions, 7), expected, "{if_match:?} {if_none_match:?}");
        };
        check(None, None, Precondition::Met);
        check(Some("W/\"7\""), None, Precondition::Met);
        check(Some("\"7\""), None, Precondition::Met);
        check(Some("W/\"6\", W/\"7\""), None, Precondition::Met);
        check(Some("*"), None, Precondition::Met);
        check(Some("W/\"6\""), None, Precondition::Failed);
        check(None, Some("W/\"7\""), Precondition::Unchanged);
        check(None, Some("*"), Precondition::Unchanged);
        check(None, Some("W/\"6\""), Precondition::Met);
        check(Some("W/\"6\""), Some("W/\"7\""), Precondition::Failed);
    }
}
