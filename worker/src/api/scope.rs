//! `…/schema/evaluateScope` (not in Graph): who passes a scoping filter that is not saved yet, and why somebody
//! does or does not. The engine's own evaluation answers; assignments are another question.

use api::error::ErrorDetail;
use inlets::attributes;
use provisioning::schema::{Filter, ObjectDefinition};
use provisioning::scope::{self, CompiledFilter};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use worker::Response;

use super::{describe, people};
use crate::error::ApiError;
use crate::exchange::{Exchange, ok};
use crate::objects::directory::{self, DirectoryCommand, SourceResource};
use crate::objects::job::{self, JobCommand};

/// Clauses of one filter at most: each is evaluated for everybody.
const MAXIMUM_CLAUSES: usize = 100;

/// What is asked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    /// The filter, as an object mapping has it in `scope`.
    filter: Filter,
    /// `User` or `Group`.
    #[serde(default = "user")]
    object_type_name: String,
    /// Whose result is explained.
    #[serde(default)]
    object_id: Option<String>,
}

fn user() -> String {
    "User".to_owned()
}

/// Answers the request.
pub async fn evaluate(mut exchange: Exchange, principal: &str) -> Result<Response, ApiError> {
    let request: Request = exchange.body().await?;
    let groups = match request.object_type_name.as_str() {
        "User" => false,
        "Group" => true,
        other => {
            return Err(ApiError::bad_request(format!("objectTypeName is `{other}`; give User or Group.")));
        }
    };
    let schema: Value = job::call(&exchange.env, principal, &JobCommand::Schema).await?;
    let filter = compile(&request.filter, &source(&schema, &request.object_type_name)?)?;
    let mut answer = json!({ "matched": 0, "total": 0, "truncated": false, "sample": [], "explanation": [] });
    if let Some(id) = request.object_id.filter(|id| !id.is_empty()) {
        let object = object(&exchange, groups, &id, false).await?;
        explain(&filter, &object, &mut answer);
    }
    let (mut matched, mut total, mut sample) = (0_u64, 0_u64, Vec::new());
    let truncated = people::walk(&exchange, groups, false, &mut |resource| {
        total += 1;
        if holds(&filter, &source_attributes(resource)) {
            matched += 1;
            if sample.len() < people::MAXIMUM_SAMPLE {
                sample.push(people::named(resource));
            }
        }
    })
    .await?;
    if let Some(members) = answer.as_object_mut() {
        members.insert("matched".to_owned(), matched.into());
        members.insert("total".to_owned(), total.into());
        members.insert("truncated".to_owned(), truncated.into());
        members.insert("sample".to_owned(), sample.into());
    }
    ok(&answer)
}

/// The source object of this type in a saved schema.
fn source(schema: &Value, object: &str) -> Result<ObjectDefinition, ApiError> {
    let named = |list: Option<&Value>, name: &str| -> Option<Value> {
        list?.as_array()?.iter().find(|one| one.get("name").and_then(Value::as_str) == Some(name)).cloned()
    };
    let rules = schema.get("synchronizationRules").and_then(Value::as_array);
    let found = rules.into_iter().flatten().find_map(|rule| {
        let directory = named(schema.get("directories"), rule.get("sourceDirectoryName")?.as_str()?)?;
        named(directory.get("objects"), object)
    });
    let found = found.ok_or_else(|| ApiError::conflict("The saved mappings have no such source object."))?;
    Ok(crate::json::read(&found.to_string())?)
}

/// The filter ready to run, or 400 with the place of every problem.
fn compile(filter: &Filter, source: &ObjectDefinition) -> Result<CompiledFilter, ApiError> {
    let clauses: usize =
        filter.groups.iter().chain(&filter.input_filter_groups).map(|group| group.clauses.len()).sum();
    if clauses > MAXIMUM_CLAUSES {
        return Err(ApiError::bad_request(format!(
            "The filter has {clauses} clauses; at most {MAXIMUM_CLAUSES} are evaluated."
        )));
    }
    ready(filter, source)
}

/// The same for a filter of any size.
fn ready(filter: &Filter, source: &ObjectDefinition) -> Result<CompiledFilter, ApiError> {
    let mut details = Vec::new();
    let compiled = scope::compile(filter, source, |place, message| {
        let code = "InvalidFilter".to_owned();
        details.push(ErrorDetail { code, message, target: Some(format!("filter.{place}")) });
    });
    match details.first() {
        None => Ok(compiled),
        Some(first) => {
            let message =
                format!("The filter has {} problem(s). The first: {}", details.len(), first.message);
            Err(ApiError::bad_request(message).with_details(details))
        }
    }
}

/// In scope, as far as the filters go.
fn holds(filter: &CompiledFilter, attributes: &Map<String, Value>) -> bool {
    filter.admits(attributes) && filter.passes(attributes)
}

/// Whether a person passes the filters that are saved.
pub(super) fn saved(schema: &Value, attributes: &Map<String, Value>) -> Result<bool, ApiError> {
    let rules = schema.get("synchronizationRules").and_then(Value::as_array);
    let mut mappings =
        rules.into_iter().flatten().filter_map(|rule| rule.get("objectMappings")?.as_array()).flatten();
    let is_users = |mapping: &&Value| mapping.get("sourceObjectName").and_then(Value::as_str) == Some("User");
    let scope = mappings.find(is_users).and_then(|mapping| mapping.get("scope"));
    let Some(scope) = scope.filter(|scope| !scope.is_null()) else { return Ok(true) };
    let filter: Filter = crate::json::read(&scope.to_string())?;
    Ok(holds(&ready(&filter, &source(schema, "User")?)?, attributes))
}

/// The attributes that the engine's filters see.
pub(super) fn source_attributes(resource: &SourceResource) -> Map<String, Value> {
    let mut seen = resource.document.as_ref().map(attributes::to_source).unwrap_or_default();
    seen.insert("objectId".to_owned(), resource.id.as_str().into());
    seen.insert("accountEnabled".to_owned(), people::is_enabled(resource).into());
    seen
}

/// A person or group of the workforce directory; `nested` tells groups of groups as well.
pub(super) async fn object(
    exchange: &Exchange,
    groups: bool,
    id: &str,
    nested: bool,
) -> Result<SourceResource, ApiError> {
    let workforce = describe(exchange).await?.workforce_directory_id;
    let ids = vec![id.to_owned()];
    let command = if groups {
        DirectoryCommand::GroupsByIds { ids }
    } else {
        DirectoryCommand::UsersByIds { ids, nested }
    };
    let found: Vec<SourceResource> = directory::call(&exchange.env, &workforce, &command).await?;
    let kind = if groups { "group" } else { "user" };
    found.into_iter().next().ok_or_else(|| ApiError::not_found(kind, id))
}

/// Adds why the object is in or out.
fn explain(filter: &CompiledFilter, object: &SourceResource, answer: &mut Value) {
    let attributes = source_attributes(object);
    let clauses = scope::explain(filter, &attributes).into_iter().map(|clause| {
        let name =
            if clause.name.is_empty() { format!("{}[{}]", clause.member, clause.group) } else { clause.name };
        json!({
            "group": name,
            "groupIndex": clause.group,
            "isInputFilter": clause.member != "groups",
            "clause": clause.clause,
            "result": clause.result,
            "value": clause.value,
        })
    });
    let clauses: Vec<Value> = clauses.collect();
    if let Some(members) = answer.as_object_mut() {
        members.insert("explanation".to_owned(), clauses.into());
        members.insert("object".to_owned(), people::named(object));
        members.insert("inScope".to_owned(), holds(filter, &attributes).into());
        members.insert("isActive".to_owned(), (!object.deleted && people::is_enabled(object)).into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provisioning::schema::{FilterClause, FilterGroup};

    fn schema() -> Value {
        json!({
            "synchronizationRules": [{"sourceDirectoryName": "People"}],
            "directories": [{"name": "Other"}, {"name": "People", "objects": [
                {"name": "User", "attributes": [{"name": "department", "type": "String"}]}
            ]}]
        })
    }

    fn filter(clauses: usize, attribute: &str) -> Filter {
        let clause = FilterClause {
            operator_name: "IS NULL".to_owned(),
            source_operand_name: attribute.to_owned(),
            ..FilterClause::default()
        };
        let group = FilterGroup { clauses: vec![clause; clauses], ..FilterGroup::default() };
        Filter { groups: vec![group], ..Filter::default() }
    }

    #[test]
    fn the_source_is_that_of_the_saved_schema() {
        let user = source(&schema(), "User").expect("the object");
        assert!(user.attribute("department").is_some());
        assert_eq!(source(&schema(), "Group").expect_err("no groups").status, 409);
        assert_eq!(source(&Value::Null, "User").expect_err("nothing").status, 409);
    }

    #[test]
    fn the_saved_filter_decides_about_people() {
        let attributes = Map::new();
        assert!(saved(&schema(), &attributes).expect("no filter"));
        let with = |operator: &str| {
            let clause = json!({"operatorName": operator, "sourceOperandName": "department"});
            let mut schema = schema();
            *schema.pointer_mut("/synchronizationRules/0").expect("a rule") = json!({
                "sourceDirectoryName": "People",
                "objectMappings": [
                    {"sourceObjectName": "Group", "scope": {"groups": []}},
                    {"sourceObjectName": "User", "scope": {"groups": [{"name": "One", "clauses": [clause]}]}}
                ]
            });
            saved(&schema, &attributes).expect("a filter")
        };
        assert!(with("IS NULL"));
        assert!(!with("IS NOT NULL"));
    }

    #[test]
    fn problems_are_told_with_their_place_and_clauses_are_bounded() {
        let user = source(&schema(), "User").expect("the object");
        assert!(compile(&filter(MAXIMUM_CLAUSES, "department"), &user).is_ok());
        assert!(compile(&filter(MAXIMUM_CLAUSES + 1, "department"), &user).is_err());
        let error = compile(&filter(1, "shoeSize"), &user).expect_err("no such attribute");
        let place = error.details.first().and_then(|detail| detail.target.clone());
        assert_eq!(place.as_deref(), Some("filter.groups[0].clauses[0].sourceOperandName"));
    }

    #[test]
    fn an_explanation_names_groups_values_and_the_verdict() {
        let user = source(&schema(), "User").expect("the object");
        let compiled = compile(&filter(1, "department"), &user).expect("a filter");
        let path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let object = SourceResource {
            document: Some(json!({"userName": "a@x", "active": false, path: {"department": "Sales"}})),
            deleted: false,
            ..SourceResource::gone("1")
        };
        let mut answer = json!({});
        explain(&compiled, &object, &mut answer);
        assert_eq!(
            answer,
            json!({
                "object": {"id": "1", "displayName": "a@x"}, "inScope": false, "isActive": false,
                "explanation": [{"group": "groups[0]", "groupIndex": 0, "isInputFilter": false,
                    "clause": "department IS NULL", "result": false, "value": "Sales"}]
            })
        );
    }
}
