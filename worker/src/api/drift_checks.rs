//! `…/jobs/{jobId}/driftChecks`: what somebody else changed in the application (not in Graph). The job keeps a drift
//! check as a plan; here it gets its own words.

use api::collection::Collection;
use serde_json::{Map, Value, json};
use store::organization::ServicePrincipalRecord;
use worker::{Method, Response};

use super::{not_allowed, not_found, only, plans};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, no_content, ok};
use crate::objects::job::{self, JobCommand, PlanPage};

/// Whether a repair takes away the members that somebody added to groups.
const REMOVE: &str = "removeAddedMembers";

/// Answers a request under `driftChecks`.
pub async fn handle(
    mut exchange: Exchange,
    principal: &ServicePrincipalRecord,
    rest: &[&str],
) -> Result<Response, ApiError> {
    let id = principal.id.as_str();
    match (rest, &exchange.method) {
        ([], Method::Post) => {
            let plan: Value = job::call(&exchange.env, id, &JobCommand::CreateDriftCheck).await?;
            let check = document(PlanPage { plan, items: Vec::new(), next: None }, None);
            Ok(plans::begun(&exchange, &check, "driftChecks")?.with_status(202))
        }
        ([], Method::Get) => {
            let checks: Vec<Value> = job::call(&exchange.env, id, &JobCommand::Plans).await?;
            let checks = checks.into_iter().filter(plans::is_drift_check).map(summary);
            ok(&Collection::of(checks.collect::<Vec<_>>()))
        }
        ([check_id], Method::Get) => {
            let limit = exchange.top(100, 1_000)?;
            let after = exchange.skip_token::<i64>()?.unwrap_or(0);
            let page = find(&exchange, id, check_id, after, limit).await?;
            let next_link = page.next.map(|next| exchange.next_link(next));
            ok(&document(page, next_link))
        }
        ([check_id, "repair"], _) => {
            only(&exchange, &Method::Post)?;
            find(&exchange, id, check_id, 0, 1).await?;
            let remove_members = removes(&exchange.optional_body().await?)?;
            let command = JobCommand::RepairDrift { id: (*check_id).to_owned(), remove_members };
            job::call::<()>(&exchange.env, id, &command).await?;
            let entry = audit::Entry::provisioning("Repair drift", principal)
                .set("driftCheck", check_id)
                .set(REMOVE, &remove_members.to_string());
            audit::record(&exchange, entry).await?;
            no_content()
        }
        ([] | [_], _) => Err(not_allowed(&exchange)),
        _ => Err(not_found(&exchange)),
    }
}

/// Whether members that somebody added are to be taken away.
fn removes(body: &Value) -> Result<bool, ApiError> {
    match body.get(REMOVE) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(remove)) => Ok(*remove),
        Some(_) => Err(ApiError::bad_request(format!("{REMOVE} is true or false."))),
    }
}

async fn find(
    exchange: &Exchange,
    id: &str,
    check_id: &str,
    after: i64,
    limit: i64,
) -> Result<PlanPage, ApiError> {
    let command = JobCommand::Plan { id: check_id.to_owned(), after, limit };
    let unknown = || ApiError::not_found("driftCheck", check_id);
    let page: PlanPage = job::call(&exchange.env, id, &command)
        .await
        .map_err(|error: ApiError| if error.status == 404 { unknown() } else { error })?;
    if plans::is_drift_check(&page.plan) { Ok(page) } else { Err(unknown()) }
}

/// A drift check without its items.
fn summary(mut plan: Value) -> Value {
    let mut take = |name: &str| plan.get_mut(name).map(Value::take).unwrap_or_default();
    let mut counts = take("counts");
    let mut check = Map::new();
    for name in ["id", "state", "createdDateTime", "endedDateTime", "expirationDateTime", "error"] {
        check.insert(name.to_owned(), take(name));
    }
    let checked = counts.get_mut("imported").map(Value::take).unwrap_or_default();
    check.insert("checked".to_owned(), checked);
    Value::Object(check)
}

fn document(page: PlanPage, next_link: Option<String>) -> Value {
    let mut check = summary(page.plan);
    if let Some(members) = check.as_object_mut() {
        members.insert("value".to_owned(), page.items.into_iter().filter_map(item).collect());
        if let Some(next_link) = next_link {
            members.insert("@odata.nextLink".to_owned(), json!(next_link));
        }
    }
    check
}

/// What drifted of one account: that it is gone, or which attributes are not as the mappings would write them; of a
/// group also, as an item of its own, which members came and went. One that could not be read is told with the error.
fn item(mut item: Value) -> Option<Value> {
    let text =
        |item: &Value, name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let steps = item.get("provisioningSteps").and_then(Value::as_array);
    let is_missing = steps
        .into_iter()
        .flatten()
        .any(|step| step.pointer("/details/ErrorCode").and_then(Value::as_str) == Some("InvalidAnchor"));
    let attributes: Vec<Value> = item
        .get("modifiedProperties")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|change| {
            json!({"attribute": change.get("displayName"), "wanted": change.get("newValue"), "found": change.get("oldValue")})
        })
        .collect();
    let members = item.get_mut("members").map(Value::take).filter(Value::is_object);
    let kind = match text(&item, "status").as_str() {
        _ if is_missing => "missing",
        "failure" => "failed",
        _ if attributes.is_empty() && members.is_none() => return None,
        _ => "changed",
    };
    let attributes = if kind == "changed" { attributes } else { Vec::new() };
    let mut told = json!({"kind": kind, "attributes": attributes});
    if let Some(told) = told.as_object_mut() {
        for name in ["objectType", "sourceId", "sourceDisplayName", "targetId", "errorInformation"] {
            let value = item.get_mut(name).map(Value::take).unwrap_or_default();
            told.insert(name.to_owned(), value);
        }
        if let Some(members) = members {
            told.insert("members".to_owned(), members);
        }
    }
    Some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_tell_what_drifted() {
        let check = |status: &str, steps: Value, properties: Value, expected: Option<Value>| {
            let told = item(json!({
                "action": "update", "status": status, "objectType": "User", "sourceId": "s", "sourceDisplayName": "Ada",
                "targetId": "t", "errorInformation": null, "provisioningSteps": steps, "modifiedProperties": properties,
            }));
            let told =
                told.map(|told| json!([told.get("kind"), told.get("attributes"), told.get("sourceId")]));
            assert_eq!(told, expected);
        };
        let change = json!([{"displayName": "title", "oldValue": "Boss", "newValue": "Clerk"}]);
        let attributes = json!([{"attribute": "title", "wanted": "Clerk", "found": "Boss"}]);
        check("success", json!([]), change.clone(), Some(json!(["changed", attributes, "s"])));
        let gone = json!([{"details": {"ErrorCode": "InvalidAnchor"}}]);
        check("success", gone.clone(), change, Some(json!(["missing", [], "s"])));
        check("skipped", gone, json!([]), Some(json!(["missing", [], "s"])));
        check("failure", json!([]), json!([]), Some(json!(["failed", [], "s"])));
        check("skipped", json!([]), json!([]), None);
    }

    #[test]
    fn members_are_told_as_an_item_of_their_own() {
        let members = json!({"added": {"count": 7, "names": ["Ada"]}, "removed": {"count": 0, "names": []}});
        let told = item(json!({"status": "success", "objectType": "Group", "members": members}));
        let told = told.map(|told| json!([told.get("kind"), told.get("attributes"), told.get("members")]));
        assert_eq!(told, Some(json!(["changed", [], members])));
        let failed = item(json!({"status": "failure", "members": null})).unwrap_or_default();
        assert_eq!((failed.get("kind"), failed.get("members")), (Some(&json!("failed")), None));
    }

    #[test]
    fn a_repair_says_whether_members_are_taken_away() {
        let check = |body: Value, expected: Option<bool>| assert_eq!(removes(&body).ok(), expected, "{body}");
        check(Value::Null, Some(false));
        check(json!({}), Some(false));
        check(json!({"removeAddedMembers": true}), Some(true));
        check(json!({"removeAddedMembers": "true"}), None);
    }

    #[test]
    fn summaries_have_their_own_words() {
        let plan = json!({"id": "d", "kind": "driftCheck", "state": "finished", "counts": {"imported": 7}});
        let found = summary(plan);
        assert_eq!((found.get("checked"), found.get("state")), (Some(&json!(7)), Some(&json!("finished"))));
        assert_eq!(found.get("kind"), None);
    }
}
