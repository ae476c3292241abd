//! Plans: the dry run of a whole cycle. The same machine as in a cycle runs in the engine's plan mode; what it
//! would do becomes the plan's items, and neither the target nor the links are written.
//!
//! A plan is made in slices like a cycle, by the same alarm, also of a job that is not switched on. A cycle that
//! is due waits until the plan is done; who starts the job, or changes what it does, cancels the plan.

use std::cell::RefCell;
use std::collections::HashMap;

use api::plan::{Plan, PlanItem, PlannedRequest};
use provisioning::Cursor;
use provisioning::cycle::{Batch, Cycle, CycleKind, CycleState, Mode, Report, SourceEntry};
use provisioning::log::{Action, ErrorCode, ProvisioningObjectSummary, details};
use serde_json::{Value, json};
use store::Settings as _;
use store::job::{JobStore, PlanRecord};

use super::access;
use super::begin::prepare;
use super::driver::{Driver, Keep, SLICE_MS, SliceEnd};
use super::engine::engine_job;
use super::member_drift::Checked;
use super::record::JobRecord;
use super::run::{self, Running};
use super::secrets::{MASK, Secrets};
use super::source::{PAGE, Source};
use super::target::{Target, USER_AGENT};
use super::{capabilities, keys, report};
use crate::error::ApiError;
use crate::objects::directory::{DirectoryCommand, MembersPage};
use crate::objects::job::Job;
use crate::platform::clock;

/// The kind of a plan that is a drift check.
pub const DRIFT: &str = "driftCheck";
/// How long a plan is kept: a day.
pub const KEPT_MS: i64 = 24 * 60 * 60 * 1000;
/// How many plans are kept.
pub const KEPT: usize = 5;
/// How long the request that asks for a plan waits for it; a plan that takes longer is answered with 202.
const FIRST_SLICE_MS: i64 = 5_000;

/// A plan that is being made.
pub struct Planning {
    record: PlanRecord,
    /// Members of groups that would be created, for their items.
    members: RefCell<HashMap<String, String>>,
    /// What a drift check found of members and is not kept yet.
    checked: RefCell<Vec<Value>>,
    /// Whether only accounts are looked at about which there is nothing to do: a drift check.
    pub(super) drift: bool,
}

/// Makes a plan, or begins to: it goes on in the background when it takes longer than a moment. `drift`: the plan
/// of a cycle over everybody about whom nothing waits to be done, so that what it would do is what somebody else
/// did in the application.
pub async fn create(job: &Job, drift: bool) -> Result<Plan, ApiError> {
    let store = job.store();
    let record = job.record()?;
    let secrets = Secrets::complete_of(job)?;
    if store.setting(keys::CYCLE)?.is_some() {
        return Err(ApiError::conflict(
            "A cycle is under way, so what the next one does is not known yet. Wait until it ends.",
        ));
    }
    if store.running_plan()?.is_some() {
        return Err(ApiError::conflict("A plan is being made already; wait for it, or delete it."));
    }
    let Some(running) = Running::begin(job) else {
        return Err(ApiError::conflict("The job is busy. Try again in a moment."));
    };
    let engine_job = engine_job(job, &record, &secrets)?;
    let source = Source { env: &job.env, sql: &job.sql, record: &record, job: &engine_job };
    let generation = job.generation.get();
    let mut state = prepare(job, &source, Mode::Plan).await?;
    if job.generation.get() != generation {
        return Err(ApiError::conflict("The job was restarted or saved meanwhile; try again."));
    }
    if drift && state.kind == CycleKind::Initial {
        return Err(ApiError::conflict(
            "The next cycle looks at everybody, so there is nothing to compare with yet. Let it end first.",
        ));
    }
    if drift {
        state.kind = CycleKind::Initial;
        state.counters.expected = Some(state.linked_at_start);
    }
    let now = clock::now_ms();
    let cycle = report::cycle(&state, None);
    let media_type = engine_job.settings.quirks.media_type();
    let plan = Plan {
        id: cycle.id,
        kind: if drift { DRIFT.to_owned() } else { cycle.kind },
        state: "running".to_owned(),
        created_date_time: cycle.started_date_time,
        ended_date_time: None,
        expiration_date_time: clock::rfc3339(now + KEPT_MS),
        counts: cycle.counts,
        deletions_held: 0,
        error: None,
        base_address: secrets.target()?.join(""),
        request_headers: details([
            ("Accept", media_type.to_owned()),
            ("Authorization", format!("Bearer {MASK}")),
            ("Content-Type", media_type.to_owned()),
            ("User-Agent", USER_AGENT.to_owned()),
        ]),
    };
    let id = plan.id.clone();
    store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
        store.save_plan(&PlanRecord {
            id: id.clone(),
            created_at: now,
            progress: Some(crate::json::write(&state)?),
            document: crate::json::write(&plan)?,
        })?;
        Ok(store.prune_plans(now - KEPT_MS, KEPT)?)
    })?;
    // Should the object's memory go meanwhile, the alarm goes on.
    job.arm(FIRST_SLICE_MS).await?;
    advance(job, &record, FIRST_SLICE_MS).await?;
    drop(running);
    if store.running_plan()?.is_some() {
        job.arm(0).await?;
    } else {
        run::arm_next(job).await?;
    }
    let made = store.plan(&id)?.ok_or_else(|| ApiError::not_found("plan", &id))?;
    Ok(crate::json::read(&made.document)?)
}

/// Makes the next slice of the plan that is being made, if there is one. Its faults end the plan, not the job.
pub async fn advance(job: &Job, record: &JobRecord, slice_ms: i64) -> Result<(), ApiError> {
    let store = job.store();
    let Some(plan) = store.running_plan()? else { return Ok(()) };
    let drift = crate::json::read::<Plan>(&plan.document)?.kind == DRIFT;
    let planning = Planning { record: plan, members: RefCell::default(), checked: RefCell::default(), drift };
    match slice(job, record, &planning, slice_ms).await {
        Ok(SliceEnd::Yielded) => Ok(()),
        Ok(SliceEnd::Finished(report)) => finish(&store, &planning.record.id, &report),
        Ok(SliceEnd::Abandoned) => cancel(&store),
        Err(error) => {
            error.log("plan");
            let problem = api::cycle::CycleError { code: error.code, message: error.message };
            end(&store, &planning.record.id, |plan| {
                plan.state = "failed".to_owned();
                plan.error = Some(problem.clone());
            })
        }
    }
}

async fn slice(
    job: &Job,
    record: &JobRecord,
    planning: &Planning,
    slice_ms: i64,
) -> Result<SliceEnd, ApiError> {
    let store = job.store();
    let secrets = Secrets::complete_of(job)?;
    let mut engine_job = engine_job(job, record, &secrets)?;
    let target = Target::of(job, &secrets, engine_job.settings.quirks)?;
    let options = capabilities::options(
        &store,
        &target,
        &secrets,
        Mode::Plan,
        planning.drift,
        &mut engine_job.settings,
    )?;
    let state: CycleState = crate::json::read(planning.record.progress.as_deref().unwrap_or_default())?;
    let generation = job.generation.get();
    let driver = Driver {
        sql: &job.sql,
        job: &engine_job,
        source: Source { env: &job.env, sql: &job.sql, record, job: &engine_job },
        target,
        options,
        stop: &|| false,
        current: &|| job.generation.get() == generation,
        keep: Keep::Plan(planning),
        slice_ms: slice_ms.min(SLICE_MS),
    };
    let end = driver.run(Cycle::resume(state)).await;
    access::keep(job)?;
    end
}

/// Cancels the plan that is being made.
pub fn cancel(store: &JobStore<'_>) -> Result<(), ApiError> {
    match store.running_plan()? {
        Some(plan) => end(store, &plan.id, |plan| plan.state = "cancelled".to_owned()),
        None => Ok(()),
    }
}

fn finish(store: &JobStore<'_>, id: &str, finished: &Report) -> Result<(), ApiError> {
    let held = finished.error.as_ref().is_some_and(|error| error.code == ErrorCode::TooManyDeletes.as_str());
    end(store, id, |plan| {
        plan.state = if finished.error.is_some() && !held { "failed" } else { "finished" }.to_owned();
        plan.error = finished.error.as_ref().map(report::error);
        plan.counts = report::counts(&finished.counters);
        plan.deletions_held = if held { finished.counters.staged } else { 0 };
    })
}

fn end(store: &JobStore<'_>, id: &str, change: impl Fn(&mut Plan)) -> Result<(), ApiError> {
    let Some(mut record) = store.plan(id)? else { return Ok(()) };
    let mut plan: Plan = crate::json::read(&record.document)?;
    plan.ended_date_time = Some(clock::rfc3339(clock::now_ms()));
    change(&mut plan);
    record.progress = None;
    record.document = crate::json::write(&plan)?;
    Ok(store.save_plan(&record)?)
}

/// The plan with the counts of this moment.
pub fn describe(record: &PlanRecord) -> Result<Plan, ApiError> {
    let mut plan: Plan = crate::json::read(&record.document)?;
    if let Some(progress) = &record.progress {
        let state: CycleState = crate::json::read(progress)?;
        plan.counts = report::counts(&state.counters);
    }
    Ok(plan)
}

impl Planning {
    /// Makes a batch of the plan durable: its items and how far it is.
    pub(super) fn keep(&self, store: &JobStore<'_>, batch: &Batch) -> Result<(), ApiError> {
        let members = self.members.borrow();
        let items = batch.log.iter().map(|entry| {
            let members = members.get(&entry.source_identity.id).map(String::as_str);
            Ok(crate::json::write(&item(entry, members)?)?)
        });
        let mut items = items.collect::<Result<Vec<String>, ApiError>>()?;
        items.extend(self.checked.take().iter().map(Value::to_string));
        // A plan that was deleted meanwhile stays deleted.
        if store.plan(&self.record.id)?.is_none() {
            return Ok(());
        }
        store.add_plan_items(&self.record.id, &items)?;
        let progress = Some(crate::json::write(&batch.state)?);
        Ok(store.save_plan(&PlanRecord { progress, ..self.record.clone() })?)
    }

    /// Remembers what was found of a group's members until it is kept; answers where to go on.
    pub(super) fn note_checked(&self, checked: Option<Checked>) -> Option<Cursor> {
        let Checked { item, next } = checked?;
        self.checked.borrow_mut().extend(item);
        Some(next)
    }

    /// Remembers the members of groups that have no account yet. The first [`PAGE`] are told.
    pub(super) async fn note_members(
        &self,
        source: &Source<'_>,
        entries: &[SourceEntry],
    ) -> Result<(), ApiError> {
        self.members.borrow_mut().clear();
        for entry in entries.iter().filter(|entry| entry.link.is_none() && entry.object.is_some()) {
            let group_id = entry.source_id.to_string();
            let command =
                DirectoryCommand::GroupMembers { group_id: group_id.clone(), after: 0, limit: PAGE };
            let page: MembersPage = source.directory(&command).await?;
            let mut names = [page.ids, page.group_ids].concat();
            if page.next.is_some() {
                names.push("…".to_owned());
            }
            if !names.is_empty() {
                self.members.borrow_mut().insert(group_id, names.join(", "));
            }
        }
        Ok(())
    }
}

fn item(entry: &ProvisioningObjectSummary, members: Option<&str>) -> Result<PlanItem, ApiError> {
    let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
    let info = &entry.provisioning_status_info;
    let is_request = |name: &str| name.starts_with("Request");
    let mut properties = crate::json::value(&entry.modified_properties)?;
    if let (Action::Create, Some(members), Value::Array(properties)) =
        (entry.provisioning_action, members, &mut properties)
    {
        properties.push(json!({ "displayName": "members", "oldValue": null, "newValue": members }));
    }
    let (requests, steps): (Vec<_>, Vec<_>) =
        entry.provisioning_steps.iter().partition(|step| step.details.keys().any(|name| is_request(name)));
    let requests = requests.iter().map(|step| {
        let detail = |name: &str| step.details.get(name).cloned().unwrap_or_default();
        let body = step.details.get("RequestBody").map(|body| crate::json::read(body)).transpose()?;
        Ok(PlannedRequest { method: detail("RequestMethod"), path: detail("RequestPath"), body })
    });
    Ok(PlanItem {
        action: text(crate::json::value(&entry.provisioning_action)?),
        status: text(crate::json::value(&info.status)?),
        object_type: entry.source_identity.identity_type.clone(),
        source_id: entry.source_identity.id.clone(),
        source_display_name: entry.source_identity.display_name.clone(),
        target_id: Some(entry.target_identity.id.clone()).filter(|id| !id.is_empty()),
        held: false,
        modified_properties: properties,
        requests: requests.collect::<Result<_, ApiError>>()?,
        error_information: info.error_information.as_ref().map(crate::json::value).transpose()?,
        provisioning_steps: crate::json::value(&steps)?,
    })
}
