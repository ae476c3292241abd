//! Effects: what the driver is to do.

use serde::{Deserialize, Serialize};

use super::entry::{Creation, Escrow, Link, PendingReference, StagedDeletion};
use super::report::Report;
use super::state::{CycleState, Watermark};
use crate::id::{Cursor, SourceId, TargetId};
use crate::log::ProvisioningObjectSummary;
use crate::schema::ObjectType;
use crate::target::ScimRequest;

/// Requests in flight at most: what the platform allows one invocation to wait for.
pub const WINDOW: usize = 6;

/// Number of an effect whose answer must be told apart. Unique within one [`super::Cycle`] value,
/// not across restarts.
pub type EffectId = u64;

/// Something to do. The driver does them in the order of the list; [`Effect::Send`]s run
/// concurrently, as many objects' at a time as [`crate::JobSettings::window`] says.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Read source objects; answered by `Event::Page`.
    ReadPage {
        /// Users or groups.
        object_type: ObjectType,
        /// Which of them.
        scope: PageScope,
        /// Where to go on; `None` for the beginning.
        cursor: Option<Cursor>,
        /// How many at most.
        limit: u32,
    },
    /// Read waiting references that can be resolved now or were never reported; answered by
    /// `Event::References`. References of one `source_id` stand side by side; those of one user
    /// must be in one page, those of a group may go on in the next.
    ReadReferences {
        /// Where to go on; `None` for the beginning.
        cursor: Option<Cursor>,
        /// How many at most.
        limit: u32,
    },
    /// Send a request to the target, by the [outbox](crate::outbox), which keeps to [`WINDOW`] and may send several
    /// as one; answered by `Event::Response`. The driver adds the tenant
    /// URL, the credentials, its User-Agent and `application/scim+json`. It may repeat a request
    /// after 408, 5xx or a transport error only if the request is idempotent; after 429, which says that
    /// the request was not looked at, in any case.
    Send {
        /// Names the answer.
        effect_id: EffectId,
        /// The request.
        request: ScimRequest,
    },
    /// Look up the link of an account; answered by `Event::LinkFound`. Asked before an existing
    /// account is taken over, so that two people never share one.
    FindLink {
        /// Names the answer.
        effect_id: EffectId,
        /// The account.
        target_id: TargetId,
    },
    /// Make the batch durable in one transaction; answered by `Event::Committed`.
    Commit(Box<Batch>),
    /// The machine stops at a place that is durable. Resume later from the last committed state.
    Yield,
    /// The cycle is over; its last state is durable.
    Finish(Box<Report>),
}

/// Which source objects a page holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum PageScope {
    /// Everything: all objects of the directory, those in the recycle bin too, and every linked
    /// id that the directory no longer knows (with `object: None`); ids with a creation written
    /// down likewise.
    All,
    /// What changed: objects whose change or whose assignment's change (also that of a group they
    /// belong to, or belonged to) lies after `since` and not after `until`; what was marked for
    /// another look; escrows whose `next_attempt` is not after now; and linked ones whose account is to
    /// be deleted by now ([`crate::Deprovisioning::delete_at`]). Each id once; linked ids
    /// and ids with a creation written down also when the directory no longer knows them.
    Changes {
        /// The watermark of the last finished cycle.
        since: Watermark,
        /// The watermark that this cycle will leave.
        until: Watermark,
    },
    /// The given ones: on-demand provisioning.
    Subjects {
        /// Their ids.
        ids: Vec<SourceId>,
    },
    /// Those whose deletion or disabling this job holds (`staged`), unless it was rejected.
    Staged,
}

/// Results that become durable together with the progress that they are part of.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The cycle's state after this batch. Replaces the stored one.
    pub state: CycleState,
    /// Links to write or remove, in order.
    pub links: Vec<LinkChange>,
    /// Escrows to write or clear.
    pub escrows: Vec<EscrowChange>,
    /// Waiting references to write or remove, in order.
    pub references: Vec<ReferenceChange>,
    /// Creations to write down or cross out.
    pub creations: Vec<CreationChange>,
    /// Held deletions to write or release.
    pub staged: Vec<StagedChange>,
    /// Entries of the provisioning log; in a plan, the plan's items.
    pub log: Vec<ProvisioningObjectSummary>,
    /// Objects that were dealt with, whether or not there was anything to do. Marks for another
    /// look at them are cleared.
    pub processed: Vec<SourceId>,
}

impl Batch {
    /// A batch that moves the state only.
    pub(super) fn empty(state: CycleState) -> Self {
        Self {
            state,
            links: Vec::new(),
            escrows: Vec::new(),
            references: Vec::new(),
            creations: Vec::new(),
            staged: Vec::new(),
            log: Vec::new(),
            processed: Vec::new(),
        }
    }
}

/// A change to the links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkChange {
    /// Insert, or replace the one of the same `source_id`.
    Upsert(Link),
    /// Remove.
    Remove(SourceId),
}

/// A change to the escrows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EscrowChange {
    /// Insert, or replace the one of the same `source_id`.
    Upsert(Escrow),
    /// Remove: it worked, or there is nothing left to do.
    Clear(SourceId),
    /// Remove: 28 days of tries are over. The job is disabled when this happens.
    Expire(Escrow),
}

/// A change to the waiting references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReferenceChange {
    /// Insert, or replace the one of the same key.
    Upsert(PendingReference),
    /// Remove: the target holds it now, or no longer does if it was to be taken away.
    Written(PendingReference),
    /// Remove the one reference.
    Remove {
        /// Who refers.
        source_id: SourceId,
        /// Target attribute.
        path: String,
        /// Who is referred to.
        referenced: SourceId,
    },
}

/// A change to the creations that may have been carried out.
#[derive(Debug, Clone, PartialEq)]
pub enum CreationChange {
    /// Insert, or replace the one of the same `source_id`.
    Begin(Creation),
    /// Remove: the target has answered clearly.
    End(SourceId),
}

/// A change to the held deletions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StagedChange {
    /// Insert, or replace the one of the same `source_id`.
    Hold(StagedDeletion),
    /// Remove: it was carried out, or is no longer due.
    Release(SourceId),
}
