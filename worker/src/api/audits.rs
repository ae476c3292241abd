//! `/auditLogs/directoryAudits`: changes to the configuration.

use api::collection::Collection;
use serde_json::Value;
use worker::{Method, Response};

use super::{only, organization};
use crate::error::ApiError;
use crate::exchange::{Exchange, ok};
use crate::objects::organization::{Audits, OrganizationCommand};

/// The log, newest first.
pub async fn list(exchange: Exchange) -> Result<Response, ApiError> {
    only(&exchange, &Method::Get)?;
    let limit = exchange.top(100, 1_000)?;
    let before = exchange.skip_token::<i64>()?;
    let page: Audits = organization(&exchange, &OrganizationCommand::Audits { before, limit }).await?;
    let next_link = match page.documents.last() {
        Some((sequence, _)) if page.more => Some(exchange.next_link(sequence)),
        _ => None,
    };
    let value = page
        .documents
        .iter()
        .map(|(_, document)| crate::json::read(document))
        .collect::<Result<Vec<Value>, _>>()?;
    ok(&Collection { count: None, next_link, value })
}
