//! Inlets and their log.

use super::{FromJson, Misfit, get};
use api::inlet::{Inlet, InletCounts, InletError, InletLogEntry, InletRun, InletStatus};
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
