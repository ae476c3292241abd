//! Inlets of a workforce directory (not in Graph).

use serde::{Deserialize, Serialize};

/// Body of `POST /directories/{id}/inlets`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InletRequest {
    /// `microsoftGraph`.
    pub kind: String,
    /// Name; 1 to 120 characters.
    pub display_name: String,
    /// The tenant's id, or one of its domains.
    pub tenant_id: String,
    /// The application's id.
    pub client_id: String,
    /// Its secret; never returned.
    pub client_secret: String,
    /// `global`, `usGovernmentL4`, `usGovernmentL5`, `china` or `custom`; `global` when absent.
    #[serde(default)]
    pub cloud: Option<String>,
    /// Origin of the login; of the cloud `custom` only.
    #[serde(default)]
    pub login_origin: Option<String>,
    /// Origin of Microsoft Graph; of the cloud `custom` only.
    #[serde(default)]
    pub graph_origin: Option<String>,
    /// Time between two rounds, as an ISO 8601 duration from `PT1M` to `P1D`; `PT40M` when absent.
    #[serde(default)]
    pub interval: Option<String>,
    /// Extension attributes that are read besides: `extensionAttribute1` … `15`, `extension_…`.
    #[serde(default)]
    pub extension_attributes: Vec<String>,
}

/// Body of `PATCH …/inlets/{inletId}` and of `…/validateCredentials`: what is absent stays as it is.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InletPatch {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The application's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Its secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// The cloud. With another one, origins that are not given are forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud: Option<String>,
    /// Origin of the login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login_origin: Option<String>,
    /// Origin of Microsoft Graph.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graph_origin: Option<String>,
    /// Time between two rounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// Extension attributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension_attributes: Option<Vec<String>>,
}

/// Settings of an inlet beside others: in the bodies of POST and PATCH, and of `Inlet`. What is absent stays as it
/// is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InletRules {
    /// By which attribute people are found who are new to the inlet: `userPrincipalName` (default), `mail` or
    /// `employeeId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub join_by: Option<String>,
    /// The inlet's place: of an attribute about which several inlets say something, the lowest one's value
    /// counts. 0 to 1,000, each once in a directory; after all others when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precedence: Option<u32>,
    /// The attributes that are read; all when empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Vec<String>>,
}

/// An attribute about which inlets say different things.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InletConflict {
    /// The person.
    pub user_id: String,
    /// Their name.
    pub display_name: Option<String>,
    /// The attribute; of `manager` the values are ids of people.
    pub attribute: String,
    /// What each inlet says.
    pub values: Vec<InletValue>,
}

/// What an inlet says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InletValue {
    /// The inlet.
    pub inlet_id: String,
    /// Its name.
    pub inlet: String,
    /// The value.
    pub value: String,
    /// Whether it is the one that counts.
    pub counts: bool,
}

impl std::fmt::Debug for InletRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InletRequest").field("display_name", &self.display_name).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for InletPatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InletPatch").field("display_name", &self.display_name).finish_non_exhaustive()
    }
}

/// An inlet. Its secret is not in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inlet {
    /// Its id.
    pub id: String,
    /// The directory that it fills.
    pub directory_id: String,
    /// `microsoftGraph`.
    pub kind: String,
    /// Name.
    pub display_name: String,
    /// The tenant.
    pub tenant_id: String,
    /// The application's id.
    pub client_id: String,
    /// The cloud.
    pub cloud: String,
    /// Where access tokens come from.
    pub login_origin: String,
    /// Where the directory is read.
    pub graph_origin: String,
    /// Time between two rounds.
    pub interval: String,
    /// Extension attributes that are read besides.
    pub extension_attributes: Vec<String>,
    /// RFC 3339, UTC.
    pub created_date_time: String,
    /// How it is.
    pub status: InletStatus,
}

/// How an inlet is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InletStatus {
    /// `running`, `idle` (until the next round), `waiting` (after an error, until the next try) or `paused`.
    pub state: String,
    /// The last round that came to its end.
    pub last_run: Option<InletRun>,
    /// The round under way.
    pub current_run: Option<InletRun>,
    /// What went wrong last; gone when a round comes to its end.
    pub last_error: Option<InletError>,
    /// When it goes on by itself; RFC 3339, UTC.
    pub next_run_date_time: Option<String>,
    /// What of the directory comes from it.
    pub counts: InletCounts,
    /// People and groups that are gone at the source, and so many that their removal waits for a person:
    /// `POST …/run?allowRemovals=true`. Absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub held_removals: Option<InletCounts>,
}

/// What of the directory comes from an inlet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InletCounts {
    /// People.
    pub users: u64,
    /// Groups.
    pub groups: u64,
}

/// A round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InletRun {
    /// `full` or `incremental`.
    pub kind: String,
    /// What it is at: `users`, `groups`, `sweep`, `settle`, or `done`.
    pub phase: String,
    /// RFC 3339, UTC.
    pub started_date_time: String,
    /// RFC 3339, UTC; absent while it runs.
    pub ended_date_time: Option<String>,
    /// Pages read.
    pub pages: u64,
    /// Entries read about people.
    pub users_read: u64,
    /// Entries read about groups.
    pub groups_read: u64,
    /// New in the directory.
    pub created: u64,
    /// Known from elsewhere and taken over.
    pub joined: u64,
    /// Changed.
    pub updated: u64,
    /// As they were.
    pub unchanged: u64,
    /// Back from the recycle bin.
    pub restored: u64,
    /// Deleted.
    pub deleted: u64,
    /// Not written; the log says why.
    pub failed: u64,
    /// Memberships that are new.
    pub members_added: u64,
    /// Memberships that are gone.
    pub members_removed: u64,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InletError {
    /// The other side's code, or ours.
    pub code: String,
    /// What it means and what to do.
    pub message: String,
    /// RFC 3339, UTC.
    pub date_time: String,
}

/// An entry of an inlet's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InletLogEntry {
    /// Its id: a number that rises.
    pub id: String,
    /// RFC 3339, UTC.
    pub date_time: String,
    /// `information`, `warning` or `error`.
    pub level: String,
    /// What kind of thing it is.
    pub code: String,
    /// What happened.
    pub message: String,
    /// The object at the source that it concerns.
    pub source_id: Option<String>,
}
