//! Collects the steps of one object and closes them into a log entry.

use super::{
    Action, Details, ErrorCode, ErrorInformation, ModifiedProperty, ProvisionedIdentity,
    ProvisioningObjectSummary, ProvisioningStep, Status, StatusInfo, StepType, date_time,
};
use crate::id::new_guid;
use crate::target::ScimRequest;
use crate::{Context, CycleId};

/// The record of one object while it goes through the machine.
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    started: i64,
    steps: Vec<ProvisioningStep>,
    modified: Vec<ModifiedProperty>,
    /// The object in the source.
    pub source: ProvisionedIdentity,
    /// The account in the target, as far as it is known.
    pub target: ProvisionedIdentity,
}

impl Recorder {
    /// Begins a record at `now` (Unix milliseconds).
    pub fn begin(now: i64, source: ProvisionedIdentity, target: ProvisionedIdentity) -> Self {
        Self { started: now, steps: Vec::new(), modified: Vec::new(), source, target }
    }

    /// Adds a step.
    pub fn step(
        &mut self,
        kind: StepType,
        name: &str,
        status: Status,
        description: impl Into<String>,
        details: Details,
    ) {
        self.steps.push(ProvisioningStep {
            name: name.to_owned(),
            provisioning_step_type: kind,
            status,
            description: description.into(),
            details,
        });
    }

    /// Adds the request that a plan would send. Its body must not hold values that the log must not show.
    pub fn planned(&mut self, name: &str, request: &ScimRequest) {
        let mut details = super::details([
            ("RequestMethod", request.method.as_str().to_owned()),
            ("RequestPath", request.path_and_query.clone()),
        ]);
        if request.body.is_some() {
            details.insert("RequestBody".to_owned(), request.body_text());
        }
        self.step(StepType::Export, name, Status::Success, "The request that would be sent", details);
    }

    /// Sets the changed properties: those that were written, or that the failed write carried.
    pub fn modified(&mut self, properties: Vec<ModifiedProperty>) {
        self.modified = properties;
    }

    /// The steps so far.
    pub fn steps(&self) -> &[ProvisioningStep] {
        &self.steps
    }

    /// Closes the record into a log entry. `error` is given unless `status` is success.
    pub fn finish(
        self,
        context: &Context<'_>,
        cycle: &CycleId,
        action: Action,
        status: Status,
        error: Option<ErrorInformation>,
    ) -> ProvisioningObjectSummary {
        let job = context.job;
        ProvisioningObjectSummary {
            id: new_guid(context.now, context.random),
            activity_date_time: date_time(context.now),
            tenant_id: job.tenant_id.clone(),
            job_id: job.job_id.clone(),
            cycle_id: cycle.to_string(),
            change_id: new_guid(context.now, context.random),
            provisioning_action: action,
            duration_in_milliseconds: (context.now - self.started).max(0),
            provisioning_status_info: StatusInfo { status, error_information: error },
            provisioning_steps: self.steps,
            modified_properties: self.modified,
            service_principal: job.service_principal.clone(),
            source_system: job.source_system.clone(),
            target_system: job.target_system.clone(),
            initiated_by: job.initiated_by.clone(),
            source_identity: self.source,
            target_identity: self.target,
        }
    }

    /// The code of a finished error, for counting.
    pub fn code_of(error: &ErrorInformation) -> Option<ErrorCode> {
        ErrorCode::ALL.iter().copied().find(|code| code.as_str() == error.error_code)
    }
}
