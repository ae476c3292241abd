use super::*;
use api::activity::{HistoryEntry, RequestRecord};
use api::application::{AppRoleAssignment, ApplicationTemplate, ServicePrincipal};
use api::audit::DirectoryAudit;
use api::collection::Collection;
use api::cycle::ActivityReport;
use api::directory::{
    CustomAttribute, DeletedItem, Directory, ImportPreview, ImportRecord, ImportResult, OauthClient, Token,
};
use api::error::ErrorBody;
use api::inlet::{
    AttributePrecedences, Inlet, InletConflict, InletLogEntry, InletRules, KeyCredential, MirroredAppRoles,
};
use api::job::{NotificationSettings, Secrets, SynchronizationJob};
use api::log::ProvisioningObjectSummary;
use api::organization::{ApiKey, Member};
use api::session::Session;
use serde::de::DeserializeOwned;
use serde_json::json;

/// What is read here is what the derived `Deserialize` reads.
fn check<T: FromJson + DeserializeOwned + PartialEq + std::fmt::Debug>(value: Value) {
    let mut misfit = Misfit::default();
    let read = T::from_json(&value, &mut misfit);
    assert_eq!(misfit.0, None);
    assert_eq!(read, serde_json::from_value(value).unwrap());
}

fn execution() -> Value {
    json!({"activityIdentifier": "a", "countEntitled": 1, "countEntitledForProvisioning": 2, "countEscrowed": 3,
        "countEscrowedRaw": 4, "countExported": 5, "countExports": 6, "countImported": 7, "countImportedDeltas": 8,
        "countImportedReferenceDeltas": 9, "error": {"code": "c", "message": "m", "tenantActionable": true},
        "state": "Succeeded", "timeBegan": "b", "timeEnded": "e"})
}

fn cycle() -> Value {
    json!({"id": "c", "kind": "initial", "state": "failed", "startedDateTime": "s", "endedDateTime": "e",
        "counts": {"imported": 1, "inScope": 2, "created": 3, "updated": 4, "disabled": 5, "deleted": 6, "unchanged": 7,
            "skipped": 8, "failed": 9, "references": 10, "requests": 11},
        "error": {"code": "x", "message": "m"}})
}

#[test]
fn applications() {
    check::<Session>(
        json!({"displayName": "a", "role": "reader", "organizationId": "o", "organizationDisplayName": "O",
        "workforceDirectoryId": "w", "expiresDateTime": "e"}),
    );
    check::<ErrorBody>(
        json!({"error": {"code": "c", "message": "m", "innerError": {"request-id": "r", "date": "d"},
        "details": [{"code": "c", "message": "m", "target": "t"}]}}),
    );
    check::<ErrorBody>(json!({"error": {"code": "c", "message": "m"}}));
    check::<Collection<ApplicationTemplate>>(
        json!({"@odata.count": 1, "@odata.nextLink": "n", "value": [{"id": "i",
        "displayName": "n", "publisher": "p", "description": "d", "categories": ["c"], "homePageUrl": "h",
        "supportedProvisioningTypes": ["sync"], "excludesDefaultAccess": true}]}),
    );
    check::<ServicePrincipal>(
        json!({"id": "i", "appId": "a", "displayName": "n", "applicationTemplateId": "t",
        "accountEnabled": true, "createdDateTime": "c", "excludesDefaultAccess": false, "appRoles": [{"id": "r",
        "displayName": "R", "value": null, "description": "d", "isEnabled": true, "allowedMemberTypes": ["User"]}]}),
    );
    check::<AppRoleAssignment>(
        json!({"id": "i", "createdDateTime": "c", "principalId": "p", "principalDisplayName": "P",
        "principalType": "User", "resourceId": "r", "resourceDisplayName": "R", "appRoleId": "x"}),
    );
}

#[test]
fn directories() {
    check::<Directory>(json!({"id": "1", "displayName": "Å", "profile": "application", "scimUrl": "u",
        "employeeProvisioningEnabled": true, "createdDateTime": "t", "userCount": 3, "unknown": {"a": [1]}}));
    check::<Token>(json!({"id": "1", "label": "l", "scope": "readWrite", "createdDateTime": "c",
        "expiresDateTime": "e", "lastUsedDateTime": "u"}));
    check::<OauthClient>(json!({"clientId": "1", "label": "l", "scope": "read", "tokenUrl": "u",
        "createdDateTime": "c", "lastUsedDateTime": "u"}));
    check::<DeletedItem>(json!({"id": "1", "displayName": "n", "userName": "u", "kind": "user",
        "deletedDateTime": "d", "purgeDateTime": "p"}));
    check::<CustomAttribute>(json!({"name": "Business Unit", "type": "employee"}));
    check::<ImportResult>(
        json!({"created": 1, "failed": 2, "errors": [{"line": 1, "column": 2, "message": "m"}]}),
    );
}

#[test]
fn people_who_manage_and_clients_who_ask() {
    check::<Member>(json!({"id": "i", "email": "a@b", "role": "administrator", "createdDateTime": "c",
        "lastSignInDateTime": null}));
    check::<ApiKey>(
        json!({"id": "i", "label": "l", "role": "reader", "createdDateTime": "c", "expiresDateTime": "e",
        "lastUsedDateTime": "u"}),
    );
    check::<RequestRecord>(
        json!({"id": "1", "dateTime": "d", "method": "GET", "path": "/Users", "status": 400,
        "durationInMilliseconds": 3, "client": "c", "detail": "x"}),
    );
    check::<RequestRecord>(
        json!({"id": "1", "dateTime": "d", "method": "GET", "path": "/Users", "status": 200,
        "durationInMilliseconds": 3, "client": "c"}),
    );
    check::<HistoryEntry>(json!({"id": "1", "dateTime": "d", "activity": "update", "attributes": ["title"],
        "client": null, "groupId": "g", "groupDisplayName": "G"}));
}

#[test]
fn imports_and_inlets() {
    check::<ImportPreview>(
        json!({"created": 1, "updated": 2, "unchanged": 3, "failed": 4, "removed": 5, "errors": [],
        "encoding": "UTF-8", "columns": [{"header": "Login", "attribute": "userPrincipalName"}],
        "changes": [{"line": 2, "userPrincipalName": "u", "action": "update", "attributes": ["title"]},
            {"userPrincipalName": "v", "action": "remove"}]}),
    );
    check::<ImportRecord>(
        json!({"id": "i", "state": "failed", "preview": false, "removeMissing": true, "startedDateTime": "s",
        "endedDateTime": "e", "startedBy": "ada", "progress": {"phase": "rows", "bytes": 1, "totalBytes": 2,
            "rows": 3, "checked": 4, "created": 5, "updated": 6, "failed": 7, "removed": 8, "slices": 9,
            "longestSliceInMilliseconds": 10},
        "result": {"created": 1}, "error": {"code": "c", "message": "m"}}),
    );
    let run = json!({"kind": "full", "phase": "users", "startedDateTime": "s", "endedDateTime": null, "pages": 1,
        "usersRead": 2, "groupsRead": 3, "created": 4, "joined": 5, "updated": 6, "unchanged": 7, "restored": 8,
        "deleted": 9, "failed": 10, "membersAdded": 11, "membersRemoved": 12});
    check::<Inlet>(
        json!({"id": "i", "directoryId": "d", "kind": "microsoftGraph", "displayName": "n", "tenantId": "t",
        "clientId": "c", "cloud": "global", "loginOrigin": "l", "graphOrigin": "g", "interval": "PT40M",
        "extensionAttributes": ["extensionAttribute1"], "createdDateTime": "x", "status": {"state": "running",
            "lastRun": run, "currentRun": run, "lastError": {"code": "c", "message": "m", "dateTime": "d"},
            "nextRunDateTime": "n", "counts": {"users": 1, "groups": 2},
            "heldRemovals": {"users": 3, "groups": 4}}}),
    );
    check::<InletRules>(json!({"joinBy": "mail", "precedence": 100, "attributes": ["mail", "city"]}));
    check::<InletConflict>(
        json!({"userId": "u", "displayName": "Ada", "attribute": "department", "values": [
        {"inletId": "i", "inlet": "Cloud", "value": "IT", "counts": true}]}),
    );
    check::<AttributePrecedences>(json!({"value": [{"attribute": "jobTitle", "inlets": ["i", "j"]}],
        "conflicts": [{"attribute": "city", "people": 3}], "state": "idle"}));
    check::<KeyCredential>(json!({"thumbprint": "t", "thumbprintSha256": "s", "startDateTime": "b",
        "endDateTime": "e", "state": "valid"}));
    check::<MirroredAppRoles>(json!({"sourceServicePrincipalId": "s", "servicePrincipalId": "o", "status": {
        "assigned": 1, "waiting": 2, "added": 3, "removed": 4, "held": 5, "unknownRoles": ["r"],
        "lastRunDateTime": "d", "lastError": {"code": "c", "message": "m", "dateTime": "d"}}}));
    check::<InletLogEntry>(json!({"id": "1", "dateTime": "d", "level": "error", "code": "c", "message": "m",
        "sourceId": null}));
}

#[test]
fn jobs() {
    check::<Secrets>(json!({"value": [{"key": "k", "value": "v"}]}));
    check::<NotificationSettings>(
        json!({"Enabled": true, "DeleteThresholdEnabled": true, "Recipients": "r", "WebhookUrl": "u"}),
    );
    check::<SynchronizationJob>(json!({"id": "1", "templateId": "p",
        "synchronizationJobSettings": [{"name": "n", "value": "v"}],
        "schedule": {"expiration": null, "interval": "PT40M", "state": "Active"},
        "status": {"code": "Active", "countSuccessiveCompleteFailures": 1, "escrowsPruned": false,
            "lastExecution": execution(), "lastSuccessfulExecution": execution(),
            "lastSuccessfulExecutionWithExports": execution(),
            "progress": [{"completedUnits": 1, "totalUnits": 2, "units": "users", "progressObservationDateTime": "t"}],
            "quarantine": {"currentBegan": "a", "nextAttempt": "b", "reason": "r", "seriesBegan": "s", "seriesCount": 2,
                "error": {"code": "c", "message": "m", "tenantActionable": false}},
            "steadyStateFirstAchievedTime": "f", "steadyStateLastAchievedTime": "l",
            "synchronizedEntryCountByType": [{"key": "User", "value": 2}],
            "currentCycle": cycle(), "nextExecutionDateTime": "n",
            "credentialsExpireDateTime": "e", "notificationError": "w"}}));
    check::<ActivityReport>(
        json!({"cycle": cycle(), "servicePrincipalId": "s", "servicePrincipalDisplayName": "S",
        "durationInMilliseconds": -1, "errors": [{"code": "c", "count": 2}], "truncated": true,
        "entries": [{"dateTime": "d", "action": "create", "status": "success", "sourceId": "s",
            "sourceDisplayName": "S", "targetId": "t", "changes": "c", "errorCode": "e", "reason": "r",
            "recommendedAction": "x"}]}),
    );
}

#[test]
fn logs() {
    check::<ProvisioningObjectSummary>(
        json!({"id": "i", "activityDateTime": "a", "tenantId": "t", "jobId": "j",
        "cycleId": "c", "changeId": "h", "provisioningAction": "create", "durationInMilliseconds": 7,
        "provisioningStatusInfo": {"status": "failure", "errorInformation": {"errorCode": "e", "reason": "r",
            "additionalDetails": "d", "errorCategory": "failure", "recommendedAction": "x"}},
        "provisioningSteps": [{"name": "n", "provisioningStepType": "import", "status": "success", "description": "d",
            "details": {"a": 1}}],
        "modifiedProperties": [{"displayName": "p", "oldValue": null, "newValue": "v"}],
        "servicePrincipal": {"id": "s", "displayName": "S"}, "sourceSystem": {"id": "s", "displayName": "S"},
        "targetSystem": {"id": "s", "displayName": "S", "details": {"x": "y"}},
        "initiatedBy": {"initiatorType": "system", "id": "", "displayName": "R"},
        "sourceIdentity": {"id": "s", "displayName": "S", "identityType": "User"},
        "targetIdentity": {"id": "s", "displayName": "S", "identityType": "User", "details": {}}}),
    );
    check::<DirectoryAudit>(
        json!({"id": "i", "activityDateTime": "a", "activityDisplayName": "d", "category": "c",
        "result": "success", "initiatedBy": {"kind": "session", "displayName": "n"},
        "targetResources": [{"id": "i", "displayName": "n", "type": "Token", "modifiedProperties": []}]}),
    );
}

#[test]
fn misfits_are_named() {
    let misfit = |value: Value| {
        let mut misfit = Misfit::default();
        Directory::from_json(&value, &mut misfit);
        misfit.0
    };
    assert_eq!(misfit(json!({})), Some("id"));
    assert_eq!(misfit(json!({"id": "1", "displayName": 7})), Some("displayName"));
    assert_eq!(misfit(json!({"id": "1", "displayName": "n", "profile": "other"})), Some("profile"));
}
