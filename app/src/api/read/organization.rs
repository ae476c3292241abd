//! Members, API keys, and what SCIM clients did.

use super::{FromJson, Misfit, get, get_or_default};
use api::activity::{HistoryEntry, RequestRecord};
use api::organization::{ApiKey, Member, Role};
use serde_json::Value;

read_words!(Role { Administrator "administrator", Reader "reader" });

read!(Member {
    id "id",
    email "email",
    role "role",
    created_date_time "createdDateTime",
    last_sign_in_date_time "lastSignInDateTime"
});

read!(ApiKey {
    id "id",
    label "label",
    role "role",
    created_date_time "createdDateTime",
    expires_date_time "expiresDateTime",
    last_used_date_time "lastUsedDateTime"
});

read!(RequestRecord {
    id "id",
    date_time "dateTime",
    method "method",
    path "path",
    status "status",
    duration_in_milliseconds "durationInMilliseconds",
    client "client";
    detail "detail"
});

read!(HistoryEntry {
    id "id",
    date_time "dateTime",
    activity "activity",
    attributes "attributes",
    client "client",
    group_id "groupId",
    group_display_name "groupDisplayName"
});
