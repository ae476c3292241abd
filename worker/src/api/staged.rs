//! `…/jobs/{jobId}/stagedDeletions`: what accidental-deletion prevention holds, to be approved or rejected.

use api::collection::Collection;
use provisioning::cycle::{Decision, StagedDeletion};
use serde_json::{Value, json};
use store::job::StagedRecord;
use store::organization::ServicePrincipalRecord;
use worker::{Method, Response};

use super::{not_found, only};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, ok};
use crate::objects::job::{self, JobCommand};
use crate::platform::clock;

/// Ids of one request at most.
const MAXIMUM_IDS: usize = 1_000;

/// Answers a request under `stagedDeletions`.
pub async fn handle(
    exchange: Exchange,
    principal: &ServicePrincipalRecord,
    rest: &[&str],
) -> Result<Response, ApiError> {
    match rest {
        [] => list(exchange, principal).await,
        ["approve"] => decide(exchange, principal, true).await,
        ["reject"] => decide(exchange, principal, false).await,
        _ => Err(not_found(&exchange)),
    }
}

async fn list(exchange: Exchange, principal: &ServicePrincipalRecord) -> Result<Response, ApiError> {
    only(&exchange, &Method::Get)?;
    let limit = exchange.top(100, 1_000)?;
    let command = JobCommand::StagedDeletions {
        decision: exchange.parameter("$filter").map(decision).transpose()?,
        after: exchange.parameter("$skiptoken").unwrap_or("").to_owned(),
        limit: limit + 1,
        count: exchange.flag("$count"),
    };
    let (mut records, count): (Vec<StagedRecord>, Option<i64>) =
        job::call(&exchange.env, &principal.id, &command).await?;
    let page = usize::try_from(limit).unwrap_or(0);
    let more = records.len() > page;
    records.truncate(page);
    let next_link = records.last().filter(|_| more).map(|last| exchange.next_link(&last.source_id));
    let value = records.iter().map(to_api).collect::<Result<Vec<Value>, _>>()?;
    ok(&Collection { count: count.and_then(|count| u64::try_from(count).ok()), next_link, value })
}

/// `status eq 'held'`, `'approved'` or `'rejected'`.
fn decision(filter: &str) -> Result<String, ApiError> {
    filter
        .trim()
        .strip_prefix("status eq '")
        .and_then(|rest| rest.strip_suffix('\''))
        .and_then(Decision::parse)
        .map(|decision| decision.as_str().to_owned())
        .ok_or_else(|| {
            ApiError::bad_request(format!(
                "$filter is `{filter}`; use status eq 'held', 'approved' or 'rejected'."
            ))
        })
}

fn to_api(record: &StagedRecord) -> Result<Value, ApiError> {
    let staged: StagedDeletion = crate::json::read(&record.document)?;
    let identity = |id: &str| {
        json!({
            "id": id, "displayName": staged.display_name, "identityType": record.object_type,
        })
    };
    Ok(json!({
        "id": record.source_id,
        "displayName": staged.display_name,
        "action": if staged.delete { "delete" } else { "disable" },
        "status": record.decision,
        "heldDateTime": clock::rfc3339(staged.since),
        "sourceIdentity": identity(&record.source_id),
        "targetIdentity": identity(staged.target_id.as_str()),
    }))
}

async fn decide(
    mut exchange: Exchange,
    principal: &ServicePrincipalRecord,
    approve: bool,
) -> Result<Response, ApiError> {
    only(&exchange, &Method::Post)?;
    let body: Value = exchange.body().await?;
    let (ids, count) = chosen(&body)?;
    let (activity, names) = match &ids {
        None => ("all", String::new()),
        Some(ids) => ("ids", ids.join(", ")),
    };
    let command = JobCommand::DecideStaged { approve, ids, count };
    let answer: Value = job::call(&exchange.env, &principal.id, &command).await?;
    let verb = if approve { "Approve held deletions" } else { "Reject held deletions" };
    let entry = audit::Entry::provisioning(verb, principal)
        .set(activity, if names.is_empty() { "true" } else { &names })
        .set("decided", &answer.get("decided").map(Value::to_string).unwrap_or_default());
    audit::record(&exchange, entry).await?;
    ok(&answer)
}

/// The ids of a request, or `None` for all, and how many all must be.
fn chosen(body: &Value) -> Result<(Option<Vec<String>>, Option<u64>), ApiError> {
    let wrong = || {
        ApiError::bad_request(format!(
            "Give {{\"ids\":[\"…\"]}} with 1 to {MAXIMUM_IDS} ids of held deletions, or {{\"all\":true}}, \
             with \"count\" if they must be so many."
        ))
    };
    match (body.get("ids"), body.get("all"), body.get("count")) {
        (None, Some(Value::Bool(true)), None | Some(Value::Null)) => Ok((None, None)),
        (None, Some(Value::Bool(true)), Some(count)) => {
            count.as_u64().map(|count| (None, Some(count))).ok_or_else(wrong)
        }
        (Some(Value::Array(ids)), None, None) if (1..=MAXIMUM_IDS).contains(&ids.len()) => {
            let mut ids: Vec<String> = ids
                .iter()
                .map(|id| id.as_str().map(str::to_owned).ok_or_else(wrong))
                .collect::<Result<_, _>>()?;
            ids.sort_unstable();
            ids.dedup();
            Ok((Some(ids), None))
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_some_or_all() {
        let check = |body: Value, expected: Option<(Option<Vec<&str>>, Option<u64>)>| {
            let found = chosen(&body).ok();
            let expected = expected.map(|(ids, count)| {
                (ids.map(|ids| ids.into_iter().map(str::to_owned).collect::<Vec<_>>()), count)
            });
            assert_eq!(found, expected, "{body}");
        };
        check(json!({"all": true}), Some((None, None)));
        check(json!({"all": true, "count": null}), Some((None, None)));
        check(json!({"all": true, "count": 4}), Some((None, Some(4))));
        check(json!({"ids": ["b", "a", "b"]}), Some((Some(vec!["a", "b"]), None)));
        check(json!({"all": true, "count": -1}), None);
        check(json!({"all": true, "count": "4"}), None);
        check(json!({"ids": ["a"], "count": 1}), None);
        check(json!({}), None);
        check(json!({"all": false}), None);
        check(json!({"ids": []}), None);
        check(json!({"ids": [1]}), None);
        check(json!({"ids": ["a"], "all": true}), None);
        check(json!({"ids": vec!["a"; MAXIMUM_IDS + 1]}), None);
    }

    #[test]
    fn the_list_is_filtered_by_status() {
        let check = |filter: &str, expected: Option<&str>| {
            assert_eq!(decision(filter).ok().as_deref(), expected, "{filter}");
        };
        check("status eq 'held'", Some("held"));
        check("status eq 'rejected'", Some("rejected"));
        check("status eq 'other'", None);
        check("id eq 'x'", None);
    }
}
