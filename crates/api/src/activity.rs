//! What SCIM clients did with a directory (not in Graph).

use serde::{Deserialize, Serialize};

/// A request of a SCIM client. Neither credentials nor bodies are in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestRecord {
    /// Its number in the directory.
    pub id: String,
    /// RFC 3339, UTC.
    pub date_time: String,
    /// Method.
    pub method: String,
    /// Path below `/v2`, with the query.
    pub path: String,
    /// Status of the answer.
    pub status: u64,
    /// From the edge to the answer.
    pub duration_in_milliseconds: u64,
    /// Label of the token, or who else it was.
    pub client: String,
    /// Of an error: what the answer said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
}

/// Something that happened to a person, or to their membership of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// Its number in the directory.
    pub id: String,
    /// RFC 3339, UTC.
    pub date_time: String,
    /// `create`, `update`, `delete`, `restore`, `memberAdded` or `memberRemoved`.
    pub activity: String,
    /// Of an update: which attributes.
    pub attributes: Vec<String>,
    /// Who did it, where that is known.
    pub client: Option<String>,
    /// Of a membership: the group.
    pub group_id: Option<String>,
    /// Its name, if it is still there.
    pub group_display_name: Option<String>,
}
