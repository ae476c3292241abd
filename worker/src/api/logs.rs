//! `/auditLogs/provisioning`: the provisioning log, of one application or of all.

use api::collection::Collection;
use provisioning::log::ProvisioningObjectSummary;
use store::job::{LogFilter, LogPage};
use store::organization::ServicePrincipalRecord;
use worker::{Method, Response};

use super::filter::{self, Selection};
use super::{only, organization};
use crate::error::ApiError;
use crate::exchange::{Exchange, download, ok};
use crate::job::report;
use crate::objects::job::{self, JobCommand};
use crate::objects::organization::OrganizationCommand;

/// Entries a page, unless `$top` says otherwise.
const PAGE: i64 = 100;
/// Entries a page at most.
const MAXIMUM_PAGE: i64 = 1_000;
/// Entries of a download at most: what fits the Worker's memory.
const MAXIMUM_DOWNLOAD: usize = 20_000;

/// The log, newest first.
pub async fn list(exchange: Exchange) -> Result<Response, ApiError> {
    only(&exchange, &Method::Get)?;
    let selection = match exchange.parameter("$filter") {
        Some(text) => filter::parse(text)?,
        None => Selection::default(),
    };
    let applications = applications(&exchange, &selection).await?;
    match exchange.parameter("$format") {
        Some(format) => export(&exchange, &applications, &selection.entries, format).await,
        None => page(&exchange, &applications, &selection.entries).await,
    }
}

/// The ids of the applications that a filter selects. A job's id ends with its application's.
async fn applications(exchange: &Exchange, selection: &Selection) -> Result<Vec<String>, ApiError> {
    if let Some(id) = &selection.service_principal_id {
        return Ok(vec![id.clone()]);
    }
    let all: Vec<ServicePrincipalRecord> =
        organization(exchange, &OrganizationCommand::ServicePrincipals).await?;
    Ok(all
        .into_iter()
        .map(|principal| principal.id)
        .filter(|id| selection.job_id.as_ref().is_none_or(|job_id| job_id.ends_with(id.as_str())))
        .collect())
}

async fn read(
    exchange: &Exchange,
    application: &str,
    filter: &LogFilter,
    before: Option<i64>,
    limit: i64,
) -> Result<LogPage, ApiError> {
    let command = JobCommand::Logs { filter: filter.clone(), before, limit };
    job::call(&exchange.env, application, &command).await
}

/// One application is paged by place. Several are merged by time: the newest page of each, without further
/// pages, which a filter on one application gives.
async fn page(
    exchange: &Exchange,
    applications: &[String],
    filter: &LogFilter,
) -> Result<Response, ApiError> {
    let limit = exchange.top(PAGE, MAXIMUM_PAGE)?;
    let before = exchange.skip_token::<i64>()?;
    let mut count = None;
    if exchange.flag("$count") {
        let mut total = 0_i64;
        for application in applications {
            let command = JobCommand::LogCount { filter: filter.clone() };
            total += job::call::<i64>(&exchange.env, application, &command).await?;
        }
        count = u64::try_from(total).ok();
    }
    let mut entries = Vec::new();
    let mut more = false;
    for application in applications {
        let page = read(exchange, application, filter, before, limit).await?;
        more |= page.more;
        entries.extend(page.entries);
    }
    entries.sort_by(|one, other| other.at.cmp(&one.at).then(other.sequence.cmp(&one.sequence)));
    entries.truncate(usize::try_from(limit).unwrap_or(0));
    let next_link = match entries.last() {
        Some(last) if more && applications.len() == 1 => Some(exchange.next_link(last.sequence)),
        _ => None,
    };
    let value = entries
        .iter()
        .map(|entry| serde_json::from_str(&entry.document))
        .collect::<Result<Vec<ProvisioningObjectSummary>, _>>()?;
    ok(&Collection { count, next_link, value })
}

async fn export(
    exchange: &Exchange,
    applications: &[String],
    filter: &LogFilter,
    format: &str,
) -> Result<Response, ApiError> {
    if !matches!(format, "csv" | "json") {
        return Err(ApiError::bad_request(format!("$format is `{format}`; use csv or json.")));
    }
    let mut entries: Vec<ProvisioningObjectSummary> = Vec::new();
    for application in applications {
        let mut before = None;
        loop {
            let page = read(exchange, application, filter, before, MAXIMUM_PAGE).await?;
            before = page.entries.last().map(|entry| entry.sequence);
            for entry in &page.entries {
                entries.push(serde_json::from_str(&entry.document)?);
            }
            if !page.more {
                break;
            }
            if entries.len() >= MAXIMUM_DOWNLOAD {
                return Err(ApiError::bad_request(format!(
                    "The filter selects more than {MAXIMUM_DOWNLOAD} entries; narrow it, by cycle or by time, and download in parts."
                )));
            }
        }
    }
    if format == "json" {
        let text = serde_json::to_string_pretty(&entries)?;
        download(text, "application/json", "provisioning-log.json")
    } else {
        download(report::log_to_csv(&entries), "text/csv; charset=utf-8", "provisioning-log.csv")
    }
}
