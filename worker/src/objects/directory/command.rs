//! What a directory's object can be asked. The types of its answers are in `answers`.

use api::directory::CustomAttributeType;
use inlets::csv::ColumnName;
use inlets::mirror::{Batch, Sweep};
use inlets::order::Orders;
use inlets::rules::Rules;
use serde::{Deserialize, Serialize};

use super::answers::{ClientRecord, TokenRecord};

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
    /// → [`super::DirectoryDescription`].
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
    /// → [`super::RequestsPage`]: the last requests of SCIM clients, newest first.
    Requests {
        /// Before this number.
        before: Option<i64>,
        /// How many.
        limit: usize,
        /// Only those that failed.
        failed: bool,
    },
    /// → [`super::HistoryPage`]: what happened to a resource, newest first.
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
    /// → [`super::ChangeLogEnds`].
    ChangeLogEnds,
    /// → [`super::ChangesPage`].
    ChangesSince {
        /// After this sequence number.
        since: i64,
        /// How many entries are read.
        limit: usize,
    },
    /// → [`super::ResourcesPage`] of users, those in the recycle bin too.
    UsersPage {
        /// After this place.
        after: i64,
        /// How many.
        limit: usize,
        /// Whether their groups are told with those that these are in.
        #[serde(default)]
        nested: bool,
    },
    /// → [`super::ResourcesPage`] of live groups, without their members.
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
    /// → [`super::MembersPage`], also of a group in the recycle bin.
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
    /// → `Vec<inlets::assignments::Known>`: whom an inlet has mirrored.
    MirrorPrincipals {
        /// The inlet.
        inlet: String,
        /// Ids at the source.
        source_ids: Vec<String>,
        /// Whether their names are wanted.
        named: bool,
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
    /// → `()`. Keeps an inlet's rules, before its next batch brings them.
    MirrorRules {
        /// The inlet.
        inlet: String,
        /// Its rules.
        rules: Rules,
    },
    /// → [`super::AttributeOrders`].
    AttributeOrders,
    /// → `()`. Replaces the orders of single attributes; checked by the caller.
    SetAttributeOrders {
        /// The new ones.
        orders: Orders,
    },
    /// → `Reordered`. Goes through a portion of the people whom another order of the inlets concerns.
    Reorder,
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
    /// → `Vec<ImportRecord>`: the last imports, the newest first.
    Imports,
    /// → `Option<ImportStatus>`.
    Import {
        /// Its id.
        id: String,
        /// For how long to wait for its end, in milliseconds.
        wait_ms: u64,
    },
    /// → `bool`: whether there is one. It is stopped if it runs, else forgotten.
    EndImport {
        /// Its id.
        id: String,
    },
    /// → `bool`. From cron, of a workforce directory: sees to it that an import goes on; whether an import, or
    /// another order of the inlets, changed people of whom the jobs may not know.
    Wake,
    /// → `()`. From cron: keeps the house clean (old changes, the recycle bin).
    Tidy,
}
