//! What the driver hands the machine about one source object: everything it needs, so that no
//! further look-up is necessary while the object is processed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{Cursor, SourceId, TargetId};
use crate::schema::ObjectType;

/// A source object with all that is remembered about it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourceEntry {
    /// Id in the source.
    pub source_id: SourceId,
    /// The object; `None` once it is gone for good (hard deleted).
    pub object: Option<SourceObject>,
    /// Its assignments to the application, direct and through groups. May be left empty when the
    /// job syncs all.
    pub assignments: Vec<Assignment>,
    /// The remembered account, if there is one.
    pub link: Option<Link>,
    /// The remembered failure, if there is one.
    pub escrow: Option<Escrow>,
    /// Account ids of those objects that this one refers to (its manager), that exist in the source
    /// and that are linked: source id → target id. A missing key means "not provisioned yet".
    pub reference_links: BTreeMap<SourceId, TargetId>,
    /// References of this object that still wait for their account.
    pub pending_references: Vec<PendingReference>,
    /// The creation that may have been carried out without our knowing, if there is one.
    pub creation: Option<Creation>,
    /// The deletion or disabling that is held for it, if there is one.
    pub staged: Option<StagedDeletion>,
    /// The place right after this entry. When a slice ends in the middle of a page, the cycle
    /// goes on from here.
    pub position: Cursor,
}

/// An object of the workforce directory.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourceObject {
    /// Name for the log.
    pub display_name: String,
    /// Attributes under Entra's names. `manager` is the manager's source id; a group's `members`
    /// is a list of source ids. The computed ones (`IsSoftDeleted`, `appRoleAssignments`,
    /// `objectId`) are left out: the engine adds them.
    pub attributes: Map<String, Value>,
    /// Whether the account may sign in. Groups are always enabled.
    pub account_enabled: bool,
    /// Whether it is in the recycle bin.
    pub soft_deleted: bool,
}

/// An assignment to the application (Graph: `appRoleAssignment`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
    /// Role; the all-zero GUID is Default Access.
    pub role_id: String,
    /// Who was assigned: the object itself or a group.
    pub principal_id: SourceId,
    /// The group through which it comes to the object, when it is not direct.
    pub via_group: Option<SourceId>,
}

/// The remembered pair source id - target id (Graph: `objectConnection`, Entra's connector data
/// store).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// User or group.
    pub object_type: ObjectType,
    /// Id in the source.
    pub source_id: SourceId,
    /// Id in the target.
    pub target_id: TargetId,
    /// The matching value when the link was made or last written.
    pub matching_value: Option<String>,
    /// Name for the log, kept for the time when the object is gone.
    pub display_name: String,
    /// `active` of the account as it was last read or written; unknown for groups and for
    /// mappings without `active`.
    pub active: Option<bool>,
    /// Since when the account is disabled because its object left, Unix milliseconds; none while the object is to
    /// be provisioned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<i64>,
    /// When the link was made, Unix milliseconds.
    pub created: i64,
    /// When it was last confirmed by the target, Unix milliseconds.
    pub updated: i64,
}

/// The remembered failure of one object, kept for its retry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Escrow {
    /// User or group.
    pub object_type: ObjectType,
    /// Id in the source.
    pub source_id: SourceId,
    /// Code of the last failure.
    pub error_code: String,
    /// Reason of the last failure.
    pub reason: String,
    /// Tries so far.
    pub attempts: u32,
    /// When it failed first, Unix milliseconds.
    pub first_failure: i64,
    /// When it failed last, Unix milliseconds.
    pub last_failure: i64,
    /// When an incremental cycle must look at it again, Unix milliseconds.
    pub next_attempt: i64,
}

/// A reference (manager, member) that waits until the object it points to has an account. The key
/// is `source_id` + `path` + `referenced`.
///
/// For a manager the machine makes and removes it. For the members of a group the driver makes it:
/// one for every membership that came or went in the source since it was last written; when a group
/// is linked, one for every member instead of all that were there. Those to be given are made with `reported` set, because
/// members without an account are passed over silently; those to be taken away without, so that
/// they go even if the member's account is gone. The machine says when they are written, and the driver remembers
/// which memberships the target was given.
/// So memberships cost what has changed, however large the group is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PendingReference {
    /// User or group that refers.
    pub object_type: ObjectType,
    /// Who refers.
    pub source_id: SourceId,
    /// Target attribute, as its path.
    pub path: String,
    /// Source id of the object that is referred to.
    pub referenced: SourceId,
    /// What the target held when the reference was queued: equal to the account it resolves to
    /// means that nothing has to be written.
    pub current: Option<String>,
    /// Whether the log already says that it cannot be resolved.
    pub reported: bool,
    /// Whether the membership is to be taken away instead of given. Members only.
    #[serde(default)]
    pub remove: bool,
}

/// How a membership stands that was asked for on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// It waits to be written, as every reference that is read in a cycle does.
    #[default]
    Waiting,
    /// It was written before.
    Written,
    /// The directory does not know of it.
    Unknown,
}

/// A waiting reference with both ends, as the driver finds them now.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferenceEntry {
    /// The reference.
    pub reference: PendingReference,
    /// Whether it waits. On demand, the driver hands over the memberships that were asked for, however they stand.
    pub standing: Standing,
    /// Link of the object that refers; `None` when it is no longer linked.
    pub link: Option<Link>,
    /// Account of the object that is referred to; `None` while it has none.
    pub resolved: Option<TargetId>,
    /// Name of the object that is referred to, for the log.
    pub referenced_name: Option<String>,
    /// The place right after this entry.
    pub position: Cursor,
}

/// A creation that may have been carried out without our knowing: it is written down before a page
/// with new objects is begun, and crossed out when the target has answered clearly. Should the
/// object leave the scope, or the directory, before that, its account is still found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Creation {
    /// User or group.
    pub object_type: ObjectType,
    /// Id in the source.
    pub source_id: SourceId,
    /// Name for the log.
    pub display_name: String,
    /// Target paths and values by which the account would be found.
    pub matching: Vec<(String, Value)>,
    /// When it was written down, Unix milliseconds: an account that is older is not its. Zero if it is not known.
    #[serde(default)]
    pub at: i64,
}

/// A deletion or disabling that accidental-deletion prevention holds back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StagedDeletion {
    /// User or group.
    pub object_type: ObjectType,
    /// Id in the source.
    pub source_id: SourceId,
    /// Id in the target.
    pub target_id: TargetId,
    /// Name for the list of held deletions.
    pub display_name: String,
    /// Whether the account would be deleted; otherwise disabled.
    pub delete: bool,
    /// Since when, Unix milliseconds.
    pub since: i64,
    /// What was decided about it. Kept beside the record, so that many are decided about at once.
    #[serde(skip)]
    pub decision: Decision,
}

/// What was decided about a held deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Decision {
    /// Nothing yet: it waits.
    #[default]
    Held,
    /// It is to be carried out.
    Approved,
    /// The account stays as it is until the object comes back, or the deletion is approved after all.
    Rejected,
}

impl Decision {
    /// The API's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    /// The decision that a word means.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Held, Self::Approved, Self::Rejected].into_iter().find(|known| known.as_str() == word)
    }
}
