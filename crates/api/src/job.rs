//! Synchronization jobs and secrets: Graph's `synchronizationJob` and what belongs to it.

use serde::{Deserialize, Serialize};

/// Keys of `…/synchronization/secrets`.
pub mod secret_keys {
    /// The target's SCIM URL: "Tenant URL".
    pub const BASE_ADDRESS: &str = "BaseAddress";
    /// The target's bearer token: "Secret Token".
    pub const SECRET_TOKEN: &str = "SecretToken";
    /// When the Secret Token runs out, RFC 3339 or a date, if the administrator knows. Not in Graph.
    pub const SECRET_TOKEN_EXPIRES: &str = "SecretTokenExpires";
    /// How requests to the target are authorized: `BearerToken` or `OAuth2ClientCredentials`.
    pub const AUTHENTICATION_TYPE: &str = "AuthenticationType";
    /// The target's token endpoint.
    pub const TOKEN_ENDPOINT: &str = "Oauth2TokenExchangeUri";
    /// Id of the OAuth client.
    pub const CLIENT_ID: &str = "Oauth2ClientId";
    /// Secret of the OAuth client.
    pub const CLIENT_SECRET: &str = "Oauth2ClientSecret";
    /// Scope that is asked for, if any. Not in Graph.
    pub const SCOPE: &str = "Oauth2Scope";
    /// Signs what is sent to the webhook: `whsec_` and base64. Not in Graph.
    pub const WEBHOOK_SECRET: &str = "WebhookSecret";
    /// JSON `{"Enabled":bool,"DeleteThresholdEnabled":bool,"HumanResourcesLookaheadQueryEnabled":bool,"Recipients":"a@x","WebhookUrl":"https://x"}`.
    pub const NOTIFICATION: &str = "SyncNotificationSettings";
    /// `True`: all users; `False`: assigned ones.
    pub const SYNC_ALL: &str = "SyncAll";
    /// `True`: accounts of people out of scope are left alone.
    pub const SKIP_OUT_OF_SCOPE_DELETIONS: &str = "SkipOutOfScopeDeletions";
}

/// Body of `PUT …/secrets` and of its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Secrets {
    /// The entries.
    pub value: Vec<SecretEntry>,
}

/// Graph's `synchronizationSecretKeyStringValuePair`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretEntry {
    /// One of [`secret_keys`].
    pub key: String,
    /// The value. In answers secret values are `*`.
    pub value: String,
}

impl std::fmt::Debug for SecretEntry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SecretEntry").field("key", &self.key).field("value", &"***").finish()
    }
}

/// Value of the secret [`secret_keys::NOTIFICATION`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NotificationSettings {
    /// Whether mail is sent when the job goes into quarantine.
    pub enabled: bool,
    /// Whether the accidental-deletion threshold is on.
    pub delete_threshold_enabled: bool,
    /// To whom.
    pub recipients: String,
    /// Not in Graph: where signed messages about the same go, whether or not mail is on; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub webhook_url: String,
}

/// Body of `POST …/validateCredentials`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValidateCredentials {
    /// Use what is saved for the keys that are missing or `*`.
    pub use_saved_credentials: bool,
    /// What to try.
    pub credentials: Vec<SecretEntry>,
    /// Graph's name of the job's template; ignored here.
    pub template_id: Option<String>,
}

/// Body of `POST …/jobs`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobRequest {
    /// The template's tag, e.g. `scim`; the service principal's template decides.
    #[serde(default)]
    pub template_id: String,
}

/// Body of `PATCH …/jobs/{jobId}`: what is given is changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobPatch {
    /// When it runs.
    pub schedule: Option<SchedulePatch>,
    /// `DeprovisioningAction` (`Disable`, `DisableThenDelete`, `Nothing`), `DeleteAfterDays`,
    /// `RequestsPerSecond`.
    pub synchronization_job_settings: Vec<NameValue>,
}

/// The part of Graph's `synchronizationSchedule` that can be changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SchedulePatch {
    /// ISO 8601 duration from `PT1M` to `P7D`.
    pub interval: Option<String>,
}

/// Body of `POST …/restart`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RestartRequest {
    /// What to reset.
    pub criteria: RestartCriteria,
}

/// Graph's `synchronizationJobRestartCriteria`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RestartCriteria {
    /// Comma-separated: `Watermark`, `Escrows`, `QuarantineState`, `ConnectorDataStore`, `Full`,
    /// `ForceDeletes`; empty = `QuarantineState, Watermark, Escrows`.
    pub reset_scope: String,
}

/// Graph's `synchronizationJob`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SynchronizationJob {
    /// Its id.
    pub id: String,
    /// The template's tag.
    pub template_id: String,
    /// When it runs.
    pub schedule: Schedule,
    /// How it is.
    pub status: Status,
    /// `QuarantineTooManyDeletesThreshold`, `DeprovisioningAction`, `DeleteAfterDays`.
    pub synchronization_job_settings: Vec<NameValue>,
}

/// Graph's `keyValuePair` with `name`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NameValue {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
}

/// Graph's `synchronizationSchedule`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// RFC 3339, or absent.
    pub expiration: Option<String>,
    /// ISO 8601 duration, e.g. `PT40M`.
    pub interval: String,
    /// `Active`, `Disabled` or `Paused`.
    pub state: String,
}

/// Graph's `synchronizationStatus`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// `NotConfigured`, `NotRun`, `Active`, `Paused` or `Quarantine`.
    pub code: String,
    /// Cycles in a row that failed as a whole.
    pub count_successive_complete_failures: u64,
    /// Always false: failures are never pruned here.
    pub escrows_pruned: bool,
    /// The last run, or the one that runs.
    pub last_execution: Option<TaskExecution>,
    /// The last run that ended well.
    pub last_successful_execution: Option<TaskExecution>,
    /// The last run that ended well and wrote something.
    pub last_successful_execution_with_exports: Option<TaskExecution>,
    /// How far the current cycle is; empty when none runs.
    pub progress: Vec<Progress>,
    /// Why and until when the job is slowed down.
    pub quarantine: Option<Quarantine>,
    /// RFC 3339, UTC.
    pub steady_state_first_achieved_time: Option<String>,
    /// RFC 3339, UTC.
    pub steady_state_last_achieved_time: Option<String>,
    /// Links by object type.
    pub synchronized_entry_count_by_type: Vec<KeyCount>,
    /// Not in Graph: the cycle that runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub current_cycle: Option<crate::cycle::Cycle>,
    /// Not in Graph: RFC 3339, UTC: when the next cycle starts, when one is scheduled.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_execution_date_time: Option<String>,
    /// Not in Graph: RFC 3339, UTC: when the credentials run out, if that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credentials_expire_date_time: Option<String>,
    /// Not in Graph: why the webhook did not take the last message, if so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub notification_error: Option<String>,
}

/// Graph's `stringKeyLongValuePair`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyCount {
    /// `User` or `Group`.
    pub key: String,
    /// How many.
    pub value: u64,
}

/// Graph's `synchronizationProgress`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Done.
    pub completed_units: u64,
    /// Of how many.
    pub total_units: u64,
    /// What is counted, e.g. `users` or `references`.
    pub units: String,
    /// RFC 3339, UTC.
    pub progress_observation_date_time: String,
}

/// Graph's `synchronizationQuarantine`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quarantine {
    /// RFC 3339, UTC.
    pub current_began: String,
    /// RFC 3339, UTC.
    pub next_attempt: String,
    /// E.g. `EncounteredQuarantineException`.
    pub reason: String,
    /// RFC 3339, UTC.
    pub series_began: String,
    /// Attempts that failed so far.
    pub series_count: u64,
    /// The cause.
    pub error: Option<SynchronizationError>,
}

/// Graph's `synchronizationError`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SynchronizationError {
    /// Code.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
    /// Whether the administrator can act.
    pub tenant_actionable: bool,
}

/// Graph's `synchronizationTaskExecution`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskExecution {
    /// The cycle's id.
    pub activity_identifier: String,
    /// People assigned.
    pub count_entitled: u64,
    /// People in scope.
    pub count_entitled_for_provisioning: u64,
    /// Failures.
    pub count_escrowed: u64,
    /// Failures with duplicates; the same here.
    pub count_escrowed_raw: u64,
    /// Objects written.
    pub count_exported: u64,
    /// Writes.
    pub count_exports: u64,
    /// Objects read.
    pub count_imported: u64,
    /// Of them in an incremental cycle.
    pub count_imported_deltas: u64,
    /// References read in an incremental cycle.
    pub count_imported_reference_deltas: u64,
    /// Why it failed.
    pub error: Option<SynchronizationError>,
    /// `Succeeded`, `Failed` or `EntryLevelErrors`; Graph has no value for a run that goes on, which
    /// is told by [`Status::current_cycle`].
    pub state: String,
    /// RFC 3339, UTC.
    pub time_began: String,
    /// RFC 3339, UTC.
    pub time_ended: String,
}

/// Body of `POST …/provisionOnDemand`: Graph's `synchronizationJobApplicationParameters`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnDemandRequest {
    /// Rules with their subjects.
    pub parameters: Vec<OnDemandParameters>,
}

/// Graph's `synchronizationJobApplicationParameters`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnDemandParameters {
    /// The synchronization rule; there is one.
    #[serde(default)]
    pub rule_id: String,
    /// Who.
    pub subjects: Vec<OnDemandSubject>,
}

/// Graph's `synchronizationJobSubject`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnDemandSubject {
    /// Id in the workforce directory.
    pub object_id: String,
    /// `User`.
    pub object_type_name: String,
}

/// Answer of `POST …/provisionOnDemand`: Graph's `stringKeyStringValuePair`, JSON inside of strings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OnDemandAnswer {
    /// `{"result":"Success|Skipped|Failure","details":{"errorCode","errorMessage"}}`.
    pub key: String,
    /// The event: action, steps, modified properties, identities.
    pub value: String,
}
