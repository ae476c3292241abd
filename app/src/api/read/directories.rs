//! Directories, tokens, custom attributes and the import.

use super::{FromJson, Misfit, get, get_or_default};
use api::directory::{
    CustomAttribute, CustomAttributeType, DeletedItem, Directory, DirectoryProfile, ImportChange,
    ImportColumn, ImportCounts, ImportError, ImportPreview, ImportRecord, ImportResult, OauthClient, Token,
    TokenScope,
};
use serde_json::Value;

read_words!(DirectoryProfile { Workforce "workforce", Application "application" });
read_words!(TokenScope { Read "read", ReadWrite "readWrite" });
read_words!(CustomAttributeType {
    String "string",
    Option "option",
    Date "date",
    Number "number",
    Boolean "boolean",
    Employee "employee"
});

read!(Directory {
    id "id",
    display_name "displayName",
    profile "profile",
    scim_url "scimUrl",
    employee_provisioning_enabled "employeeProvisioningEnabled",
    ignore_unknown_members "ignoreUnknownMembers",
    requests_per_second "requestsPerSecond",
    created_date_time "createdDateTime",
    user_count "userCount",
    group_count "groupCount"
});

read!(Token {
    id "id",
    label "label",
    scope "scope",
    created_date_time "createdDateTime",
    expires_date_time "expiresDateTime",
    last_used_date_time "lastUsedDateTime"
});

read!(OauthClient {
    client_id "clientId",
    label "label",
    scope "scope",
    token_url "tokenUrl",
    created_date_time "createdDateTime",
    last_used_date_time "lastUsedDateTime"
});

read!(DeletedItem {
    id "id",
    display_name "displayName",
    user_name "userName",
    kind "kind",
    deleted_date_time "deletedDateTime",
    purge_date_time "purgeDateTime"
});

read!(CustomAttribute { name "name", kind "type"; id "id" });

read!(ImportResult {;
    created "created",
    updated "updated",
    unchanged "unchanged",
    failed "failed",
    removed "removed",
    from_inlets "fromInlets",
    errors "errors",
    encoding "encoding"
});

impl FromJson for ImportPreview {
    fn from_json(value: &Value, misfit: &mut Misfit) -> Self {
        Self {
            result: FromJson::from_json(value, misfit),
            changes: get(value, "changes", misfit),
            columns: get_or_default(value, "columns", misfit),
        }
    }
}

read!(ImportChange { user_principal_name "userPrincipalName", action "action"; line "line", attributes "attributes" });

read!(ImportColumn {; header "header", attribute "attribute" });

read!(ImportCounts {;
    phase "phase",
    bytes "bytes",
    total_bytes "totalBytes",
    rows "rows",
    checked "checked",
    created "created",
    updated "updated",
    failed "failed",
    removed "removed",
    slices "slices",
    longest_slice_in_milliseconds "longestSliceInMilliseconds"
});

read!(ImportRecord {
    id "id",
    state "state",
    preview "preview",
    remove_missing "removeMissing",
    started_date_time "startedDateTime",
    started_by "startedBy",
    progress "progress";
    ended_date_time "endedDateTime",
    result "result",
    error "error"
});

read!(ImportError { line "line", column "column", message "message" });
