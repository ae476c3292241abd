//! Names of a job's settings in its store.

/// The job's record ([`super::record::JobRecord`]).
pub const RECORD: &str = "record";
/// The sealed secrets.
pub const SECRETS: &str = "secrets";
/// The OAuth client's access token: when it is renewed, and the token, sealed.
pub const ACCESS_TOKEN: &str = "accessToken";
/// The origin of this deployment, as the administrator reaches it.
pub const ORIGIN: &str = "origin";
/// The synchronization schema.
pub const SCHEMA: &str = "schema";
/// The state of the running cycle; absent when none runs.
pub const CYCLE: &str = "cycle";
/// The watermark of the last finished cycle; absent when the next one is initial.
pub const WATERMARK: &str = "watermark";
/// How far the assignments are mirrored.
pub const MIRROR: &str = "mirror";
/// How far the directory's changes of memberships were queued.
pub const MEMBERSHIPS: &str = "memberships";
/// The engine's `JobHealth`.
pub const HEALTH: &str = "health";
/// When the next cycle starts, in Unix milliseconds.
pub const NEXT_RUN: &str = "nextRun";
/// When the next cycle starts because something changed, in Unix milliseconds; absent when nothing did.
pub const CHANGED_RUN: &str = "changedRun";
/// The last finished cycle, as Graph's `synchronizationTaskExecution`.
pub const LAST_EXECUTION: &str = "lastExecution";
/// The last cycle that ended well.
pub const LAST_SUCCESS: &str = "lastSuccess";
/// The last cycle that ended well and wrote something.
pub const LAST_SUCCESS_WITH_EXPORTS: &str = "lastSuccessWithExports";
/// When the steady state was first and last reached.
pub const STEADY_STATE: &str = "steadyState";
/// Links by object type, counted as they come and go.
pub const LINK_COUNTS: &str = "linkCounts";
/// The engine's `Deprovisioning`; absent for the default.
pub const DEPROVISIONING: &str = "deprovisioning";
/// What the job keeps of its template: the engine's `JobTemplate`.
pub const TEMPLATE: &str = "template";
/// The template's mappings.
pub const DEFAULT_SCHEMA: &str = "defaultSchema";
/// Whether assignments reach people in groups within groups; absent when not.
pub const NESTED_GROUPS: &str = "nestedGroups";
/// Requests a second to the target, if they were set; 0 is no limit.
pub const RATE: &str = "rate";
/// The target's dialect, if it was set: the engine's `Quirks`.
pub const QUIRKS: &str = "quirks";
/// What the target can do, and whose answer that is.
pub const CAPABILITIES: &str = "capabilities";
/// The engine's `DeletionThreshold`; absent for the default.
pub const DELETION_LIMITS: &str = "deletionLimits";
/// The engine's `EscrowLimits`; absent for the default.
pub const ESCROW_LIMITS: &str = "escrowLimits";
/// Deletions and disablings of the cycles shortly before.
pub const RECENT_DELETIONS: &str = "recentDeletions";
/// Held deletions were decided about since the last cycle began: the next one begins at once.
pub const DECIDED: &str = "decided";
/// An object whose retries are over: the job is switched off when the cycle ends.
pub const ESCROW_EXPIRED: &str = "escrowExpired";
/// Mails that wait to be sent.
pub const NOTICES: &str = "notices";
/// Messages to the webhook that wait to be sent.
pub const MESSAGES: &str = "messages";
/// Why the webhook did not take the last message; absent when it did.
pub const WEBHOOK_ERROR: &str = "webhookError";
/// When the credentials run out, and what people were told about it.
pub const EXPIRY: &str = "expiry";
/// Slices in a row that failed, for the back-off.
pub const FAILED_SLICES: &str = "failedSlices";
