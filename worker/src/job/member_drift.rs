//! Members of groups in a drift check: those that the target has are compared with those that it was given. Whoever
//! waits to be given or taken away is no drift, and one group is in memory at a time.

use provisioning::Cursor;
use provisioning::cycle::Link;
use provisioning::target::Failure;
use provisioning::target::members::{self, Members};
use serde_json::{Value, json};
use store::job::Expansion;

use super::members::{stranger, waiting};
use super::source::{self, PAGE, Source};
use super::target::Target;
use crate::error::ApiError;

/// Names that are told of the members of one group that somebody added, and of those that somebody removed.
const NAMES: usize = 5;
/// How a group is repaired whose surplus members are taken away; otherwise they stay.
pub(super) const REMOVING: &str = "removing";
/// Where the waiting references begin.
const BEGIN: &str = "";

/// What somebody else did to the members of a group.
struct Drift {
    /// Objects that were given to the group and are not in it.
    missing: Vec<String>,
    /// What the group has; whoever was not met was not given to it.
    found: Members,
}

/// What a drift check finds of one group.
pub(super) struct Checked {
    /// The item of the plan, if there is something to tell.
    pub(super) item: Option<Value>,
    /// Where the next group begins.
    pub(super) next: Cursor,
}

impl Source<'_> {
    /// Compares the next group after a place; none when there is no other.
    pub(super) async fn check_members(
        &self,
        target: &Target,
        after: Option<&Cursor>,
    ) -> Result<Option<Checked>, ApiError> {
        let store = self.store();
        let after = after.map(Cursor::as_str).unwrap_or_default();
        let (Some(_), Some(record)) = (self.member_attribute(), store.next_group(after)?) else {
            return Ok(None);
        };
        let id = record.source_id.as_str();
        let next = Cursor::from(id);
        if !store.dirty_among(&[id])?.is_empty() || !store.escrows_of(&[id])?.is_empty() {
            return Ok(Some(Checked { item: None, next }));
        }
        let link = source::link(&record)?;
        let (members, error) = match self.compare_with(target, &link).await? {
            Ok(drift) => (self.told(&drift)?, Value::Null),
            Err(failure) if failure.fatal => {
                return Err(ApiError::new(502, failure.code.as_str(), failure.reason));
            }
            // That the group is gone was told when it was read.
            Err(failure) if failure.status == Some(404) => (Value::Null, Value::Null),
            Err(failure) => (Value::Null, crate::json::value(&failure.information())?),
        };
        let item = (!(members.is_null() && error.is_null())).then(|| {
            json!({
                "action": "update",
                "status": if error.is_null() { "success" } else { "failure" },
                "objectType": record.object_type,
                "sourceId": id,
                "sourceDisplayName": link.display_name,
                "targetId": record.target_id,
                "members": members,
                "errorInformation": error,
            })
        });
        Ok(Some(Checked { item, next }))
    }

    /// Repairs the members of the next group that waits for it: what is missing is queued to be given again, and what
    /// is surplus to be taken away, where that is wanted. Says whether there may be another one; then the references
    /// are read from their beginning.
    pub(super) async fn repair_members(
        &self,
        target: &Target,
        cursor: Option<&Cursor>,
    ) -> Result<Option<Cursor>, ApiError> {
        let store = self.store();
        if cursor.is_some_and(|cursor| cursor.as_str() != BEGIN) {
            return Ok(None);
        }
        let Some((group_id, how)) = store.next_expansion(Expansion::Repaired)? else { return Ok(None) };
        let record = store.links_of(&[&group_id])?.remove(&group_id);
        let mut references = Vec::new();
        let mut known = Vec::new();
        if let (Some(path), Some(record)) = (self.member_attribute(), record) {
            let drift = match self.compare_with(target, &source::link(&record)?).await? {
                Ok(drift) => drift,
                // The next cycle tries again.
                Err(failure) if failure.fatal || failure.transient => return Ok(None),
                Err(_) => Drift { missing: Vec::new(), found: Members::default() },
            };
            for member_id in &drift.missing {
                references.push(waiting(&group_id, path, member_id, false)?);
            }
            let mut surplus = drift.found.surplus().filter(|_| how == REMOVING).peekable();
            let wanted = match surplus.peek() {
                Some(_) => self.wanted_members(&group_id).await?,
                None => Vec::new(),
            };
            for (account, _) in surplus {
                match store.link_of_target(account)?.map(|link| link.source_id) {
                    // Somebody was quicker than the cycle.
                    Some(id) if wanted.binary_search(&id).is_ok() => known.push(id),
                    Some(id) => references.push(waiting(&group_id, path, &id, true)?),
                    None => references.push(stranger(&group_id, path, account)?),
                }
            }
        }
        store::sql::in_transaction(self.sql, || -> Result<(), ApiError> {
            for references in references.chunks(PAGE) {
                store.save_references(references)?;
            }
            for member_id in &known {
                store.note_member(&group_id, member_id, true)?;
            }
            Ok(store.advance_expansion(Expansion::Repaired, &group_id, None)?)
        })?;
        Ok(Some(Cursor::from(BEGIN)))
    }

    /// Reads the members of a group's account and compares them with those that it was given.
    async fn compare_with(&self, target: &Target, link: &Link) -> Result<Result<Drift, Failure>, ApiError> {
        let mapping = self.job.schema.mapping(link.object_type).filter(|mapping| mapping.flow.update);
        let Some(mapping) = mapping else {
            return Ok(Ok(Drift { missing: Vec::new(), found: Members::default() }));
        };
        let quirks = self.job.settings.quirks;
        let mut narrow = true;
        let mut found = loop {
            let request = quirks.translate(members::request(&mapping.endpoint, &link.target_id, narrow));
            match Members::read(&target.send(&request).await) {
                // Not every target understands what is asked for; without members, or a clear answer, it is
                // asked for everything.
                Ok(found) if found.is_empty() && narrow => {}
                Ok(found) => break found,
                Err(failure) if !narrow || failure.fatal || failure.status == Some(404) => {
                    return Ok(Err(failure));
                }
                Err(_) => {}
            }
            narrow = false;
        };
        let (store, group_id) = (self.store(), link.source_id.as_str());
        let mut waits = Vec::new();
        let mut missing = Vec::new();
        for waiting in [true, false] {
            let mut after = String::new();
            loop {
                let page = store.member_accounts(group_id, waiting, &after)?;
                let Some((last, _)) = page.last() else { break };
                after.clone_from(last);
                for (member_id, account) in page {
                    let is_there = found.meet(&account);
                    if waiting {
                        waits.push(member_id);
                    } else if !is_there && waits.binary_search(&member_id).is_err() {
                        missing.push(member_id);
                    }
                }
            }
        }
        Ok(Ok(Drift { missing, found }))
    }

    /// How many came and went, and the names of the first; null when nobody did.
    fn told(&self, drift: &Drift) -> Result<Value, ApiError> {
        let store = self.store();
        let added = drift.found.surplus().count();
        if added == 0 && drift.missing.is_empty() {
            return Ok(Value::Null);
        }
        let mut names = Vec::new();
        for (account, name) in drift.found.surplus().take(NAMES) {
            let link = store.link_of_target(account)?.as_ref().map(source::link).transpose()?;
            let name = if name.is_empty() { account } else { name };
            names.push(link.map_or_else(|| name.to_owned(), |link| link.display_name));
        }
        let ids: Vec<&str> = drift.missing.iter().take(NAMES).map(String::as_str).collect();
        let links = store.links_of(&ids)?;
        let mut removed = Vec::new();
        for link in ids.iter().filter_map(|id| links.get(*id)) {
            removed.push(source::link(link)?.display_name);
        }
        Ok(json!({
            "added": {"count": added, "names": names},
            "removed": {"count": drift.missing.len(), "names": removed},
        }))
    }
}
