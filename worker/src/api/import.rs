//! `/directories/{id}/import` and `importColumns`: people from a CSV file, and what its headers mean.

use api::directory::{ImportColumn, ImportColumns, ImportPreview, ImportProgress};
use inlets::csv::ColumnName;
use worker::{Headers, Method, Request, RequestInit, Response};

use super::{directories, not_allowed, only};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, no_content, ok};
use crate::objects::directory::{self, DirectoryCommand, IMPORT_URL, ImportOptions};
use crate::platform::stub::{self, ObjectKind};

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

/// Streams the file to the directory's object, which reads it piece by piece; or says how far that is.
pub async fn handle(exchange: Exchange, id: &str) -> Result<Response, ApiError> {
    if exchange.method == Method::Get {
        directories::find(&exchange, id).await?;
        let progress: ImportProgress =
            directory::call(&exchange.env, id, &DirectoryCommand::ImportProgress).await?;
        return ok(&progress);
    }
    only(&exchange, &Method::Post)?;
    let record = directories::find(&exchange, id).await?;
    if record.profile != "workforce" {
        return Err(ApiError::bad_request(
            "A file is imported into the workforce directory; an application's directory is filled by provisioning.",
        ));
    }
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
    let options = ImportOptions {
        remove_missing: exchange.flag("removeMissing"),
        force: exchange.flag("force"),
        preview: exchange.flag("preview"),
    };
    let headers = Headers::new();
    headers.set("content-type", "text/csv")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_body(exchange.request.inner().body().map(Into::into));
    let request = Request::new_with_init(&format!("{IMPORT_URL}?{}", options.query()), &init)?;
    let mut response =
        stub::send_for(&exchange.env, ObjectKind::Directory, id, request, stub::IMPORT_TIMEOUT).await?;
    let answer: ImportPreview = stub::read(&mut response, ObjectKind::Directory).await?;
    if options.preview {
        return ok(&answer);
    }
    let result = answer.result;
    let entry = audit::Entry::directory("Import people", id, &record.display_name)
        .set("created", &result.created.to_string())
        .set("updated", &result.updated.to_string())
        .set("removed", &result.removed.to_string())
        .set("failed", &result.failed.to_string());
    audit::record(&exchange, entry).await?;
    ok(&result)
}
