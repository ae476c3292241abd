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
    /// Its secret; never returned. Empty with a certificate ([`InletOptions`]).
    #[serde(default)]
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

/// More that the bodies of POST, PATCH and `validateCredentials` take. What is absent stays as it is.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InletOptions {
    /// A certificate of the application, in PEM: instead of `clientSecret`, together with `privateKey`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Its private key: RSA in PEM, as PKCS#8 without a password. Never returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key: Option<String>,
    /// Applications of the tenant whose assignments are mirrored onto ours: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_role_assignments: Option<Vec<AppRoleMirror>>,
}

/// An application of the tenant whose assignments are mirrored onto one of ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRoleMirror {
    /// Object id of the service principal (enterprise application) in the tenant.
    pub source_service_principal_id: String,
    /// Ours. Each once.
    pub service_principal_id: String,
}

/// The same with what became of it: in the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MirroredAppRoles {
    /// What is mirrored.
    #[serde(flatten)]
    pub mirror: AppRoleMirror,
    /// How it is; absent before the first reading.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<AppRoleMirrorStatus>,
}

/// How mirrored assignments are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRoleMirrorStatus {
    /// Assignments at the source whose person or group is here.
    pub assigned: u64,
    /// Those whose person or group is not here; tried again in the next round.
    pub waiting: u64,
    /// Made in the last round.
    pub added: u64,
    /// Removed in the last round.
    pub removed: u64,
    /// So many would go that they wait for `run?allowRemovals=true`.
    pub held: u64,
    /// Names of roles that have no counterpart here: who has them gets default access.
    pub unknown_roles: Vec<String>,
    /// When the list was read last, and wholly; RFC 3339, UTC. Absent when it never was.
    pub last_run_date_time: Option<String>,
    /// Why it could not be read last, or what is held.
    pub last_error: Option<InletError>,
}

impl std::fmt::Debug for InletOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InletOptions").finish_non_exhaustive()
    }
}

/// More about an inlet, beside [`Inlet`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InletDetails {
    /// The certificate with which it signs in; absent with a client secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_credential: Option<KeyCredential>,
    /// Applications whose assignments are mirrored.
    pub app_role_assignments: Vec<MirroredAppRoles>,
}

/// A certificate with which an inlet signs in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyCredential {
    /// SHA-1 of the certificate in hexadecimal capitals, as Microsoft's portal shows it.
    pub thumbprint: String,
    /// SHA-256 of it in hexadecimal capitals.
    pub thumbprint_sha256: String,
    /// From when on it is valid; RFC 3339, UTC.
    pub start_date_time: String,
    /// Until when; RFC 3339, UTC.
    pub end_date_time: String,
    /// `valid`, `expiring` (within 30 days; `status.lastError` says so too) or `expired`.
    pub state: String,
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
    /// Of `manager`: the name of that person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Whether it is the one that counts.
    pub counts: bool,
}

/// Body and answer of `…/attributePrecedence`: which inlets come first for single attributes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributePrecedences {
    /// By the attributes' names. What is not in it has the order of the directory.
    pub value: Vec<AttributePrecedence>,
    /// Attributes about which inlets say different things. In the answer only.
    #[serde(default)]
    pub conflicts: Vec<AttributeConflicts>,
    /// `running` while people are gone through since the order is another one, else `idle`. In the answer only.
    #[serde(default)]
    pub state: String,
}

/// The inlets that come first for an attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributePrecedence {
    /// The source attribute, by the name in mappings.
    pub attribute: String,
    /// Ids of inlets. Those that are not named follow in the order of the directory.
    pub inlets: Vec<String>,
}

/// For how many people an attribute is disputed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeConflicts {
    /// The attribute.
    pub attribute: String,
    /// People about whom inlets say different things; of `manager`, for whom several name one. Counted up to 1,000.
    pub people: u64,
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
