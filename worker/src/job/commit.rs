//! Making results durable: a batch of the machine is one transaction.

use provisioning::cycle::{Batch, CreationChange, EscrowChange, LinkChange, ReferenceChange, StagedChange};
use provisioning::schema::ObjectType;
use provisioning::{Deprovisioning, Job};
use serde_json::{Map, Value};
use store::Settings as _;
use store::job::{
    EscrowRecord, Expansion, JobStore, KeptRecord, LinkRecord, PendingReferenceRecord, StagedRecord,
};

use super::{keys, log, members};
use crate::error::ApiError;
use crate::platform::settings::{save_setting, setting};
use crate::platform::sql::ObjectSql;

/// Makes a batch durable in one transaction, with the cycle's progress if it is one of the job's cycles.
pub fn commit(
    sql: &ObjectSql,
    job: &Job,
    batch: &Batch,
    common: &Map<String, Value>,
    progress: bool,
) -> Result<(), ApiError> {
    let store = JobStore::opened(sql);
    let cycle_id = batch.state.cycle_id.to_string();
    store::sql::in_transaction(sql, || -> Result<(), ApiError> {
        let members_path = members::attribute(job);
        commit_links(&store, job.settings.deprovisioning, members_path, &batch.links, &cycle_id)?;
        for change in &batch.escrows {
            match change {
                EscrowChange::Upsert(escrow) => store.save_escrow(&EscrowRecord {
                    source_id: escrow.source_id.to_string(),
                    object_type: escrow.object_type.as_str().to_owned(),
                    next_attempt: escrow.next_attempt,
                    document: crate::json::write(escrow)?,
                })?,
                EscrowChange::Clear(source_id) => store.remove_escrow(source_id.as_str())?,
                // 28 days of tries are over: the job is switched off at the end of the cycle.
                EscrowChange::Expire(escrow) => {
                    store.remove_escrow(escrow.source_id.as_str())?;
                    store.set_setting(keys::ESCROW_EXPIRED, escrow.source_id.as_str())?;
                }
            }
        }
        for change in &batch.references {
            match change {
                ReferenceChange::Upsert(reference) => store.save_reference(&PendingReferenceRecord {
                    source_id: reference.source_id.to_string(),
                    path: reference.path.clone(),
                    referenced: reference.referenced.to_string(),
                    reported: reference.reported,
                    document: crate::json::write(reference)?,
                })?,
                ReferenceChange::Written(reference) => {
                    let (source_id, referenced) =
                        (reference.source_id.as_str(), reference.referenced.as_str());
                    store.remove_reference(source_id, &reference.path, referenced)?;
                    if reference.object_type == ObjectType::Group {
                        store.note_member(source_id, referenced, !reference.remove)?;
                    }
                }
                ReferenceChange::Remove { source_id, path, referenced } => {
                    store.remove_reference(source_id.as_str(), path, referenced.as_str())?;
                }
            }
        }
        for change in &batch.creations {
            match change {
                CreationChange::Begin(creation) => store.save_creation(&KeptRecord {
                    source_id: creation.source_id.to_string(),
                    object_type: creation.object_type.as_str().to_owned(),
                    document: crate::json::write(creation)?,
                })?,
                CreationChange::End(source_id) => store.remove_creation(source_id.as_str())?,
            }
        }
        for change in &batch.staged {
            match change {
                StagedChange::Hold(staged) => store.save_staged(&StagedRecord {
                    source_id: staged.source_id.to_string(),
                    object_type: staged.object_type.as_str().to_owned(),
                    decision: staged.decision.as_str().to_owned(),
                    document: crate::json::write(staged)?,
                })?,
                StagedChange::Release(source_id) => store.remove_staged(source_id.as_str())?,
            }
        }
        let entries = batch.log.iter().map(|entry| log::to_record(entry, common));
        store.add_logs(&entries.collect::<Result<Vec<_>, _>>()?)?;
        let processed: Vec<&str> = batch.processed.iter().map(|id| id.as_str()).collect();
        store.clear_dirty(&processed)?;
        // Whoever is given up is looked at again when the job is started again: the account may be a leaver's.
        for change in &batch.escrows {
            if let EscrowChange::Expire(escrow) = change {
                store.mark_dirty(escrow.object_type.as_str(), [escrow.source_id.as_str()])?;
            }
        }
        store.touch_links(&processed, &cycle_id)?;
        if progress { save_setting(&store, keys::CYCLE, &batch.state) } else { Ok(()) }
    })
}

/// A group that gets another account gets its members anew; an object without an account refers to nobody. Links
/// are counted as they come and go: counting them all would cost more than a small cycle.
fn commit_links(
    store: &JobStore<'_>,
    policy: Deprovisioning,
    members_path: Option<&str>,
    changes: &[LinkChange],
    cycle_id: &str,
) -> Result<(), ApiError> {
    if changes.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = changes
        .iter()
        .map(|change| match change {
            LinkChange::Upsert(link) => link.source_id.as_str(),
            LinkChange::Remove(source_id) => source_id.as_str(),
        })
        .collect();
    let mut known = store.links_of(&ids)?;
    let mut counts = link_counts(store)?;
    let mut linked = Vec::with_capacity(changes.len());
    for change in changes {
        match change {
            LinkChange::Upsert(link) => {
                let id = link.source_id.as_str();
                let record = LinkRecord {
                    source_id: id.to_owned(),
                    object_type: link.object_type.as_str().to_owned(),
                    target_id: link.target_id.to_string(),
                    cycle_id: cycle_id.to_owned(),
                    delete_at: link.disabled.and_then(|disabled| policy.delete_at(disabled)),
                    document: crate::json::write(link)?,
                };
                store.save_link(&record)?;
                let before = known.insert(id.to_owned(), record);
                let is_same =
                    before.as_ref().is_some_and(|before| before.target_id == link.target_id.as_str());
                if before.is_none() {
                    count(&mut counts, link.object_type.as_str(), 1);
                }
                if link.object_type == ObjectType::Group && !is_same {
                    store.forget_members(id)?;
                    store.remove_references_of(id)?;
                    store.add_expansion(Expansion::Members, id)?;
                }
                if before.is_some() && !is_same {
                    leave_groups(store, members_path, id)?;
                }
                linked.push(id);
            }
            LinkChange::Remove(source_id) => {
                let id = source_id.as_str();
                if let Some(before) = known.remove(id) {
                    count(&mut counts, &before.object_type, -1);
                }
                store.remove_link(id)?;
                store.forget_members(id)?;
                store.remove_staged(id)?;
                store.remove_references_of(id)?;
                leave_groups(store, members_path, id)?;
                store.advance_expansion(Expansion::Members, id, None)?;
            }
        }
    }
    save_setting(store, keys::LINK_COUNTS, &counts)?;
    Ok(store.ready_references(&linked)?)
}

/// The account that somebody had is in no group any more; the next one is to be put into the same groups.
pub fn leave_groups(store: &JobStore<'_>, path: Option<&str>, member_id: &str) -> Result<(), ApiError> {
    let groups = store.forget_member(member_id)?;
    let Some(path) = path else { return Ok(()) };
    let references = groups.iter().map(|group_id| members::waiting(group_id, path, member_id, false));
    Ok(store.save_references(&references.collect::<Result<Vec<_>, _>>()?)?)
}

/// Links by object type, as they were counted.
pub fn link_counts(store: &JobStore<'_>) -> Result<Vec<(String, i64)>, ApiError> {
    match setting(store, keys::LINK_COUNTS)? {
        Some(counts) => Ok(counts),
        None => Ok(store.link_counts()?),
    }
}

/// Counts links that came or went.
pub fn count(counts: &mut Vec<(String, i64)>, object_type: &str, by: i64) {
    match counts.iter_mut().find(|(known, _)| known == object_type) {
        Some((_, count)) => *count += by,
        None => {
            // Put in its place: sorting code would weigh more.
            let place = counts.iter().take_while(|(known, _)| known.as_str() < object_type).count();
            counts.insert(place, (object_type.to_owned(), by));
        }
    }
    counts.retain(|(_, count)| *count > 0);
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn links_are_counted_as_they_come_and_go() {
        let mut counts = Vec::new();
        for (object_type, by) in [("User", 1), ("User", 1), ("Group", 1), ("User", -1), ("Group", -1)] {
            count(&mut counts, object_type, by);
        }
        assert_eq!(counts, [("User".to_owned(), 1)]);
        count(&mut counts, "Group", 1);
        assert_eq!(counts, [("Group".to_owned(), 1), ("User".to_owned(), 1)]);
    }
}
