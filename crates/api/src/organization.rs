//! Who may manage the organization: members and API keys (not in Graph).

use serde::{Deserialize, Serialize};

/// What somebody may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Everything.
    #[default]
    Administrator,
    /// Read, and nothing else.
    Reader,
}

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Their id.
    pub id: String,
    /// E-mail address, in small letters.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// RFC 3339, UTC.
    pub created_date_time: String,
    /// RFC 3339, UTC; absent when they never signed in.
    pub last_sign_in_date_time: Option<String>,
}

/// Body of `POST /organization/members`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberRequest {
    /// E-mail address.
    pub email: String,
    /// What they may do; `administrator` when absent.
    #[serde(default)]
    pub role: Role,
}

/// Body of `PATCH /organization/members/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberPatch {
    /// What they may do from now on.
    pub role: Role,
}

/// A key of the management API, without its secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// What its holder may do.
    pub role: Role,
    /// RFC 3339, UTC.
    pub created_date_time: String,
    /// RFC 3339, UTC.
    pub expires_date_time: String,
    /// RFC 3339, UTC, to the minute; absent when it was never used.
    pub last_used_date_time: Option<String>,
}

/// Body of `POST /organization/apiKeys`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ApiKeyRequest {
    /// What it is for; up to 120 characters.
    pub label: Option<String>,
    /// RFC 3339; a year from now when absent.
    pub expires_date_time: Option<String>,
    /// What its holder may do.
    pub role: Role,
}

/// Answer of `POST /organization/apiKeys`: the only place where the key is shown.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyCreated {
    /// The key. It is not kept and cannot be shown again.
    pub secret: String,
    /// The record.
    #[serde(flatten)]
    pub key: ApiKey,
}

impl std::fmt::Debug for ApiKeyCreated {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ApiKeyCreated").field("secret", &"***").field("key", &self.key).finish()
    }
}
