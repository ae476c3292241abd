//! `…/jobs/{jobId}/cycles` with their activity reports, and `…/objectConnections`: links.

use api::collection::Collection;
use serde_json::{Value, json};
use store::job::{LinkPage, LinkRecord};
use store::organization::ServicePrincipalRecord;
use worker::{Method, Response};

use super::{not_allowed, not_found, only};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, download, json_text, no_content, ok};
use crate::job::report;
use crate::objects::job::{self, JobCommand};

/// Answers a request under `cycles`.
pub async fn handle(
    exchange: Exchange,
    principal: &ServicePrincipalRecord,
    rest: &[&str],
) -> Result<Response, ApiError> {
    only(&exchange, &Method::Get)?;
    match rest {
        [] => {
            let limit = exchange.top(50, 1_000)?;
            let skip = exchange.skip_token::<i64>()?.unwrap_or(0);
            let command = JobCommand::Cycles { skip, limit: limit + 1 };
            let mut value: Vec<Value> = job::call(&exchange.env, &principal.id, &command).await?;
            let page = usize::try_from(limit).unwrap_or(0);
            let next_link = (value.len() > page).then(|| exchange.next_link(skip + limit));
            value.truncate(page);
            ok(&Collection { count: None, next_link, value })
        }
        [cycle_id, "report"] => {
            let report = read(&exchange, principal, cycle_id).await?;
            if exchange.parameter("$format") == Some("json") {
                return download(report, "application/json", &format!("activity-report-{cycle_id}.json"));
            }
            json_text(report)
        }
        [cycle_id, "report.csv"] => {
            let report: Value = crate::json::read(&read(&exchange, principal, cycle_id).await?)?;
            download(
                report::to_csv(&report),
                "text/csv; charset=utf-8",
                &format!("activity-report-{cycle_id}.csv"),
            )
        }
        _ => Err(not_found(&exchange)),
    }
}

/// The text of a report.
async fn read(
    exchange: &Exchange,
    principal: &ServicePrincipalRecord,
    cycle_id: &str,
) -> Result<String, ApiError> {
    let command = JobCommand::Report { cycle_id: cycle_id.to_owned() };
    job::call_text(&exchange.env, &principal.id, &command).await
}

/// Answers a request under `objectConnections`.
pub async fn connections(
    exchange: Exchange,
    principal: &ServicePrincipalRecord,
    rest: &[&str],
) -> Result<Response, ApiError> {
    let id = principal.id.as_str();
    match (rest, &exchange.method) {
        ([], Method::Get) => {
            let limit = exchange.top(100, 1_000)?;
            let after = exchange.parameter("$skiptoken").unwrap_or("").to_owned();
            let page: LinkPage = job::call(&exchange.env, id, &JobCommand::Links { after, limit }).await?;
            let next_link = match page.links.last() {
                Some(last) if page.more => Some(exchange.next_link(&last.source_id)),
                _ => None,
            };
            let value = page.links.iter().map(to_api).collect::<Result<Vec<Value>, _>>()?;
            ok(&Collection { count: None, next_link, value })
        }
        ([object_id], Method::Get) => {
            let command = JobCommand::Link { object_id: (*object_id).to_owned() };
            let link: Option<LinkRecord> = job::call(&exchange.env, id, &command).await?;
            let link = link.ok_or_else(|| ApiError::not_found("object connection", object_id))?;
            ok(&to_api(&link)?)
        }
        ([object_id], Method::Delete) => {
            let command = JobCommand::RemoveLink { object_id: (*object_id).to_owned() };
            job::call::<()>(&exchange.env, id, &command).await?;
            let entry =
                audit::Entry::provisioning("Remove object connection", principal).set("objectId", object_id);
            audit::record(&exchange, entry).await?;
            no_content()
        }
        ([] | [_], _) => Err(not_allowed(&exchange)),
        _ => Err(not_found(&exchange)),
    }
}

/// Graph's `objectConnection`.
fn to_api(link: &LinkRecord) -> Result<Value, ApiError> {
    let engine: provisioning::cycle::Link = crate::json::read(&link.document)?;
    Ok(json!({
        "objectId": link.source_id,
        "sourceAnchor": link.source_id,
        "targetAnchor": link.target_id,
        "displayName": engine.display_name,
        "objectTypeName": link.object_type,
    }))
}
