//! Quirks: how a target's dialect of SCIM differs from RFC 7644. Each is a pure translation of the exact request that
//! the engine made; a template names those that its application needs, and an administrator can name others.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::path::TargetPath;
use super::request::{Method, ScimRequest};

/// A set of quirks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quirks(u16);

impl Quirks {
    /// Booleans are written as `"True"` and `"False"`.
    pub const STRING_BOOLEANS: Self = Self(1);
    /// Operations of PATCH are written `Add`, `Replace`, `Remove`.
    pub const CAPITALIZED_OPERATIONS: Self = Self(1 << 1);
    /// A member is removed by its value, `{"op":"remove","path":"members","value":[…]}`, not by a value path.
    pub const MEMBER_REMOVAL_BY_VALUE: Self = Self(1 << 2);
    /// Values are replaced by one operation without a path, whose value is an object.
    pub const PATHLESS_REPLACE: Self = Self(1 << 3);
    /// There is no PATCH: the resource is read, changed, and written back.
    pub const PUT: Self = Self(1 << 4);
    /// The media type is `application/json`.
    pub const JSON_CONTENT_TYPE: Self = Self(1 << 5);
    /// `excludedAttributes` is refused.
    pub const NO_EXCLUDED_ATTRIBUTES: Self = Self(1 << 6);

    /// Every quirk with its name.
    const NAMES: [(&'static str, Self); 7] = [
        ("StringBooleans", Self::STRING_BOOLEANS),
        ("CapitalizedOperations", Self::CAPITALIZED_OPERATIONS),
        ("MemberRemovalByValue", Self::MEMBER_REMOVAL_BY_VALUE),
        ("PathlessReplace", Self::PATHLESS_REPLACE),
        ("Put", Self::PUT),
        ("JsonContentType", Self::JSON_CONTENT_TYPE),
        ("NoExcludedAttributes", Self::NO_EXCLUDED_ATTRIBUTES),
    ];

    /// Reads names, separated by commas.
    ///
    /// # Errors
    /// Which name is none, and which there are.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut quirks = Self::default();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let Some((_, quirk)) = Self::NAMES.iter().find(|(known, _)| *known == name) else {
                let names = Self::NAMES.map(|(name, _)| name).join(", ");
                return Err(format!("`{name}` is no quirk; use {names}"));
            };
            quirks.0 |= quirk.0;
        }
        Ok(quirks)
    }

    /// The names, separated by commas.
    pub fn names(self) -> String {
        let names: Vec<&str> =
            Self::NAMES.iter().filter(|(_, quirk)| self.has(*quirk)).map(|(name, _)| *name).collect();
        names.join(", ")
    }

    /// Whether a quirk is in the set.
    pub fn has(self, quirk: Self) -> bool {
        self.0 & quirk.0 != 0
    }

    /// Media type of requests and answers.
    pub fn media_type(self) -> &'static str {
        if self.has(Self::JSON_CONTENT_TYPE) { "application/json" } else { "application/scim+json" }
    }

    /// The request as the target wants it.
    pub fn translate(self, mut request: ScimRequest) -> ScimRequest {
        if self == Self::default() {
            return request;
        }
        if self.has(Self::NO_EXCLUDED_ATTRIBUTES) {
            request.path_and_query = without_excluded_attributes(&request.path_and_query);
        }
        let Some(body) = &mut request.body else { return request };
        let is_patch = request.method == Method::Patch;
        if is_patch && self.has(Self::PUT) {
            // Operations are applied here and never seen by the target, so they stay exact.
            request.method = Method::Put;
            request.idempotent = true;
        } else if is_patch && let Some(Json::Array(operations)) = body.get_mut("Operations") {
            if self.has(Self::MEMBER_REMOVAL_BY_VALUE) {
                operations.iter_mut().for_each(remove_by_value);
            }
            if self.has(Self::PATHLESS_REPLACE) {
                merge_replaces(operations);
            }
            if self.has(Self::CAPITALIZED_OPERATIONS) {
                operations.iter_mut().for_each(capitalize);
            }
        }
        if self.has(Self::STRING_BOOLEANS) {
            booleans_to_text(body);
        }
        request
    }
}

fn without_excluded_attributes(path_and_query: &str) -> String {
    let Some((path, query)) = path_and_query.split_once('?') else { return path_and_query.to_owned() };
    let left: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("excludedAttributes=")).collect();
    if left.is_empty() { path.to_owned() } else { format!("{path}?{}", left.join("&")) }
}

/// `members[value eq "id"]` becomes `members` with a value.
fn remove_by_value(operation: &mut Json) {
    let path = operation.get("path").and_then(Json::as_str).unwrap_or_default();
    let Some((attribute, id)) = path
        .strip_suffix(']')
        .and_then(|path| path.split_once("[value eq "))
        .and_then(|(attribute, id)| Some((attribute.to_owned(), serde_json::from_str::<Json>(id).ok()?)))
    else {
        return;
    };
    if operation.get("op").and_then(Json::as_str) == Some("remove") {
        *operation = json!({"op": "remove", "path": attribute, "value": [{"value": id}]});
    }
}

/// Merges every `replace` whose path has no filter into one without a path, in the place of the first. A value path
/// cannot be written as an object.
fn merge_replaces(operations: &mut Vec<Json>) {
    let mut value = Map::new();
    let mut first = None;
    let mut left = Vec::new();
    for operation in std::mem::take(operations) {
        let is_replace = operation.get("op").and_then(Json::as_str) == Some("replace");
        let path = operation.get("path").and_then(Json::as_str).and_then(|path| TargetPath::parse(path).ok());
        match (path, operation.get("value")) {
            (Some(path), Some(new)) if is_replace && path.element.is_none() => {
                first.get_or_insert(left.len());
                put(&mut value, &path, new.clone());
            }
            _ => left.push(operation),
        }
    }
    if let Some(first) = first {
        left.insert(first, json!({"op": "replace", "value": value}));
    }
    *operations = left;
}

fn put(value: &mut Map<String, Json>, path: &TargetPath, new: Json) {
    let mut holder = value;
    for name in [path.extension(), path.sub.as_ref().map(|_| path.attribute.as_str())].into_iter().flatten() {
        let Some(inner) = holder.entry(name).or_insert_with(|| json!({})).as_object_mut() else { return };
        holder = inner;
    }
    holder.insert(path.sub.as_ref().unwrap_or(&path.attribute).clone(), new);
}

fn capitalize(operation: &mut Json) {
    let op = match operation.get("op").and_then(Json::as_str) {
        Some("add") => "Add",
        Some("replace") => "Replace",
        Some("remove") => "Remove",
        _ => return,
    };
    if let Some(members) = operation.as_object_mut() {
        members.insert("op".to_owned(), Json::from(op));
    }
}

fn booleans_to_text(value: &mut Json) {
    match value {
        Json::Bool(flag) => *value = Json::from(if *flag { "True" } else { "False" }),
        Json::Array(items) => items.iter_mut().for_each(booleans_to_text),
        Json::Object(members) => members.values_mut().for_each(booleans_to_text),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Purpose;

    fn request(method: Method, path_and_query: &str, body: Option<Json>) -> ScimRequest {
        let path_and_query = path_and_query.to_owned();
        ScimRequest { method, path_and_query, body, purpose: Purpose::Update, idempotent: false }
    }

    /// The operations of a PATCH after the translation.
    fn patched(names: &str, operations: Json) -> Json {
        let body = json!({"schemas": [], "Operations": operations});
        let translated =
            Quirks::parse(names).unwrap().translate(request(Method::Patch, "/Users/1", Some(body)));
        assert_eq!(translated.method, Method::Patch);
        translated.body.unwrap()["Operations"].clone()
    }

    #[test]
    fn names_are_read_and_written() {
        let every = Quirks::NAMES.map(|(name, _)| name).join(", ");
        assert_eq!(Quirks::parse(&every).unwrap().names(), every);
        assert_eq!(Quirks::parse(" ,").unwrap(), Quirks::default());
        assert!(Quirks::parse("Put,Other").unwrap_err().contains("`Other` is no quirk"));
    }

    #[test]
    fn without_a_quirk_requests_stay_exact() {
        let body =
            json!({"Operations": [{"op": "remove", "path": "members[value eq \"1\"]"}], "active": true});
        let exact = request(Method::Patch, "/Groups/1?excludedAttributes=members", Some(body));
        assert_eq!(Quirks::default().translate(exact.clone()), exact);
    }

    #[test]
    fn booleans_become_texts() {
        let operations = json!([{"op": "replace", "path": "active", "value": false}]);
        assert_eq!(patched("StringBooleans", operations)[0]["value"], "False");
        let body = json!({"active": true, "emails": [{"primary": true, "value": "a@x"}], "n": 1});
        let quirks = Quirks::parse("StringBooleans").unwrap();
        let translated = quirks.translate(request(Method::Post, "/Users", Some(body)));
        let expected = json!({"active": "True", "emails": [{"primary": "True", "value": "a@x"}], "n": 1});
        assert_eq!(translated.body, Some(expected));
    }

    #[test]
    fn members_are_removed_by_value() {
        let check = |operation: Json, expected: Json| {
            assert_eq!(patched("MemberRemovalByValue", json!([operation])), json!([expected]));
        };
        check(
            json!({"op": "remove", "path": "members[value eq \"a\\\"1\"]"}),
            json!({"op": "remove", "path": "members", "value": [{"value": "a\"1"}]}),
        );
        let other = json!({"op": "remove", "path": "emails[type eq \"work\"]"});
        check(other.clone(), other);
        let other = json!({"op": "replace", "path": "members[value eq \"1\"]", "value": 1});
        check(other.clone(), other);
    }

    #[test]
    fn replaces_go_into_one_operation_without_a_path() {
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let kept = json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@x"});
        let operations = json!([
            {"op": "remove", "path": "title"},
            {"op": "replace", "path": "active", "value": false},
            kept,
            {"op": "replace", "path": "name.givenName", "value": "Ada"},
            {"op": "replace", "path": "name.familyName", "value": "L"},
            {"op": "replace", "path": format!("{enterprise}:department"), "value": "IT"},
            {"op": "replace", "path": format!("{enterprise}:manager"), "value": {"value": "7"}},
        ]);
        let value = json!({
            "active": false,
            "name": {"givenName": "Ada", "familyName": "L"},
            (enterprise): {"department": "IT", "manager": {"value": "7"}},
        });
        let expected = json!([{"op": "remove", "path": "title"}, {"op": "replace", "value": value}, kept]);
        assert_eq!(patched("PathlessReplace", operations), expected);
        let nothing = json!([{"op": "add", "path": "members", "value": []}]);
        assert_eq!(patched("PathlessReplace", nothing.clone()), nothing);
    }

    #[test]
    fn quirks_work_together_as_entra_writes() {
        let operations = json!([
            {"op": "replace", "path": "active", "value": false},
            {"op": "remove", "path": "members[value eq \"1\"]"},
        ]);
        let expected = json!([
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Remove", "path": "members", "value": [{"value": "1"}]},
        ]);
        assert_eq!(
            patched("StringBooleans, CapitalizedOperations, MemberRemovalByValue", operations),
            expected
        );
    }

    #[test]
    fn put_takes_the_place_of_patch_and_of_nothing_else() {
        let quirks = Quirks::parse("Put, CapitalizedOperations, PathlessReplace").unwrap();
        let body = json!({"Operations": [{"op": "replace", "path": "title", "value": "x"}]});
        let translated = quirks.translate(request(Method::Patch, "/Users/1", Some(body.clone())));
        assert_eq!(
            (translated.method, translated.idempotent, translated.body),
            (Method::Put, true, Some(body))
        );
        assert_eq!(quirks.translate(request(Method::Post, "/Users", Some(json!({})))).method, Method::Post);
    }

    #[test]
    fn excluded_attributes_are_left_out() {
        let check = |path: &str, expected: &str| {
            let quirks = Quirks::parse("NoExcludedAttributes").unwrap();
            assert_eq!(quirks.translate(request(Method::Get, path, None)).path_and_query, expected);
        };
        check("/Groups?excludedAttributes=members&filter=x", "/Groups?filter=x");
        check("/Groups/1?excludedAttributes=members", "/Groups/1");
        check("/Users?filter=x", "/Users?filter=x");
        check("/Users/1", "/Users/1");
    }
}
