//! `…/jobs/{jobId}/plan` and `…/plans`: dry runs (not in Graph).

use api::collection::Collection;
use serde_json::{Value, json};
use store::organization::ServicePrincipalRecord;
use worker::{Method, Response};

use super::{not_allowed, not_found, only};
use crate::error::ApiError;
use crate::exchange::{Exchange, no_content, ok};
use crate::job::plan::DRIFT;
use crate::objects::job::{self, JobCommand, PlanPage};

/// Actions that accidental-deletion prevention holds back.
const DELETIONS: [&str; 3] = ["delete", "disable", "stageddelete"];

/// Makes a plan: 201 when it is done, 202 when it goes on in the background.
pub async fn create(exchange: Exchange, principal: &ServicePrincipalRecord) -> Result<Response, ApiError> {
    only(&exchange, &Method::Post)?;
    let plan: Value = job::call(&exchange.env, &principal.id, &JobCommand::CreatePlan).await?;
    begun(&exchange, &plan, "plans")
}

/// The answer to what was begun: 201 when it is done, 202 when it goes on in the background.
pub(super) fn begun(exchange: &Exchange, plan: &Value, collection: &str) -> Result<Response, ApiError> {
    let text = |name: &str| plan.get(name).and_then(Value::as_str).unwrap_or_default();
    let status = if text("state") == "running" { 202 } else { 201 };
    let path: Vec<&str> = exchange.segments.iter().map(String::as_str).collect();
    let parent = path.split_last().map(|(_, parent)| parent.join("/")).unwrap_or_default();
    let response = ok(plan)?.with_status(status);
    let headers = response.headers().clone();
    headers.set("location", &format!("{}/api/v1.0/{parent}/{collection}/{}", exchange.origin, text("id")))?;
    Ok(response.with_headers(headers))
}

/// Answers a request under `plans`.
pub async fn handle(
    exchange: Exchange,
    principal: &ServicePrincipalRecord,
    rest: &[&str],
) -> Result<Response, ApiError> {
    let id = principal.id.as_str();
    match (rest, &exchange.method) {
        ([], Method::Get) => {
            let mut plans: Vec<Value> = job::call(&exchange.env, id, &JobCommand::Plans).await?;
            plans.retain(|plan| !is_drift_check(plan));
            ok(&Collection::of(plans))
        }
        ([plan_id], Method::Get) => {
            let limit = exchange.top(100, 1_000)?;
            let after = exchange.skip_token::<i64>()?.unwrap_or(0);
            let command = JobCommand::Plan { id: (*plan_id).to_owned(), after, limit };
            let page: PlanPage = job::call(&exchange.env, id, &command).await?;
            if is_drift_check(&page.plan) {
                return Err(ApiError::not_found("plan", plan_id));
            }
            let next_link = page.next.map(|next| exchange.next_link(next));
            ok(&document(page, next_link))
        }
        ([plan_id], Method::Delete) => {
            let command = JobCommand::RemovePlan { id: (*plan_id).to_owned() };
            if job::call::<bool>(&exchange.env, id, &command).await? {
                no_content()
            } else {
                Err(ApiError::not_found("plan", plan_id))
            }
        }
        ([] | [_], _) => Err(not_allowed(&exchange)),
        _ => Err(not_found(&exchange)),
    }
}

/// Whether a plan is a drift check, which is shown elsewhere.
pub(super) fn is_drift_check(plan: &Value) -> bool {
    plan.get("kind").and_then(Value::as_str) == Some(DRIFT)
}

/// The plan with its items as a list beside its own members.
fn document(page: PlanPage, next_link: Option<String>) -> Value {
    let held = page.plan.get("deletionsHeld").and_then(Value::as_u64).unwrap_or(0) > 0;
    let mut plan = page.plan;
    let mut items = page.items;
    for item in items.iter_mut().filter(|_| held) {
        let action = item.get("action").and_then(Value::as_str).unwrap_or_default();
        if DELETIONS.contains(&action)
            && let Some(item) = item.as_object_mut()
        {
            item.insert("held".to_owned(), Value::Bool(true));
        }
    }
    if let Some(members) = plan.as_object_mut() {
        members.insert("value".to_owned(), Value::Array(items));
        if let Some(next_link) = next_link {
            members.insert("@odata.nextLink".to_owned(), json!(next_link));
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deletions_of_a_plan_beyond_the_threshold_are_held() {
        let page = |held: u64| PlanPage {
            plan: json!({"id": "p", "deletionsHeld": held}),
            items: vec![
                json!({"action": "disable", "held": false}),
                json!({"action": "create", "held": false}),
            ],
            next: Some(7),
        };
        let flags = |held: u64| {
            let plan = document(page(held), Some("next".to_owned()));
            let items = plan.get("value").and_then(Value::as_array).cloned().unwrap_or_default();
            items.iter().map(|item| item.get("held") == Some(&json!(true))).collect::<Vec<_>>()
        };
        assert_eq!(flags(2), [true, false]);
        assert_eq!(flags(0), [false, false]);
        let plan = document(page(0), Some("next".to_owned()));
        assert_eq!(plan.get("@odata.nextLink"), Some(&json!("next")));
    }
}
