//! Synchronization jobs, their settings, cycles and reports.

use super::{FromJson, Misfit, get, get_or_default};
use api::cycle::{ActivityReport, Cycle, CycleCounts, CycleError, ErrorCount, ReportEntry};
use api::job::{
    KeyCount, NameValue, NotificationSettings, Progress, Quarantine, Schedule, SecretEntry, Secrets, Status,
    SynchronizationError, SynchronizationJob, TaskExecution,
};
use serde_json::Value;

read!(Secrets { value "value" });
read!(SecretEntry { key "key", value "value" });
read!(NotificationSettings {;
    enabled "Enabled",
    delete_threshold_enabled "DeleteThresholdEnabled",
    recipients "Recipients",
    webhook_url "WebhookUrl"
});

read!(SynchronizationJob {
    id "id",
    template_id "templateId",
    schedule "schedule",
    status "status",
    synchronization_job_settings "synchronizationJobSettings"
});

read!(NameValue { name "name", value "value" });
read!(Schedule { expiration "expiration", interval "interval", state "state" });

read!(Status {
    code "code",
    count_successive_complete_failures "countSuccessiveCompleteFailures",
    escrows_pruned "escrowsPruned",
    last_execution "lastExecution",
    last_successful_execution "lastSuccessfulExecution",
    last_successful_execution_with_exports "lastSuccessfulExecutionWithExports",
    progress "progress",
    quarantine "quarantine",
    steady_state_first_achieved_time "steadyStateFirstAchievedTime",
    steady_state_last_achieved_time "steadyStateLastAchievedTime",
    synchronized_entry_count_by_type "synchronizedEntryCountByType",
    current_cycle "currentCycle",
    next_execution_date_time "nextExecutionDateTime",
    credentials_expire_date_time "credentialsExpireDateTime",
    notification_error "notificationError"
});

read!(KeyCount { key "key", value "value" });

read!(Progress {
    completed_units "completedUnits",
    total_units "totalUnits",
    units "units",
    progress_observation_date_time "progressObservationDateTime"
});

read!(Quarantine {
    current_began "currentBegan",
    next_attempt "nextAttempt",
    reason "reason",
    series_began "seriesBegan",
    series_count "seriesCount",
    error "error"
});

read!(SynchronizationError { code "code", message "message", tenant_actionable "tenantActionable" });

read!(TaskExecution {
    activity_identifier "activityIdentifier",
    count_entitled "countEntitled",
    count_entitled_for_provisioning "countEntitledForProvisioning",
    count_escrowed "countEscrowed",
    count_escrowed_raw "countEscrowedRaw",
    count_exported "countExported",
    count_exports "countExports",
    count_imported "countImported",
    count_imported_deltas "countImportedDeltas",
    count_imported_reference_deltas "countImportedReferenceDeltas",
    error "error",
    state "state",
    time_began "timeBegan",
    time_ended "timeEnded"
});

read!(Cycle {
    id "id",
    kind "kind",
    state "state",
    started_date_time "startedDateTime",
    ended_date_time "endedDateTime",
    counts "counts",
    error "error"
});

read!(CycleCounts {;
    imported "imported",
    in_scope "inScope",
    created "created",
    updated "updated",
    disabled "disabled",
    deleted "deleted",
    unchanged "unchanged",
    skipped "skipped",
    failed "failed",
    references "references",
    requests "requests"
});

read!(CycleError { code "code", message "message" });

read!(ActivityReport {
    cycle "cycle",
    service_principal_id "servicePrincipalId",
    service_principal_display_name "servicePrincipalDisplayName",
    duration_in_milliseconds "durationInMilliseconds",
    errors "errors",
    entries "entries",
    truncated "truncated"
});

read!(ErrorCount { code "code", count "count" });

read!(ReportEntry {
    date_time "dateTime",
    action "action",
    status "status",
    object_type "objectType",
    source_id "sourceId",
    source_display_name "sourceDisplayName",
    target_id "targetId",
    changes "changes",
    error_code "errorCode",
    reason "reason",
    recommended_action "recommendedAction"
});
