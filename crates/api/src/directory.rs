//! Directories, their tokens and custom attributes, and the CSV import (not in Graph).

use serde::{Deserialize, Serialize};

/// Which kind of directory it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DirectoryProfile {
    /// The company's people: the source. Soft delete for 30 days.
    Workforce,
    /// An application's accounts: a target. A delete is final.
    Application,
}

/// A store of SCIM resources.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Directory {
    /// Its id; part of the SCIM URL.
    pub id: String,
    /// Name.
    pub display_name: String,
    /// Workforce or application.
    pub profile: DirectoryProfile,
    /// Where SCIM clients reach it: the Tenant URL.
    pub scim_url: String,
    /// Whether SCIM clients with a token are let in.
    pub employee_provisioning_enabled: bool,
    /// Whether members of groups that do not exist are left out silently; otherwise they are refused (400).
    /// Absent in lists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ignore_unknown_members: Option<bool>,
    /// Requests a second that SCIM clients may send, all together; 0 is any number. Absent in lists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requests_per_second: Option<u64>,
    /// RFC 3339, UTC.
    pub created_date_time: String,
    /// People; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user_count: Option<u64>,
    /// Groups; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub group_count: Option<u64>,
}

/// Body of `POST /directories`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectoryRequest {
    /// Name; 1 to 120 characters.
    pub display_name: String,
    /// Kind.
    pub profile: DirectoryProfile,
    /// Whether SCIM clients are let in; off when absent.
    #[serde(default)]
    pub employee_provisioning_enabled: bool,
}

/// Body of `PATCH /directories/{id}`: what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DirectoryPatch {
    /// New name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display_name: Option<String>,
    /// Let SCIM clients in, or not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub employee_provisioning_enabled: Option<bool>,
    /// Leave out unknown members of groups silently, or refuse them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ignore_unknown_members: Option<bool>,
    /// Requests a second that SCIM clients may send, all together; 0 is any number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requests_per_second: Option<u64>,
}

/// What a token may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenScope {
    /// GET and search.
    Read,
    /// Everything.
    #[default]
    ReadWrite,
}

/// Body of `POST /directories/{id}/tokens`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TokenRequest {
    /// What it is for; up to 120 characters.
    pub label: Option<String>,
    /// RFC 3339; a year from now when absent.
    pub expires_date_time: Option<String>,
    /// What it may do.
    pub scope: TokenScope,
}

/// A bearer token of a directory, without its secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Token {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// What it may do.
    pub scope: TokenScope,
    /// RFC 3339, UTC.
    pub created_date_time: String,
    /// RFC 3339, UTC.
    pub expires_date_time: String,
    /// RFC 3339, UTC, to the minute; absent when never used.
    pub last_used_date_time: Option<String>,
}

/// Answer of `POST /directories/{id}/tokens`: the only place where the secret is shown.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenCreated {
    /// The token to give to the SCIM client. It is not kept and cannot be shown again.
    pub secret: String,
    /// The record.
    #[serde(flatten)]
    pub token: Token,
}

impl std::fmt::Debug for TokenCreated {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TokenCreated").field("secret", &"***").field("token", &self.token).finish()
    }
}

/// Type of a custom attribute, as Peakon names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CustomAttributeType {
    /// Text, at most 1,024 characters, or 256 in the directory of an application.
    String,
    /// A choice, as long as text.
    Option,
    /// RFC 3339 date and time.
    Date,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Another person of the directory.
    Employee,
}

/// A custom attribute of the directory's extension schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomAttribute {
    /// Its id.
    #[serde(default)]
    pub id: String,
    /// Name; may contain spaces.
    pub name: String,
    /// Type of its values.
    #[serde(rename = "type")]
    pub kind: CustomAttributeType,
}

/// Body of `PATCH /directories/{id}/attributes/{attributeId}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CustomAttributeUpdate {
    /// A name cannot be changed; it is read to say so.
    #[serde(default)]
    pub name: Option<String>,
    /// The type that it is to have: string and option change into each other.
    #[serde(rename = "type")]
    pub kind: CustomAttributeType,
}

/// A user or group that can be restored: of `GET /directories/{id}/deletedItems`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeletedItem {
    /// Its id.
    pub id: String,
    /// `displayName`, or the `userName` of a user without one.
    pub display_name: String,
    /// `userName` of a user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// `user` or `group`.
    pub kind: String,
    /// When it was deleted, RFC 3339.
    pub deleted_date_time: String,
    /// When it is removed for good, RFC 3339.
    pub purge_date_time: String,
}

/// Answer of `POST /directories/{id}/import`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImportResult {
    /// People new in the directory.
    pub created: u64,
    /// People changed.
    pub updated: u64,
    /// People equal to their row.
    pub unchanged: u64,
    /// Rows that did not go in.
    pub failed: u64,
    /// People soft-deleted because their row is gone (`removeMissing=true`).
    pub removed: u64,
    /// People among the updated and the removed who come from an inlet as well: what the file says of them lasts until
    /// the inlet says something else. Whoever changes in manager or groups alone is not counted. Absent when there are
    /// none.
    #[serde(skip_serializing_if = "is_zero")]
    pub from_inlets: u64,
    /// What is wrong with which row; at most the first 1,000.
    pub errors: Vec<ImportError>,
    /// How the file was read: `utf-8`, `utf-16`, or `windows-1252` (Latin-1), which is a guess.
    pub encoding: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
const fn is_zero(value: &u64) -> bool {
    *value == 0
}

/// Answer of `POST /directories/{id}/import?preview=true`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportPreview {
    /// The counts and errors of the import.
    #[serde(flatten)]
    pub result: ImportResult,
    /// What would be done, in the order of the file, then who would be removed; at most the first 1,000.
    pub changes: Vec<ImportChange>,
    /// The columns of the file, and what each was taken for.
    #[serde(default)]
    pub columns: Vec<ImportColumn>,
}

/// A column of a file: its header and what it holds. Of `GET/PUT /directories/{id}/importColumns` and of a
/// preview.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportColumn {
    /// The header, as the file has it.
    pub header: String,
    /// The attribute; empty for a column that is not imported.
    pub attribute: String,
}

/// Body and answer of `GET/PUT /directories/{id}/importColumns`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportColumns {
    /// What headers mean that do not say it themselves.
    pub value: Vec<ImportColumn>,
}

/// Answer of `GET /directories/{id}/import`: the import under way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImportProgress {
    /// Whether there is one.
    pub running: bool,
    /// Whether it only says what would be done.
    pub preview: bool,
    /// When it began, RFC 3339; absent when none is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_date_time: Option<String>,
    /// Its id; absent when none is under way, and while its file arrives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import_id: Option<String>,
    /// How far it is.
    #[serde(flatten)]
    pub counts: ImportCounts,
}

/// How far an import is, or came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImportCounts {
    /// `file` while it arrives, then `rows`, `managers`, `groups`, `missing`.
    pub phase: String,
    /// Bytes of the file that arrived; later, that were read.
    pub bytes: u64,
    /// Bytes of the file; 0 while that is not known.
    pub total_bytes: u64,
    /// Rows that have been read, those with errors included.
    pub rows: u64,
    /// People whom a phase after `rows` has gone through.
    pub checked: u64,
    /// People created so far.
    pub created: u64,
    /// People changed so far.
    pub updated: u64,
    /// Rows that did not go in so far.
    pub failed: u64,
    /// People removed so far.
    pub removed: u64,
    /// Slices in which it was worked on.
    pub slices: u64,
    /// The longest of them, with the turns that others got in it.
    pub longest_slice_in_milliseconds: u64,
}

/// One import, under way or ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportRecord {
    /// Its id.
    pub id: String,
    /// `running`, `finished`, `failed` or `cancelled`.
    pub state: String,
    /// Whether it only says what would be done.
    pub preview: bool,
    /// Whether those go who are not in the file.
    pub remove_missing: bool,
    /// RFC 3339, UTC.
    pub started_date_time: String,
    /// RFC 3339, UTC; absent while it runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_date_time: Option<String>,
    /// Who began it.
    pub started_by: String,
    /// How far it is, or came.
    pub progress: ImportCounts,
    /// An [`ImportResult`], of a preview an [`ImportPreview`]; absent in a list, and unless it finished.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub result: Option<serde_json::Value>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<crate::error::Error>,
}

/// What an import would do with a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportChange {
    /// Line of the file, from 1; absent for somebody whom it does not have.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<u64>,
    /// Who.
    pub user_principal_name: String,
    /// `create`, `update` or `remove`.
    pub action: String,
    /// Of an update: the attributes that change; empty for somebody who comes back as they were.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub attributes: Vec<String>,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportError {
    /// Line of the file, from 1.
    pub line: u64,
    /// Column of that row, from 1.
    pub column: u64,
    /// What is wrong and what to do.
    pub message: String,
}

/// Body of `POST /directories/{id}/oauthClients`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OauthClientRequest {
    /// What it is for; up to 120 characters.
    pub label: Option<String>,
    /// What its access tokens may do.
    pub scope: TokenScope,
}

/// An OAuth 2.0 client of a directory, without its secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OauthClient {
    /// Its id: `client_id`.
    pub client_id: String,
    /// What it is for.
    pub label: String,
    /// What its access tokens may do.
    pub scope: TokenScope,
    /// Where it gets access tokens.
    pub token_url: String,
    /// RFC 3339, UTC.
    pub created_date_time: String,
    /// RFC 3339, UTC; absent when it never asked for a token.
    pub last_used_date_time: Option<String>,
}

/// Answer of `POST /directories/{id}/oauthClients`: the only place where the secret is shown.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OauthClientCreated {
    /// `client_secret`. It is not kept and cannot be shown again.
    pub client_secret: String,
    /// The record.
    #[serde(flatten)]
    pub client: OauthClient,
}

impl std::fmt::Debug for OauthClientCreated {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("OauthClientCreated")
            .field("client_secret", &"***")
            .field("client", &self.client)
            .finish()
    }
}
