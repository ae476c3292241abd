//! `/directories/{id}/import`, `imports` and `importColumns`: people from a CSV file, how far that is, and what its
//! headers mean.

use api::collection::Collection;
use api::directory::{ImportColumn, ImportColumns};
use inlets::csv::ColumnName;
use serde_json::Value;
use worker::{Headers, Method, Request, RequestInit, Response};

use super::{directories, not_allowed, not_found, only};
use crate::audit;
use crate::changes::Change;
use crate::error::ApiError;
use crate::exchange::{Exchange, json_text, no_content, ok};
use crate::objects::directory::{
    self, DirectoryCommand, IMPORT_URL, ImportOptions, ImportRequest, ImportStatus, LONGEST_WAIT_MS,
};
use crate::platform::stub::{self, ObjectKind};

/// For how long the end of an import is waited for, in milliseconds, unless the caller prefers another answer: half
/// an hour. It goes on after that.
const WAIT_MS: u64 = 30 * 60 * 1_000;

/// Answers a request for `importColumns`.
pub async fn columns(mut exchange: Exchange, id: &str) -> Result<Response, ApiError> {
    let record = directories::find(&exchange, id).await?;
    match exchange.method {
        Method::Get => {
            let columns: Vec<ColumnName> =
                directory::call(&exchange.env, id, &DirectoryCommand::ImportColumns).await?;
            let to_api =
                |column: ColumnName| ImportColumn { header: column.header, attribute: column.attribute };
            ok(&ImportColumns { value: columns.into_iter().map(to_api).collect() })
        }
        Method::Put => {
            let body: ImportColumns = exchange.body().await?;
            let from_api =
                |column: ImportColumn| ColumnName { header: column.header, attribute: column.attribute };
            let columns: Vec<ColumnName> = body.value.into_iter().map(from_api).collect();
            let count = columns.len().to_string();
            let command = DirectoryCommand::SetImportColumns { columns };
            directory::call::<()>(&exchange.env, id, &command).await?;
            let entry = audit::Entry::directory("Update import columns", id, &record.display_name);
            audit::record(&exchange, entry.set("columns", &count)).await?;
            no_content()
        }
        _ => Err(not_allowed(&exchange)),
    }
}

/// Sends the file to the directory's object, which stores it and then works on it, and waits for the end; or says
/// how far the import under way is.
pub async fn handle(exchange: Exchange, id: &str) -> Result<Response, ApiError> {
    if exchange.method == Method::Get {
        directories::find(&exchange, id).await?;
        return text(&exchange, id, &DirectoryCommand::ImportProgress).await;
    }
    only(&exchange, &Method::Post)?;
    let record = directories::find(&exchange, id).await?;
    if record.profile != "workforce" {
        return Err(ApiError::bad_request(
            "A file is imported into the workforce directory; an application's directory is filled by provisioning.",
        ));
    }
    let length = check_file(&exchange)?;
    let prefer = Prefer::read(&exchange.request.headers().get("prefer")?.unwrap_or_default());
    let limit = if prefer.respond_async { prefer.wait_ms.min(LONGEST_WAIT_MS) } else { WAIT_MS };
    let wanted = ImportRequest {
        options: ImportOptions {
            remove_missing: exchange.flag("removeMissing"),
            force: exchange.flag("force"),
            preview: exchange.flag("preview"),
        },
        started_by: audit::initiator(&exchange.actor),
        length,
        wait_ms: limit.min(LONGEST_WAIT_MS),
    };
    let headers = Headers::new();
    headers.set("content-type", "text/csv")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_body(exchange.request.inner().body().map(Into::into));
    let address = format!("{IMPORT_URL}?{}", scim::uri::encode(&crate::json::write(&wanted)?));
    let request = Request::new_with_init(&address, &init)?;
    let mut response =
        stub::send_for(&exchange.env, ObjectKind::Directory, id, request, stub::UPLOAD_TIMEOUT).await?;
    let mut status: ImportStatus = stub::read(&mut response, ObjectKind::Directory).await?;
    let mut waited = wanted.wait_ms;
    while status.running && waited < limit {
        status = ask(&exchange, id, &status.id, LONGEST_WAIT_MS).await?;
        waited += LONGEST_WAIT_MS;
    }
    answer(&exchange, id, status, prefer).await
}

/// The length that a file tells. Refuses what is no CSV file, or too long, before it is read.
fn check_file(exchange: &Exchange) -> Result<Option<u64>, ApiError> {
    let media_type = exchange.request.headers().get("content-type")?.unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    if !matches!(
        media_type.as_str(),
        "text/csv" | "text/plain" | "application/csv" | "application/vnd.ms-excel"
    ) {
        return Err(ApiError::new(
            415,
            "UnsupportedMediaType",
            format!("Content-Type is `{media_type}`; send the file as text/csv."),
        ));
    }
    let length = exchange.request.headers().get("content-length")?.and_then(|text| text.parse::<u64>().ok());
    if let Some(length) = length {
        inlets::csv::Import::check_length(length)
            .map_err(|error| ApiError::new(413, "RequestEntityTooLarge", error.to_string()))?;
    }
    Ok(length)
}

/// The answer to whoever sent a file: the result, why there is none, or where it can be asked for.
async fn answer(
    exchange: &Exchange,
    id: &str,
    status: ImportStatus,
    prefer: Prefer,
) -> Result<Response, ApiError> {
    let address = format!("{}/api/v1.0/directories/{id}/imports/{}", exchange.origin, status.id);
    if status.running && !prefer.respond_async {
        return Err(ApiError::new(
            503,
            "ServiceUnavailable",
            format!(
                "The import is not done after {} minutes, and goes on. How far it is: {address}",
                WAIT_MS / 60_000
            ),
        ));
    }
    if status.running {
        let response = ok(&status.record)?.with_status(202);
        let headers = response.headers().clone();
        headers.set("location", &address)?;
        headers.set("preference-applied", "respond-async")?;
        return Ok(response.with_headers(headers));
    }
    match status.error {
        None => ok(&status.record.get("result")),
        Some(error) => {
            // A success is followed by the router.
            announce(exchange, id, status.news).await;
            Err(error.into())
        }
    }
}

/// `/directories/{id}/imports`: the last ones, how far one is, and its end.
pub async fn imports(exchange: Exchange, id: &str, rest: &[&str]) -> Result<Response, ApiError> {
    let record = directories::find(&exchange, id).await?;
    let is_workforce = record.profile == "workforce";
    match (rest, &exchange.method) {
        ([], Method::Get) if is_workforce => {
            let imports: Vec<Value> = directory::call(&exchange.env, id, &DirectoryCommand::Imports).await?;
            ok(&Collection::of(imports))
        }
        ([], Method::Get) => ok(&Collection::<Value>::of(Vec::new())),
        ([import], Method::Get) if is_workforce => {
            let prefer = Prefer::read(&exchange.request.headers().get("prefer")?.unwrap_or_default());
            let status = ask(&exchange, id, import, prefer.wait_ms.min(LONGEST_WAIT_MS)).await?;
            announce(&exchange, id, status.news).await;
            ok(&status.record)
        }
        ([import], Method::Delete) if is_workforce => {
            let command = DirectoryCommand::EndImport { id: (*import).to_owned() };
            if directory::call::<bool>(&exchange.env, id, &command).await? {
                no_content()
            } else {
                Err(ApiError::not_found("import", import))
            }
        }
        ([import], Method::Get | Method::Delete) => Err(ApiError::not_found("import", import)),
        ([] | [_], _) => Err(not_allowed(&exchange)),
        _ => Err(not_found(&exchange)),
    }
}

/// How far an import is, once it has ended or the time is over.
async fn ask(exchange: &Exchange, id: &str, import: &str, wait_ms: u64) -> Result<ImportStatus, ApiError> {
    let command = DirectoryCommand::Import { id: import.to_owned(), wait_ms };
    let status: Option<ImportStatus> = directory::call(&exchange.env, id, &command).await?;
    status.ok_or_else(|| ApiError::not_found("import", import))
}

/// Tells the jobs that people changed. It is a hint: whoever asked has the answer in any case.
async fn announce(exchange: &Exchange, id: &str, news: bool) {
    if news && let Err(error) = Change::Directory(id.to_owned()).announce(&exchange.env).await {
        error.log("changes");
    }
}

async fn text(exchange: &Exchange, id: &str, command: &DirectoryCommand) -> Result<Response, ApiError> {
    json_text(stub::call_text(&exchange.env, ObjectKind::Directory, id, command).await?)
}

/// What a caller prefers (RFC 7240).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Prefer {
    /// `respond-async`: 202 instead of waiting (section 4.1) …
    respond_async: bool,
    /// … for longer than `wait` (section 4.3), here in milliseconds.
    wait_ms: u64,
}

impl Prefer {
    fn read(header: &str) -> Self {
        let mut prefer = Self::default();
        for part in header.split(',') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.split(';').next().unwrap_or_default().trim().trim_matches('"');
            match name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
                "respond-async" => prefer.respond_async = true,
                "wait" => prefer.wait_ms = value.parse::<u64>().unwrap_or(0).saturating_mul(1_000),
                _ => {}
            }
        }
        prefer
    }
}

#[cfg(test)]
mod tests {
    use super::Prefer;

    #[test]
    fn preferences_are_read() {
        let check = |header: &str, respond_async: bool, wait_ms: u64| {
            assert_eq!(Prefer::read(header), Prefer { respond_async, wait_ms }, "{header}");
        };
        check("", false, 0);
        check("respond-async", true, 0);
        check("Respond-Async, wait=10", true, 10_000);
        check("return=minimal; foo=\"wait=3\", wait=\"2\"", false, 2_000);
        check("wait=soon, respond-asynchronously", false, 0);
    }
}
