//! What the simulated driver keeps: what a job's storage would.

use std::collections::{BTreeMap, BTreeSet};

use crate::cycle::{
    Batch, Creation, CreationChange, CycleState, Decision, Escrow, EscrowChange, Link, LinkChange,
    PendingReference, ReferenceChange, StagedChange, StagedDeletion, Watermark,
};
use crate::id::SourceId;
use crate::log::ProvisioningObjectSummary;
use crate::quarantine::RecentDeletions;
use crate::schema::ObjectType;

/// The kept state of a job.
#[derive(Debug, Clone, Default)]
pub struct Store {
    /// State of the cycle under way.
    pub state: Option<CycleState>,
    /// Links by source id.
    pub links: BTreeMap<SourceId, Link>,
    /// Escrows by source id.
    pub escrows: BTreeMap<SourceId, Escrow>,
    /// Waiting references by source id, path and referenced id.
    pub references: BTreeMap<(SourceId, String, SourceId), PendingReference>,
    /// Creations that may have been carried out, by source id.
    pub creations: BTreeMap<SourceId, Creation>,
    /// Held deletions by source id.
    pub staged: BTreeMap<SourceId, StagedDeletion>,
    /// What went in the cycles before.
    pub recent: RecentDeletions,
    /// The provisioning log.
    pub log: Vec<ProvisioningObjectSummary>,
    /// Watermark of the last finished cycle; none before the first.
    pub watermark: Option<Watermark>,
    /// Changes of memberships that are queued already.
    pub memberships_to: usize,
    /// Memberships that the target was given: group and member.
    pub written: BTreeSet<(SourceId, SourceId)>,
    /// Objects that were worked on, in order.
    pub processed: Vec<SourceId>,
    /// Broken rules, such as two links to one account. Empty in a sound history.
    pub violations: Vec<String>,
}

impl Store {
    /// Held deletions with this decision.
    pub fn decided(&self, decision: Decision) -> u64 {
        self.staged.values().filter(|held| held.decision == decision).count() as u64
    }

    /// Decides about a held deletion.
    pub fn decide(&mut self, id: &SourceId, decision: Decision) {
        if let Some(held) = self.staged.get_mut(id) {
            held.decision = decision;
        }
    }

    /// Approves all that are held and undecided, as a restart with `ForceDeletes` does.
    pub fn approve_held(&mut self) {
        for held in self.staged.values_mut().filter(|held| held.decision == Decision::Held) {
            held.decision = Decision::Approved;
        }
    }

    /// Applies a batch whole.
    pub fn commit(&mut self, batch: Batch) {
        self.state = Some(batch.state);
        self.log.extend(batch.log);
        self.processed.extend(batch.processed);
        for change in batch.links {
            match change {
                LinkChange::Remove(id) => {
                    self.links.remove(&id);
                    self.staged.remove(&id);
                }
                LinkChange::Upsert(link) => {
                    let other = self
                        .links
                        .values()
                        .find(|known| known.target_id == link.target_id && known.source_id != link.source_id);
                    if let Some(other) = other {
                        self.violations
                            .push(format!("{} and {} share an account", other.source_id, link.source_id));
                    }
                    self.links.insert(link.source_id.clone(), link);
                }
            }
        }
        for change in batch.escrows {
            match change {
                EscrowChange::Upsert(escrow) => {
                    self.escrows.insert(escrow.source_id.clone(), escrow);
                }
                EscrowChange::Clear(id) | EscrowChange::Expire(Escrow { source_id: id, .. }) => {
                    self.escrows.remove(&id);
                }
            }
        }
        for change in batch.references {
            match change {
                ReferenceChange::Upsert(reference) => {
                    let key =
                        (reference.source_id.clone(), reference.path.clone(), reference.referenced.clone());
                    self.references.insert(key, reference);
                }
                ReferenceChange::Written(reference) => {
                    let PendingReference { object_type, source_id, path, referenced, remove, .. } = reference;
                    if object_type == ObjectType::Group {
                        let key = (source_id.clone(), referenced.clone());
                        if remove {
                            self.written.remove(&key)
                        } else {
                            self.written.insert(key)
                        };
                    }
                    self.references.remove(&(source_id, path, referenced));
                }
                ReferenceChange::Remove { source_id, path, referenced } => {
                    self.references.remove(&(source_id, path, referenced));
                }
            }
        }
        for change in batch.creations {
            match change {
                CreationChange::Begin(creation) => {
                    self.creations.insert(creation.source_id.clone(), creation);
                }
                CreationChange::End(id) => {
                    self.creations.remove(&id);
                }
            }
        }
        for change in batch.staged {
            match change {
                StagedChange::Hold(staged) => {
                    self.staged.insert(staged.source_id.clone(), staged);
                }
                StagedChange::Release(id) => {
                    self.staged.remove(&id);
                }
            }
        }
    }
}
