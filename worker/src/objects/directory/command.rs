//! What a directory's object can be asked, and the types of its answers.

use api::directory::CustomAttributeType;
use inlets::csv::ColumnName;
use inlets::mirror::{Batch, Sweep};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the directory is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Profile {
    /// The company's people: soft delete.
    Workforce,
    /// An application's accounts.
    Application,
}

/// A command.
#[derive(Debug, Serialize, Deserialize)]
pub enum DirectoryCommand {
    /// → `()`. Makes the directory; may be repeated. Before it every request is refused and nothing is kept.
    Initialize {
        /// Its id.
        id: String,
        /// What it is for.
        profile: Profile,
        /// Name.
        display_name: String,
        /// Whether SCIM clients with a token are let in.
        enabled: bool,
        /// Unix milliseconds.
        created_at: i64,
    },
    /// → [`DirectoryDescription`].
    Describe,
    /// → `RowCount`, of the object's database since it was last asked, woke up or served a SCIM request.
    Rows,
    /// → `()`.
    Update {
        /// Name.
        display_name: String,
        /// Whether SCIM clients with a token are let in.
        enabled: bool,
        /// Whether unknown members of groups are left out silently; `None` leaves it as it is.
        ignore_unknown_members: Option<bool>,
        /// Requests a second that clients with a token may send, 0 for any number; `None` leaves it as it is.
        requests_per_second: Option<u32>,
    },
    /// → `()`. Removes the directory with everything in it.
    Destroy,
    /// → `Vec<TokenRecord>`.
    Tokens,
    /// → `()`.
    CreateToken {
        /// The record.
        token: TokenRecord,
        /// SHA-256 of the token.
        digest: String,
    },
    /// → `bool`: whether there was one.
    RevokeToken {
        /// Its id.
        id: String,
    },
    /// → `Vec<ClientRecord>`.
    Clients,
    /// → `()`.
    CreateClient {
        /// The record.
        client: ClientRecord,
        /// SHA-256 of the secret.
        digest: String,
    },
    /// → `bool`: whether there was one.
    RemoveClient {
        /// Its id.
        id: String,
    },
    /// → `bool`: whether id and secret are right and the directory lets clients in; the access token is kept.
    IssueToken {
        /// The client.
        client_id: String,
        /// SHA-256 of its secret.
        client_digest: String,
        /// SHA-256 of the access token.
        token_digest: String,
        /// When the access token expires, in Unix milliseconds.
        expires_at: i64,
    },
    /// → `Option<i64>`: when a token expires, in Unix milliseconds, if it does and is known.
    TokenExpiry {
        /// SHA-256 of the token.
        digest: String,
    },
    /// → `Vec<CustomAttribute>`.
    Attributes,
    /// → `CustomAttribute`.
    CreateAttribute {
        /// Name.
        name: String,
        /// Type.
        kind: CustomAttributeType,
    },
    /// → `Option<CustomAttribute>`: the attribute with another type, if there is one.
    UpdateAttribute {
        /// Its id.
        id: String,
        /// The type that it is to have.
        kind: CustomAttributeType,
    },
    /// → `bool`: whether there was one. Values that people have are kept, and show again with the attribute.
    DeleteAttribute {
        /// Its id.
        id: String,
    },
    /// → [`RequestsPage`]: the last requests of SCIM clients, newest first.
    Requests {
        /// Before this number.
        before: Option<i64>,
        /// How many.
        limit: usize,
        /// Only those that failed.
        failed: bool,
    },
    /// → [`HistoryPage`]: what happened to a resource, newest first.
    History {
        /// Its id.
        id: String,
        /// Before this place.
        before: Option<i64>,
        /// How many.
        limit: usize,
    },
    /// → `Vec<DeletedItem>`: what can be restored, the last deleted first.
    DeletedItems {
        /// After this one: when it was deleted, and its place.
        after: Option<(i64, i64)>,
        /// How many.
        limit: usize,
    },
    /// → `Option<Principal>`: what was restored, if there was something.
    Restore {
        /// Its id.
        id: String,
    },
    /// → `Option<Principal>`: a user or group that can be assigned.
    Principal {
        /// Its id.
        id: String,
    },
    /// → [`ChangeLogEnds`].
    ChangeLogEnds,
    /// → [`ChangesPage`].
    ChangesSince {
        /// After this sequence number.
        since: i64,
        /// How many entries are read.
        limit: usize,
    },
    /// → [`ResourcesPage`] of users, those in the recycle bin too.
    UsersPage {
        /// After this place.
        after: i64,
        /// How many.
        limit: usize,
        /// Whether their groups are told with those that these are in.
        #[serde(default)]
        nested: bool,
    },
    /// → [`ResourcesPage`] of live groups, without their members.
    GroupsPage {
        /// After this place.
        after: i64,
        /// How many.
        limit: usize,
    },
    /// → `Vec<SourceResource>`: the users that exist or are in the recycle bin.
    UsersByIds {
        /// Their ids.
        ids: Vec<String>,
        /// Whether their groups are told with those that these are in.
        #[serde(default)]
        nested: bool,
    },
    /// → `Vec<(String, String)>`: the groups that are reached from these, each of which reaches itself.
    GroupsReached {
        /// Their ids.
        ids: Vec<String>,
        /// Whether those are asked for that they are in, or were in; otherwise those within them.
        up: bool,
    },
    /// → `Vec<SourceResource>`: the groups that exist or are in the recycle bin, without their members.
    GroupsByIds {
        /// Their ids.
        ids: Vec<String>,
    },
    /// → [`MembersPage`], also of a group in the recycle bin.
    GroupMembers {
        /// The group.
        group_id: String,
        /// After this place.
        after: i64,
        /// How many.
        limit: usize,
    },
    /// → `Applied`. Writes what an inlet says, as one transaction; may be repeated.
    MirrorBatch {
        /// The inlet.
        inlet: String,
        /// What it says.
        batch: Batch,
    },
    /// → `Applied`. Sweeps away a portion of what a complete pass did not meet.
    MirrorSweep {
        /// The inlet.
        inlet: String,
        /// What.
        sweep: Sweep,
        /// Number of the pass.
        pass: i64,
    },
    /// → `Applied`. Writes a portion of what had to wait.
    MirrorSettle {
        /// The inlet.
        inlet: String,
        /// After this place.
        after: i64,
    },
    /// → `InletCounts`: what comes from an inlet.
    Mirrored {
        /// The inlet.
        inlet: String,
    },
    /// → `inlets::mirror::Absent`: what complete passes of an inlet did not meet.
    MirrorAbsent {
        /// The inlet.
        inlet: String,
        /// Number of the pass over people; 0 when none is complete.
        users: i64,
        /// Number of the pass over groups; 0 when none is complete.
        groups: i64,
    },
    /// → `bool`: whether there is more to do. Forgets an inlet; people and groups stay.
    ReleaseInlet {
        /// The inlet.
        inlet: String,
    },
    /// → `ConflictPage`: where inlets say different things.
    Conflicts {
        /// After this person.
        after: String,
        /// Of so many people at most.
        people: usize,
    },
    /// → `Vec<ColumnName>`: what headers of files mean that do not say it themselves.
    ImportColumns,
    /// → `()`. Replaces them.
    SetImportColumns {
        /// The new ones; checked again.
        columns: Vec<ColumnName>,
    },
    /// → `ImportProgress`: the import under way.
    ImportProgress,
    /// → `()`. From cron: keeps the house clean (old changes, the recycle bin).
    Tidy,
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
