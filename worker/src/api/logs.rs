//! `/auditLogs/provisioning`: the provisioning log, of one application or of all.

use api::collection::Collection;
use futures_util::stream;
use serde_json::Value;
use store::job::{LogFilter, LogPage};
use store::organization::ServicePrincipalRecord;
use worker::{Env, Headers, Method, Response};

use super::filter::{self, Application, Selection};
use super::log_csv::Part;
use super::{describe, only, organization};
use crate::error::ApiError;
use crate::exchange::{Exchange, ok};
use crate::objects::job::{self, JobCommand};
use crate::objects::organization::OrganizationCommand;

/// Entries a page, unless `$top` says otherwise.
const PAGE: i64 = 100;
/// Entries a page at most.
const MAXIMUM_PAGE: i64 = 1_000;
/// Entries of a download that are read at once.
const DOWNLOAD_PAGE: i64 = 500;

/// The log, newest first.
pub async fn list(exchange: Exchange) -> Result<Response, ApiError> {
    only(&exchange, &Method::Get)?;
    let (applications, entries) = selected(&exchange).await?;
    match exchange.parameter("$format") {
        Some(format) => export(&exchange, &applications, &entries, format).await,
        None => page(&exchange, &applications, &entries).await,
    }
}

/// The applications and the entries that `$filter` selects.
pub async fn selected(exchange: &Exchange) -> Result<(Vec<String>, LogFilter), ApiError> {
    let selection = match exchange.parameter("$filter") {
        Some(text) => filter::parse(text)?,
        None => Selection::default(),
    };
    Ok((applications(exchange, &selection).await?, selection.entries))
}

/// The ids of the applications that a filter selects. A job's id ends with its application's.
async fn applications(exchange: &Exchange, selection: &Selection) -> Result<Vec<String>, ApiError> {
    if let (Some(id), true) = (&selection.service_principal_id, selection.application.is_empty()) {
        return Ok(vec![id.clone()]);
    }
    let ours = describe(exchange).await?;
    let all: Vec<ServicePrincipalRecord> =
        organization(exchange, &OrganizationCommand::ServicePrincipals).await?;
    let is_admitted = |principal: &ServicePrincipalRecord| {
        selection.admits(&Application {
            id: &principal.id,
            display_name: &principal.display_name,
            tenant_id: &ours.id,
            source_id: &ours.workforce_directory_id,
        })
    };
    Ok(all.into_iter().filter(is_admitted).map(|principal| principal.id).collect())
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
    let mut next = None;
    for application in applications {
        let page = read(exchange, application, filter, before, limit).await?;
        next = page.next;
        let found = i64::try_from(page.entries.len()).unwrap_or(limit);
        entries.extend(page.entries);
        // Without further pages each application is searched for as long as it takes to fill this one.
        let mut rest = limit - found;
        while let (Some(place), true, true) = (next, applications.len() > 1, rest > 0) {
            let page = read(exchange, application, filter, Some(place), rest).await?;
            rest -= i64::try_from(page.entries.len()).unwrap_or(rest);
            next = page.next;
            entries.extend(page.entries);
        }
    }
    entries.sort_by(|one, other| other.at.cmp(&one.at).then(other.sequence.cmp(&one.sequence)));
    entries.truncate(usize::try_from(limit).unwrap_or(0));
    let next_link = next.filter(|_| applications.len() == 1).map(|next| exchange.next_link(next));
    let value =
        entries.iter().map(|entry| crate::json::read(&entry.document)).collect::<Result<Vec<Value>, _>>()?;
    ok(&Collection { count, next_link, value })
}

/// A download of everything that the filter selects: a stream of pages, so that memory holds one.
async fn export(
    exchange: &Exchange,
    applications: &[String],
    filter: &LogFilter,
    format: &str,
) -> Result<Response, ApiError> {
    let part = Part::parse(exchange.parameter("$part"))?;
    let (format, media_type, name) = match format {
        "csv" => (Format::Csv(part), "text/csv; charset=utf-8", format!("{}.csv", part.file_name())),
        "json" if part == Part::Logs => {
            (Format::Json, "application/json", format!("{}.json", part.file_name()))
        }
        "json" => {
            return Err(ApiError::bad_request("$part is one of the CSV files; JSON has all in one."));
        }
        other => {
            return Err(ApiError::bad_request(format!("$format is `{other}`; use csv or json.")));
        }
    };
    let download = Download {
        env: exchange.env.clone(),
        applications: applications.iter().rev().cloned().collect(),
        filter: filter.clone(),
        format,
        before: None,
        begun: false,
        any: false,
        ended: false,
    };
    let headers = Headers::new();
    headers.set("content-type", media_type)?;
    headers.set("content-disposition", &format!("attachment; filename=\"{name}\""))?;
    let pieces = stream::unfold(download, |mut download| async move {
        let piece = download.next().await?;
        Some((piece, download))
    });
    Ok(Response::from_stream(pieces)?.with_headers(headers))
}

/// How a download is written.
#[derive(Clone, Copy, PartialEq)]
enum Format {
    Csv(Part),
    Json,
}

/// Where a download is.
struct Download {
    env: Env,
    /// Applications that are still to be read, the next one last.
    applications: Vec<String>,
    filter: LogFilter,
    format: Format,
    before: Option<i64>,
    begun: bool,
    any: bool,
    ended: bool,
}

impl Download {
    /// The next piece, or `None` at the end. An error cuts the download short, which its reader sees.
    async fn next(&mut self) -> Option<Result<Vec<u8>, worker::Error>> {
        if self.ended {
            return None;
        }
        let piece = self.piece().await;
        if piece.is_err() {
            self.ended = true;
        }
        Some(piece.map(String::into_bytes).map_err(|error| {
            error.log("download");
            worker::Error::RustError(error.message)
        }))
    }

    async fn piece(&mut self) -> Result<String, ApiError> {
        if !self.begun {
            self.begun = true;
            return Ok(match self.format {
                Format::Csv(part) => part.header(),
                Format::Json => "[",
            }
            .to_owned());
        }
        let Some(application) = self.applications.last() else {
            self.ended = true;
            return Ok(if self.format == Format::Json { "]\n" } else { "" }.to_owned());
        };
        let command =
            JobCommand::Logs { filter: self.filter.clone(), before: self.before, limit: DOWNLOAD_PAGE };
        let page: LogPage = job::call(&self.env, application, &command).await?;
        self.before = page.next;
        if page.next.is_none() {
            self.applications.pop();
        }
        let mut text = String::new();
        for entry in &page.entries {
            match self.format {
                Format::Csv(part) => text.push_str(&part.lines(&crate::json::read(&entry.document)?)),
                Format::Json => {
                    text.push_str(if self.any { ",\n" } else { "\n" });
                    text.push_str(&entry.document);
                }
            }
            self.any = true;
        }
        Ok(text)
    }
}
