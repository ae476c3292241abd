//! What a job's object can be asked, and the types of its answers.

use api::job::{NameValue, SecretEntry, ValidateCredentials};
use serde::{Deserialize, Serialize};
use store::job::LogFilter;

/// What a job's object can be asked.
#[derive(Serialize, Deserialize)]
pub enum JobCommand {
    /// → `SynchronizationJob`. 409 when there is a job already.
    Create {
        /// Its id.
        job_id: String,
        /// The organization.
        organization_id: String,
        /// The application.
        service_principal_id: String,
        /// Its name.
        display_name: String,
        /// Its template.
        template_id: String,
        /// The source.
        workforce_directory_id: String,
        /// What it keeps of its template.
        template: TemplateTexts,
    },
    /// → `Option<SynchronizationJob>`.
    Describe,
    /// → `()`. The application has another name.
    Rename {
        /// The name.
        display_name: String,
    },
    /// → `()`. Removes the job with everything it keeps.
    Destroy,
    /// → `Secrets`, masked.
    Secrets,
    /// → `Option<String>`: the webhook's secret, when one was made.
    PutSecrets {
        /// The new set.
        entries: Vec<SecretEntry>,
        /// The origin of this deployment.
        origin: String,
    },
    /// → `()`, or what is wrong.
    Validate {
        /// What to try.
        request: ValidateCredentials,
        /// The origin of this deployment.
        origin: String,
    },
    /// → `Vec<Probed>`: Test Connection probe by probe.
    Probe {
        /// What to try.
        request: ValidateCredentials,
        /// The origin of this deployment.
        origin: String,
    },
    /// → the target's capabilities as the API shows them, or null.
    Capabilities,
    /// → `RowCount`, of the object's database since it was last asked, or woke up.
    Rows,
    /// → `()`.
    Start,
    /// → `()`.
    Pause,
    /// → `()`.
    Restart {
        /// Comma-separated.
        reset_scope: String,
    },
    /// → `OnDemandAnswer`.
    ProvisionOnDemand {
        /// People.
        subjects: Vec<String>,
        /// Whether anything is written.
        write: bool,
    },
    /// → `Plan`. Makes one; 409 while a cycle or another plan is under way.
    CreatePlan,
    /// → `Plan`. Begins a drift check; 409 as for plans.
    CreateDriftCheck,
    /// → `()`. Marks whom a drift check is about, and runs.
    RepairDrift {
        /// The drift check.
        id: String,
        /// Whether members that somebody added to groups are taken away.
        #[serde(default)]
        remove_members: bool,
    },
    /// → `Vec<Plan>`, newest first; drift checks too.
    Plans,
    /// → [`PlanPage`].
    Plan {
        /// Its id.
        id: String,
        /// After this item.
        after: i64,
        /// How many items.
        limit: i64,
    },
    /// → `bool`: whether there was one.
    RemovePlan {
        /// Its id.
        id: String,
    },
    /// → `SynchronizationSchema`.
    Schema,
    /// → `()`.
    PutSchema {
        /// The new one, as JSON.
        schema: String,
    },
    /// → `()`. Back to the template's.
    ResetSchema {
        /// The template of this moment.
        template: TemplateTexts,
    },
    /// → `Vec<api::cycle::Cycle>`.
    Cycles {
        /// How many to leave out.
        skip: i64,
        /// How many.
        limit: i64,
    },
    /// → `ActivityReport`.
    Report {
        /// The cycle.
        cycle_id: String,
    },
    /// → `LogPage`.
    Logs {
        /// Which entries.
        filter: LogFilter,
        /// Before this place.
        before: Option<i64>,
        /// How many.
        limit: i64,
    },
    /// → `i64`.
    LogCount {
        /// Which entries.
        filter: LogFilter,
    },
    /// → `LogStatistics`.
    LogStatistics {
        /// Which entries.
        filter: LogFilter,
    },
    /// → `LinkPage`.
    Links {
        /// After this source id.
        after: String,
        /// How many.
        limit: i64,
    },
    /// → `Option<LinkRecord>`.
    Link {
        /// Source or target id.
        object_id: String,
    },
    /// → `()`. 409 while the job runs.
    RemoveLink {
        /// Source or target id.
        object_id: String,
    },
    /// → `(Vec<StagedRecord>, Option<i64>)`: held deletions, and how many there are.
    StagedDeletions {
        /// With this decision.
        decision: Option<String>,
        /// After this source id.
        after: String,
        /// How many.
        limit: i64,
        /// Whether to count them.
        count: bool,
    },
    /// → `{"decided","notFound","undecided"}`. Approves or rejects held deletions.
    DecideStaged {
        /// Approve, or reject.
        approve: bool,
        /// These; all that are undecided without.
        ids: Option<Vec<String>>,
        /// How many all must be.
        #[serde(default)]
        count: Option<u64>,
    },
    /// → `()`. Sets the time between two cycles.
    SetInterval {
        /// In milliseconds.
        interval: i64,
    },
    /// → `()`. Changes settings; what is not named stays.
    PutSettings {
        /// The settings.
        entries: Vec<NameValue>,
    },
    /// → `()`. Something changed that may concern the job.
    Changed {
        /// How many milliseconds it waits before it runs.
        debounce: i64,
    },
    /// → `()`. From cron: runs what is due if the alarm did not.
    Wake,
}

/// A plan with a page of its items.
#[derive(Serialize, Deserialize)]
pub struct PlanPage {
    /// The API's plan.
    pub plan: serde_json::Value,
    /// The API's items.
    pub items: Vec<serde_json::Value>,
    /// Where to go on; `None` at the end.
    pub next: Option<i64>,
}

/// A template as JSON texts: the job keeps them as they are.
#[derive(Serialize, Deserialize)]
pub struct TemplateTexts {
    /// A `JobTemplate`.
    pub kept: String,
    /// Its default mappings, a `SynchronizationSchema`.
    pub schema: String,
}
