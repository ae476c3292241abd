//! Resources as rows: reading them, and the columns that are extracted from the document.

use scim::filter::fold;
use scim::repository::RepositoryError;
use scim::{Resource, ResourceType, urn};
use serde_json::{Map, Value as Json};

use crate::sql::{Row, SqlError, SqlErrorKind, Value};

/// What [`resource`] reads of the table `resources AS r`.
pub(super) const COLUMNS: &str =
    "r.seq, r.id, r.type, r.document, r.version, r.created, r.modified, r.deleted";

/// A row of `resources`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stored {
    pub(super) seq: i64,
    pub(super) deleted_ms: Option<i64>,
    pub(super) resource: Resource,
}

/// Reads a row with [`COLUMNS`].
pub(super) fn stored(row: &Row) -> Result<Stored, SqlError> {
    let id = row.text("id")?;
    let kind = resource_type(row.text("type")?)?;
    let attributes: Map<String, Json> = serde_json::from_str(row.text("document")?)
        .map_err(|error| SqlError::other(format!("the document of {id} is not JSON: {error}")))?;
    let resource = Resource {
        kind,
        id: id.to_owned(),
        version: row.integer("version")?,
        created_ms: row.integer("created")?,
        modified_ms: row.integer("modified")?,
        attributes,
    };
    Ok(Stored { seq: row.integer("seq")?, deleted_ms: row.optional_integer("deleted")?, resource })
}

/// The type with this name.
pub(super) fn resource_type(name: &str) -> Result<ResourceType, SqlError> {
    ResourceType::from_name(name).ok_or_else(|| SqlError::other(format!("{name} is no resource type")))
}

/// How many bytes the document of a resource may have. The platform keeps rows of 2 MB, of which the extracted
/// columns need some; `wrangler dev` keeps larger ones, so the limit is kept here.
pub const MAX_DOCUMENT_BYTES: usize = 1_900_000;

/// A document as it is kept, or `TooLarge`.
pub(super) fn document(attributes: &Map<String, Json>) -> Result<String, RepositoryError> {
    let text = serde_json::to_string(attributes)
        .map_err(|error| RepositoryError::Internal(format!("a document cannot be written: {error}")))?;
    if text.len() > MAX_DOCUMENT_BYTES { Err(RepositoryError::TooLarge) } else { Ok(text) }
}

/// The extracted columns of a resource, by name. What is empty is null: for filters and orders it is not there.
pub(super) fn extracted(resource: &Resource) -> [(&'static str, Value); 7] {
    let attributes = &resource.attributes;
    let filled = |value: &'_ Json| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let text = |name: &str| attributes.get(name).and_then(filled);
    let enterprise =
        |name: &str| attributes.get(urn::ENTERPRISE_USER).and_then(|extension| extension.get(name));
    let manager = enterprise("manager").and_then(|manager| manager.get("value")?.as_str());
    [
        ("display", Value::from(resource.display())),
        ("user_name_key", Value::from(text("userName").as_deref().map(fold))),
        ("display_name_key", Value::from(text("displayName").as_deref().map(fold))),
        ("external_id", Value::from(text("externalId"))),
        (
            "employee_number_key",
            Value::from(enterprise("employeeNumber").and_then(filled).as_deref().map(fold)),
        ),
        ("manager_id", Value::from(manager)),
        ("active", Value::from(attributes.get("active").and_then(Json::as_bool))),
    ]
}

/// The folded e-mail addresses of a resource, each once.
pub(super) fn email_keys(attributes: &Map<String, Json>) -> Vec<String> {
    let emails = attributes.get("emails").and_then(Json::as_array).into_iter().flatten();
    let mut keys: Vec<String> = emails.filter_map(|email| email.get("value")?.as_str()).map(fold).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// A list of texts as one parameter, for `json_each`: one statement for any number, within the limit on the
/// size of a value.
pub(super) fn json_list<T: AsRef<str>>(items: &[T]) -> Value {
    Value::Text(items.iter().map(|item| Json::from(item.as_ref())).collect::<Json>().to_string())
}

/// A list of numbers as one parameter, for `json_each`.
pub(super) fn json_numbers(items: &[i64]) -> Value {
    Value::Text(items.iter().copied().map(Json::from).collect::<Json>().to_string())
}

/// What a failed statement means to a client.
pub(super) fn refusal(error: SqlError, resource: &Resource) -> RepositoryError {
    match error.kind {
        SqlErrorKind::Unique(_) if error.is_unique_violation_of("user_name_key") => {
            let value = resource.attributes.get("userName").and_then(Json::as_str).unwrap_or_default();
            RepositoryError::Conflict { attribute: "userName".to_owned(), value: value.to_owned() }
        }
        _ => failure(error),
    }
}

/// A failed statement that is nobody's fault but ours, or the size's.
pub(super) fn failure(error: SqlError) -> RepositoryError {
    match error.kind {
        SqlErrorKind::TooLarge => RepositoryError::TooLarge,
        SqlErrorKind::Unique(_) | SqlErrorKind::Other => RepositoryError::Internal(error.message),
    }
}
