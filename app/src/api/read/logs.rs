//! The provisioning log and the audit log.

use super::{FromJson, Misfit, get, get_or_default};
use api::audit::{AuditInitiator, AuditTarget, DirectoryAudit};
use api::log::{
    Identity, Initiator, ModifiedProperty, NamedObject, ProvisioningErrorInfo, ProvisioningObjectSummary,
    ProvisioningStatusInfo, ProvisioningStep,
};
use serde_json::Value;

read!(ProvisioningObjectSummary {
    id "id",
    activity_date_time "activityDateTime",
    tenant_id "tenantId",
    job_id "jobId",
    cycle_id "cycleId",
    change_id "changeId",
    provisioning_action "provisioningAction",
    duration_in_milliseconds "durationInMilliseconds",
    provisioning_status_info "provisioningStatusInfo",
    provisioning_steps "provisioningSteps",
    modified_properties "modifiedProperties",
    service_principal "servicePrincipal",
    source_system "sourceSystem",
    target_system "targetSystem",
    initiated_by "initiatedBy",
    source_identity "sourceIdentity",
    target_identity "targetIdentity"
});

read!(ProvisioningStatusInfo { status "status", error_information "errorInformation" });

read!(ProvisioningErrorInfo {
    error_code "errorCode",
    reason "reason",
    additional_details "additionalDetails",
    error_category "errorCategory",
    recommended_action "recommendedAction"
});

read!(ProvisioningStep {
    name "name",
    provisioning_step_type "provisioningStepType",
    status "status",
    description "description",
    details "details"
});

read!(ModifiedProperty { display_name "displayName", old_value "oldValue", new_value "newValue" });
read!(NamedObject { id "id", display_name "displayName"; details "details" });
read!(Initiator { initiator_type "initiatorType", id "id", display_name "displayName" });
read!(Identity { id "id", display_name "displayName", identity_type "identityType"; details "details" });

read!(DirectoryAudit {
    id "id",
    activity_date_time "activityDateTime",
    activity_display_name "activityDisplayName",
    category "category",
    result "result",
    initiated_by "initiatedBy",
    target_resources "targetResources"
});

read!(AuditInitiator { kind "kind", display_name "displayName" });
read!(AuditTarget { id "id", display_name "displayName", kind "type", modified_properties "modifiedProperties" });
