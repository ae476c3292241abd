//! Inlets and their log.

use super::{FromJson, Misfit, get};
use api::inlet::{
    AppRoleMirror, AppRoleMirrorStatus, AttributeConflicts, AttributePrecedence, AttributePrecedences, Inlet,
    InletConflict, InletCounts, InletError, InletLogEntry, InletRules, InletRun, InletStatus, InletValue,
    KeyCredential, MirroredAppRoles,
};
use serde_json::Value;

read!(Inlet {
    id "id",
    directory_id "directoryId",
    kind "kind",
    display_name "displayName",
    tenant_id "tenantId",
    client_id "clientId",
    cloud "cloud",
    login_origin "loginOrigin",
    graph_origin "graphOrigin",
    interval "interval",
    extension_attributes "extensionAttributes",
    created_date_time "createdDateTime",
    status "status"
});

read!(InletStatus {
    state "state",
    last_run "lastRun",
    current_run "currentRun",
    last_error "lastError",
    next_run_date_time "nextRunDateTime",
    counts "counts",
    held_removals "heldRemovals"
});

read!(InletCounts { users "users", groups "groups" });

read!(InletRun {
    kind "kind",
    phase "phase",
    started_date_time "startedDateTime",
    ended_date_time "endedDateTime",
    pages "pages",
    users_read "usersRead",
    groups_read "groupsRead",
    created "created",
    joined "joined",
    updated "updated",
    unchanged "unchanged",
    restored "restored",
    deleted "deleted",
    failed "failed",
    members_added "membersAdded",
    members_removed "membersRemoved"
});

read!(InletError { code "code", message "message", date_time "dateTime" });

read!(InletLogEntry {
    id "id",
    date_time "dateTime",
    level "level",
    code "code",
    message "message",
    source_id "sourceId"
});

read!(InletRules { join_by "joinBy", precedence "precedence", attributes "attributes" });

read!(InletConflict {
    user_id "userId",
    display_name "displayName",
    attribute "attribute",
    values "values"
});

read!(InletValue { inlet_id "inletId", inlet "inlet", value "value", counts "counts", display_name "displayName" });

read!(AttributePrecedences { value "value", conflicts "conflicts", state "state" });

read!(AttributePrecedence { attribute "attribute", inlets "inlets" });

read!(AttributeConflicts { attribute "attribute", people "people" });

read!(KeyCredential {
    thumbprint "thumbprint",
    thumbprint_sha256 "thumbprintSha256",
    start_date_time "startDateTime",
    end_date_time "endDateTime",
    state "state"
});

read!(AppRoleMirror {
    source_service_principal_id "sourceServicePrincipalId",
    service_principal_id "servicePrincipalId"
});

impl FromJson for MirroredAppRoles {
    fn from_json(value: &Value, misfit: &mut Misfit) -> Self {
        Self { mirror: AppRoleMirror::from_json(value, misfit), status: get(value, "status", misfit) }
    }
}

read!(AppRoleMirrorStatus {
    assigned "assigned",
    waiting "waiting",
    added "added",
    removed "removed",
    held "held",
    unknown_roles "unknownRoles",
    last_run_date_time "lastRunDateTime",
    last_error "lastError"
});
