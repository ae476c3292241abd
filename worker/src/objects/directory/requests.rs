//! The last requests of SCIM clients: noted in memory, kept in batches, so that a request costs next to nothing.

use scim::{ResourceType, Response as ScimResponse};
use serde_json::{Value, json};
use store::directory::{ChangeKind, requests};
use worker::{Request, console_error};

use super::{Directory, HistoryPage, RequestsPage};
use crate::error::ApiError;
use crate::platform::clock;
use crate::scim_gate::RECEIVED_HEADER;

/// So many requests are written together …
const FLUSH_AT: usize = requests::BLOCK;
/// … or what there is after so long. The platform may put an object away that rests for ten seconds, and what is in
/// memory with it.
const FLUSH_AFTER_MS: i64 = 5_000;
/// Longest path that is kept, in bytes.
const MAX_PATH: usize = 300;
/// Longest text of an error that is kept, in bytes.
const MAX_DETAIL: usize = 300;
/// A query with one of these words is not kept.
const SECRETS: [&str; 4] = ["password", "token", "secret", "authorization"];
/// Status from which on a request counts as failed.
const FAILED: u64 = 400;

/// Who sent a request.
#[derive(Default)]
pub(super) struct Caller {
    /// The token's label, or who else it was.
    pub(super) name: String,
    /// Whether the request belongs to the list: it reached a directory, and is not the portal reading.
    pub(super) noted: bool,
}

impl Directory {
    /// Notes a request.
    pub(super) async fn note(&self, request: &Request, caller: &Caller, response: &ScimResponse) {
        if let Err(error) = self.try_note(request, caller, response).await {
            console_error!("a request could not be noted: {}", error.internal.unwrap_or(error.message));
        }
    }

    async fn try_note(
        &self,
        request: &Request,
        caller: &Caller,
        response: &ScimResponse,
    ) -> Result<(), ApiError> {
        let now = clock::now_ms();
        let received = request.headers().get(RECEIVED_HEADER)?.and_then(|text| text.parse().ok());
        let detail = response.body.as_ref().filter(|_| u64::from(response.status) >= FAILED);
        let detail = detail.and_then(|body| body.get("detail")).and_then(Value::as_str);
        let record = json!([
            now,
            request.method().as_ref(),
            path_of(&request.url()?),
            response.status,
            (now - received.unwrap_or(now)).max(0),
            caller.name,
            detail.map(|text| cut(text, MAX_DETAIL)),
        ]);
        let waiting = {
            let mut pending = self.pending.borrow_mut();
            pending.push(record);
            pending.len()
        };
        if waiting >= FLUSH_AT {
            self.flush()?;
        } else if waiting == 1 {
            self.wake_within(FLUSH_AFTER_MS).await?;
        }
        Ok(())
    }

    /// Writes what was noted.
    pub(super) fn flush(&self) -> Result<(), ApiError> {
        if self.pending.borrow().is_empty() {
            return Ok(());
        }
        self.setup()?;
        let records = self.pending.take();
        Ok(requests::append(&self.sql, &records)?)
    }

    /// A page of what was noted.
    pub(super) fn requests(
        &self,
        before: Option<i64>,
        limit: usize,
        failed: bool,
    ) -> Result<RequestsPage, ApiError> {
        self.setup()?;
        self.flush()?;
        let before = match before {
            Some(before) => before,
            None => requests::next_number(&self.sql)?,
        };
        let wanted = |record: &Value| {
            !failed || record.get(3).and_then(Value::as_u64).is_some_and(|status| status >= FAILED)
        };
        let mut records = requests::before(&self.sql, before, limit.saturating_add(1), wanted)?;
        let more = records.len() > limit;
        records.truncate(limit);
        Ok(RequestsPage { records, more })
    }

    /// A page of what happened to a person.
    pub(super) fn history(
        &self,
        id: &str,
        before: Option<i64>,
        limit: usize,
    ) -> Result<HistoryPage, ApiError> {
        let store = self.store()?;
        let page = store.history(id, before, limit)?;
        let of_member = |entry: &&store::directory::ChangeEntry| entry.member_id.as_deref() == Some(id);
        let mut groups: Vec<&str> =
            page.entries.iter().filter(of_member).map(|entry| entry.id.as_str()).collect();
        groups.sort_unstable();
        groups.dedup();
        let groups = store.groups_by_ids(&groups)?;
        let name_of = |id: &str| {
            let group = groups.iter().find(|group| group.id == id)?;
            Some(group.display().unwrap_or_default().to_owned())
        };
        let entries = page.entries.iter().map(|entry| {
            let group =
                Some(&entry.id).filter(|_| entry.resource == ResourceType::Group && of_member(&entry));
            api::activity::HistoryEntry {
                id: entry.sequence.to_string(),
                date_time: clock::rfc3339(entry.at_ms),
                activity: entry.kind.as_str().to_owned(),
                attributes: match entry.kind {
                    ChangeKind::Update => entry.attributes.clone(),
                    _ => Vec::new(),
                },
                client: entry.client.clone(),
                group_id: group.cloned(),
                group_display_name: group.and_then(|id| name_of(id)),
            }
        });
        Ok(HistoryPage { entries: entries.collect(), next: page.next })
    }
}

/// The path below `/v2` with its query, unless that could hold a secret.
fn path_of(url: &worker::Url) -> String {
    let path = url.path();
    let path = path.find("/v2").and_then(|at| path.get(at + 3..)).unwrap_or(path);
    let path = if path.is_empty() { "/" } else { path };
    let Some(query) = url.query() else { return cut(path, MAX_PATH) };
    let folded = query.to_ascii_lowercase();
    if SECRETS.iter().any(|word| folded.contains(word)) {
        return cut(&[path, "?…"].concat(), MAX_PATH);
    }
    cut(&[path, "?", query].concat(), MAX_PATH)
}

/// The beginning of a text.
fn cut(text: &str, maximum: usize) -> String {
    if text.len() <= maximum {
        return text.to_owned();
    }
    let end = (0..=maximum).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    [text.get(..end).unwrap_or_default(), "…"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_kept_without_secrets() {
        let check = |address: &str, expected: &str| {
            let url = worker::Url::parse(&["https://object.internal", address].concat()).expect("a URL");
            assert_eq!(path_of(&url), expected);
        };
        check("/scim/d/v2/Users/1", "/Users/1");
        check("/scim/d/v2", "/");
        check("/scim/d/v2/Users?filter=userName%20eq%20%22a%22", "/Users?filter=userName%20eq%20%22a%22");
        check("/scim/d/v2/Users?filter=PassWord%20eq%20%22hunter2%22", "/Users?…");
        check("/scim/d/v2/Users?access_token=x", "/Users?…");
        check("/scim/d/nothing", "/scim/d/nothing");
    }

    #[test]
    fn texts_are_cut_between_letters() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "abc…");
        assert_eq!(cut("äöü", 3), "ä…");
        let long = "x".repeat(MAX_PATH + 1);
        assert_eq!(cut(&long, MAX_PATH).len(), MAX_PATH + "…".len());
        assert_eq!(cut(&long, MAX_DETAIL).len(), MAX_DETAIL + "…".len());
    }
}
