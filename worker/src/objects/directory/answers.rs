//! What a directory's object answers to commands.

use inlets::order::Orders;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::command::Profile;

/// The orders of single attributes, and whom they may concern.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AttributeOrders {
    /// By attribute.
    pub orders: Orders,
    /// Disputed attributes, each with how many people it is disputed for; counted up to a limit.
    pub disputes: Vec<(String, u64)>,
    /// Whether people still wait to be looked at since the order is another one.
    pub due: bool,
}

/// What a directory is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DirectoryDescription {
    /// Name.
    pub display_name: String,
    /// What it is for.
    pub profile: Profile,
    /// Whether SCIM clients with a token are let in.
    pub enabled: bool,
    /// Whether unknown members of groups are left out silently.
    pub ignore_unknown_members: bool,
    /// Requests a second that clients with a token may send; 0 is any number.
    pub requests_per_second: u32,
    /// Unix milliseconds.
    pub created_at: i64,
    /// People.
    pub users: u64,
    /// Groups.
    pub groups: u64,
}

/// A bearer token, without its digest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TokenRecord {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// Whether it only reads.
    pub read_only: bool,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub expires_at: i64,
    /// Unix milliseconds.
    pub last_used_at: Option<i64>,
}

/// An OAuth client, without the digest of its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClientRecord {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// Whether its access tokens only read.
    pub read_only: bool,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub last_used_at: Option<i64>,
}

/// A user or group in the recycle bin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeletedItem {
    /// Its id.
    pub id: String,
    /// Whether it is a group.
    pub is_group: bool,
    /// Name.
    pub display_name: String,
    /// `userName` of a user.
    pub user_name: Option<String>,
    /// When it was deleted, in Unix milliseconds.
    pub deleted_at: i64,
    /// Its place among those deleted at the same time.
    pub place: i64,
}

/// A user or group that can be assigned.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Principal {
    /// Whether it is a group.
    pub is_group: bool,
    /// Name.
    pub display_name: String,
}

/// Where the change log begins and ends.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ChangeLogEnds {
    /// The oldest entry that is kept; `None` if there was none yet.
    pub oldest: Option<i64>,
    /// The newest one; 0 if there was none yet.
    pub latest: i64,
}

/// Who changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangesPage {
    /// Users that changed, or whose memberships changed.
    pub user_ids: Vec<String>,
    /// Groups that changed themselves.
    #[serde(default)]
    pub group_ids: Vec<String>,
    /// Of them, those that went into the recycle bin or came out of it.
    #[serde(default)]
    pub moved_group_ids: Vec<String>,
    /// Memberships that came or went, in order.
    #[serde(default)]
    pub memberships: Vec<Membership>,
    /// Of the groups of these memberships, and of the members of those that went, the ones that are in the recycle
    /// bin or gone for good, in order.
    #[serde(default)]
    pub absent_ids: Vec<String>,
    /// Of them, those that are gone for good. What they were is not known any more.
    #[serde(default)]
    pub gone_ids: Vec<String>,
    /// Where to go on; what was asked from when there is nothing more.
    pub sequence: i64,
}

/// A membership that came or went. A deleted user is nobody's member until it is restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The change's sequence number.
    pub sequence: i64,
    /// The group.
    pub group_id: String,
    /// The user or group in it.
    pub member_id: String,
    /// Whether it went.
    pub removed: bool,
}

/// A user or group as the sync engine reads it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SourceResource {
    /// Its id.
    pub id: String,
    /// Its place in the walk through the directory.
    pub place: i64,
    /// Whether it is in the recycle bin.
    pub deleted: bool,
    /// The SCIM document; `None` once it is gone for good.
    pub document: Option<Value>,
    /// Groups of which a user is a direct member.
    pub group_ids: Vec<String>,
}

impl SourceResource {
    /// One that is gone for good.
    pub fn gone(id: &str) -> Self {
        Self { id: id.to_owned(), place: 0, deleted: true, document: None, group_ids: Vec::new() }
    }
}

/// A page of users or groups.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResourcesPage {
    /// The users or groups.
    #[serde(rename = "users")]
    pub resources: Vec<SourceResource>,
    /// Whether there are more.
    pub more: bool,
}

/// A page of a group's members.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MembersPage {
    /// The users among them.
    pub ids: Vec<String>,
    /// The groups among them.
    #[serde(default)]
    pub group_ids: Vec<String>,
    /// Where to go on; `None` at the end.
    pub next: Option<i64>,
}

/// A page of the last requests.
#[derive(Debug, Serialize, Deserialize)]
pub struct RequestsPage {
    /// Each with its number: time, method, path, status, milliseconds, client, error.
    pub records: Vec<(i64, Value)>,
    /// Whether there are older ones.
    pub more: bool,
}

/// A page of what happened to a resource.
#[derive(Debug, Serialize, Deserialize)]
pub struct HistoryPage {
    /// As the API shows them.
    pub entries: Vec<api::activity::HistoryEntry>,
    /// Where to go on, if there are older ones.
    pub next: Option<i64>,
}
