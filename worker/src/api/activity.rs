//! `/directories/{id}/requests` and `/directories/{id}/users/{userId}/history`: what SCIM clients did.

use api::activity::{HistoryEntry, RequestRecord};
use api::collection::Collection;
use serde_json::Value;
use worker::{Method, Response};

use super::{directories, only};
use crate::error::ApiError;
use crate::exchange::{Exchange, ok};
use crate::objects::directory::{self, DirectoryCommand, HistoryPage, RequestsPage};
use crate::platform::clock;

/// Entries of a page, by default and at most.
const PAGE: (i64, i64) = (50, 1_000);

/// The last requests, newest first.
pub async fn requests(exchange: Exchange, id: &str) -> Result<Response, ApiError> {
    only(&exchange, &Method::Get)?;
    directories::find(&exchange, id).await?;
    let command = DirectoryCommand::Requests {
        before: exchange.skip_token()?,
        limit: limit(&exchange)?,
        failed: exchange.flag("failed"),
    };
    let page: RequestsPage = directory::call(&exchange.env, id, &command).await?;
    let next_link = page.records.last().filter(|_| page.more).map(|(number, _)| exchange.next_link(number));
    let value = page.records.into_iter().map(|(number, record)| to_api(number, &record)).collect();
    ok(&Collection::<RequestRecord> { count: None, next_link, value })
}

/// What happened to a person, newest first.
pub async fn history(exchange: Exchange, id: &str, user: &str) -> Result<Response, ApiError> {
    only(&exchange, &Method::Get)?;
    directories::find(&exchange, id).await?;
    let command = DirectoryCommand::History {
        id: user.to_owned(),
        before: exchange.skip_token()?,
        limit: limit(&exchange)?,
    };
    let page: HistoryPage = directory::call(&exchange.env, id, &command).await?;
    let next_link = page.next.map(|next| exchange.next_link(next));
    ok(&Collection::<HistoryEntry> { count: None, next_link, value: page.entries })
}

fn limit(exchange: &Exchange) -> Result<usize, ApiError> {
    Ok(usize::try_from(exchange.top(PAGE.0, PAGE.1)?).unwrap_or(1))
}

/// Reads a record as the directory's object writes it: a list, because a name in each would be half of it.
fn to_api(number: i64, record: &Value) -> RequestRecord {
    let at = |index: usize| record.get(index);
    let text = |index: usize| at(index).and_then(Value::as_str).unwrap_or_default().to_owned();
    let whole = |index: usize| at(index).and_then(Value::as_u64).unwrap_or_default();
    RequestRecord {
        id: number.to_string(),
        date_time: clock::rfc3339(at(0).and_then(Value::as_i64).unwrap_or_default()),
        method: text(1),
        path: text(2),
        status: whole(3),
        duration_in_milliseconds: whole(4),
        client: text(5),
        detail: at(6).and_then(Value::as_str).map(str::to_owned),
    }
}
