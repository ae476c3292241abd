//! `/directories/{id}/deletedItems`: the recycle bin of a workforce directory.

use api::collection::Collection;
use api::directory::DeletedItem;
use serde_json::json;
use worker::{Method, Response};

use super::{directories, not_allowed, not_found};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, ok};
use crate::objects::directory::{self, DirectoryCommand, Principal};
use crate::platform::clock;

/// Entries of a page: as many unless the request says otherwise, and at most.
const PAGE: (i64, i64) = (100, 1_000);

/// Answers a request under `deletedItems`.
pub async fn handle(exchange: Exchange, id: &str, rest: &[&str]) -> Result<Response, ApiError> {
    let record = directories::find(&exchange, id).await?;
    match (rest, &exchange.method) {
        ([], Method::Get) => list(exchange, id).await,
        ([object, "restore"], Method::Post) => {
            let command = DirectoryCommand::Restore { id: (*object).to_owned() };
            let restored: Option<Principal> = directory::call(&exchange.env, id, &command).await?;
            let restored = restored.ok_or_else(|| ApiError::not_found("deleted item", object))?;
            let entry = audit::Entry::directory("Restore", id, &record.display_name)
                .set("objectId", object)
                .set("displayName", &restored.display_name);
            audit::record(&exchange, entry).await?;
            ok(&json!({
                "id": object,
                "displayName": restored.display_name,
                "kind": kind(restored.is_group),
            }))
        }
        ([] | [_, "restore"], _) => Err(not_allowed(&exchange)),
        _ => Err(not_found(&exchange)),
    }
}

async fn list(exchange: Exchange, id: &str) -> Result<Response, ApiError> {
    let limit = usize::try_from(exchange.top(PAGE.0, PAGE.1)?).unwrap_or(1);
    let after = exchange.skip_token::<String>()?.map(|token| place(&token)).transpose()?;
    let command = DirectoryCommand::DeletedItems { after, limit: limit + 1 };
    let mut items: Vec<directory::DeletedItem> = directory::call(&exchange.env, id, &command).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_link = items
        .last()
        .filter(|_| more)
        .map(|last| exchange.next_link(format!("{}-{}", last.deleted_at, last.place)));
    ok(&Collection { count: None, next_link, value: items.into_iter().map(to_api).collect() })
}

/// A `$skiptoken`: when the last entry was deleted, and its place.
fn place(token: &str) -> Result<(i64, i64), ApiError> {
    token
        .split_once('-')
        .and_then(|(deleted, place)| Some((deleted.parse().ok()?, place.parse().ok()?)))
        .ok_or_else(|| {
            ApiError::bad_request("$skiptoken is not one of this list; follow @odata.nextLink as it is.")
        })
}

fn to_api(item: directory::DeletedItem) -> DeletedItem {
    DeletedItem {
        id: item.id,
        display_name: item.display_name,
        user_name: item.user_name,
        kind: kind(item.is_group).to_owned(),
        deleted_date_time: clock::rfc3339(item.deleted_at),
        purge_date_time: clock::rfc3339(item.deleted_at + store::directory::RESTORABLE_MS),
    }
}

fn kind(is_group: bool) -> &'static str {
    if is_group { "group" } else { "user" }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn places_are_read_back() {
        let check =
            |token: &str, expected: Option<(i64, i64)>| assert_eq!(place(token).ok(), expected, "{token}");
        check("1700000000000-42", Some((1_700_000_000_000, 42)));
        check("1700000000000", None);
        check("a-b", None);
        check("", None);
    }
}
