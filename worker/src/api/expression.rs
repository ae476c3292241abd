//! `…/schema/parseExpression`, for a person (`objectId`, not in Graph) with the source attributes that the engine
//! sees: all of the directory's, and those that it computes from assignments and the saved filters.

use api::job::{Secrets, secret_keys};
use provisioning::expression::{ParseExpressionRequest, TestProperty, parse_expression};
use serde_json::{Map, Value};
use store::organization::{AssignmentRecord, ServicePrincipalRecord};
use worker::Response;

use super::reach::{self, Roles};
use super::scope;
use crate::error::ApiError;
use crate::exchange::{Exchange, ok};
use crate::job::driver::PlatformRandom;
use crate::objects::directory::SourceResource;
use crate::objects::job::{self, JobCommand};
use crate::platform::clock;

/// Answers the request.
pub async fn parse(
    mut exchange: Exchange,
    application: &ServicePrincipalRecord,
) -> Result<Response, ApiError> {
    let mut request: ParseExpressionRequest = exchange.body().await?;
    if let Some(id) = request.object_id.take().filter(|id| !id.is_empty()) {
        let seen = of_person(&exchange, application, &id).await?;
        let mut input = request.test_input_object.take().unwrap_or_default();
        // What the request itself says comes last, and counts.
        let properties = seen.into_iter().map(|(key, value)| TestProperty { key, value });
        input.properties = properties.chain(input.properties).collect();
        request.test_input_object = Some(input);
    }
    ok(&parse_expression(&request, clock::now_ms(), &PlatformRandom, ""))
}

/// The source attributes of a person.
async fn of_person(
    exchange: &Exchange,
    application: &ServicePrincipalRecord,
    id: &str,
) -> Result<Map<String, Value>, ApiError> {
    let nested = reach::nested(exchange, application).await?;
    let person = scope::object(exchange, false, id, nested).await?;
    let (records, _cut) = reach::assignments(exchange, application).await?;
    let secrets: Secrets = job::call(&exchange.env, &application.id, &JobCommand::Secrets).await?;
    let everybody = secrets
        .value
        .iter()
        .any(|entry| entry.key == secret_keys::SYNC_ALL && entry.value.eq_ignore_ascii_case("true"));
    let schema: Value = job::call(&exchange.env, &application.id, &JobCommand::Schema).await?;
    let roles = Roles::of(application);
    seen(&person, &records, &roles, everybody, |attributes| scope::saved(&schema, attributes))
}

/// What the engine sees of a person: in scope is who is enabled, not in the recycle bin, assigned with a role that
/// provisions (unless `everybody` is) and let through by the filters.
fn seen(
    person: &SourceResource,
    records: &[AssignmentRecord],
    roles: &Roles,
    everybody: bool,
    passes: impl Fn(&Map<String, Value>) -> Result<bool, ApiError>,
) -> Result<Map<String, Value>, ApiError> {
    let mut attributes = scope::source_attributes(person);
    let held = |record: &&AssignmentRecord| {
        record.principal_id == person.id || person.group_ids.contains(&record.principal_id)
    };
    let held: Vec<&str> = records.iter().filter(held).map(|record| record.app_role_id.as_str()).collect();
    let values = roles.values(&held);
    if !values.is_empty() {
        attributes.insert("appRoleAssignments".to_owned(), Value::Array(values));
    }
    let entitled = everybody || held.iter().any(|role| roles.provision(role));
    let active = !person.deleted && attributes.get("accountEnabled") != Some(&Value::Bool(false));
    let in_scope = active && entitled && passes(&attributes)?;
    attributes.insert("IsSoftDeleted".to_owned(), Value::Bool(!in_scope));
    Ok(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn assignment(principal: &str, role: &str) -> AssignmentRecord {
        super::super::reach::assignment("", principal, role)
    }

    #[test]
    fn a_person_is_seen_as_the_engine_does() {
        let extension = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let roles = Roles::named(&[("user", Some("User"), true), ("off", None, false)]);
        let person = |active: bool, deleted: bool| SourceResource {
            document: Some(json!({
                "userName": "a@x", "active": active, extension: {"manager": {"value": "boss"}},
                "phoneNumbers": [{"type": "mobile", "value": "+1"}],
            })),
            deleted,
            group_ids: vec!["all".to_owned()],
            ..SourceResource::gone("1")
        };
        let check = |person: &SourceResource, records: &[AssignmentRecord], everybody, passes, gone: bool| {
            let found = seen(person, records, &roles, everybody, |_| Ok(passes)).expect("attributes");
            assert_eq!(found.get("IsSoftDeleted"), Some(&Value::Bool(gone)));
            found
        };
        let by_group = [assignment("all", "USER"), assignment("other", "off")];
        let found = check(&person(true, false), &by_group, false, true, false);
        let expected = json!({
            "objectId": "1", "userPrincipalName": "a@x", "accountEnabled": true, "mobile": "+1", "manager": "boss",
            "appRoleAssignments": [{"id": "user", "value": "User", "displayName": "user"}], "IsSoftDeleted": false,
        });
        assert_eq!(Value::Object(found), expected);
        let found = check(&person(false, false), &by_group, false, true, true);
        assert_eq!(found.get("accountEnabled"), Some(&Value::Bool(false)));
        check(&person(true, true), &by_group, false, true, true);
        check(&person(true, false), &by_group, false, false, true);
        check(&person(true, false), &[assignment("1", "off")], false, true, true);
        let found = check(&person(true, false), &[], false, true, true);
        assert_eq!(found.get("appRoleAssignments"), None);
        check(&person(true, false), &[], true, true, false);
    }
}
