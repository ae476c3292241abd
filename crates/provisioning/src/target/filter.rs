//! Filters that find an account by a matching value (RFC 7644, section 3.4.2.2).

use serde_json::Value as Json;

use super::path::TargetPath;
use super::resource::filter_value;

/// `userName eq "ada@example.com"`. An element of a multi-valued attribute becomes one condition,
/// `emails[type eq "work" and value eq "…"]`: the grammar has no sub-attribute behind a bracket.
/// Texts are escaped as JSON.
pub fn equals(path: &TargetPath, value: &Json) -> String {
    let prefix = path.schema.as_ref().map(|schema| format!("{schema}:")).unwrap_or_default();
    let attribute = &path.attribute;
    match (&path.element, &path.sub) {
        (Some(element), sub) => {
            let sub = sub.as_deref().unwrap_or("value");
            let key = filter_value(element);
            format!("{prefix}{attribute}[{} eq {key} and {sub} eq {value}]", element.attribute)
        }
        (None, Some(sub)) => format!("{prefix}{attribute}.{sub} eq {value}"),
        (None, None) => format!("{prefix}{attribute} eq {value}"),
    }
}
