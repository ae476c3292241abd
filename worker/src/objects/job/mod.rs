//! The object of a synchronization job, named by its service principal's id. Its alarm runs the cycle.

mod command;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use api::cycle::Cycle as ApiCycle;
use api::job::{Secrets as SecretsBody, SynchronizationJob};
pub use command::{JobCommand, PlanPage, TemplateTexts};
use store::Settings as _;
use store::job::{JobStore, LogPage};
use worker::{Env, Request, Response, Result, State};

use super::{answer, json};
use crate::error::ApiError;
use crate::job::access::Held;
use crate::job::engine::engine_job;
use crate::job::pace::Pace;
use crate::job::record::{JobRecord, ScheduleState};
use crate::job::secrets::Secrets;
use crate::job::{
    capabilities, configuration, control, drift, keys, log, on_demand, plan, probes, report, run, settings,
    staged, status,
};
use crate::platform::clock;
use crate::platform::settings::{save_setting, setting};
use crate::platform::sql::ObjectSql;
use crate::platform::stub::{self, ObjectKind};

/// Asks a job's object.
pub async fn call<T: serde::de::DeserializeOwned>(
    env: &Env,
    service_principal_id: &str,
    command: &JobCommand,
) -> std::result::Result<T, ApiError> {
    stub::call(env, ObjectKind::Job, service_principal_id, command).await
}

/// Asks a job's object for an answer that is passed on as the JSON text that it is.
pub async fn call_text(
    env: &Env,
    service_principal_id: &str,
    command: &JobCommand,
) -> std::result::Result<String, ApiError> {
    stub::call_text(env, ObjectKind::Job, service_principal_id, command).await
}

/// The object.
pub struct Job {
    /// The platform's state.
    pub(crate) state: State,
    /// Its database.
    pub(crate) sql: ObjectSql,
    /// Bindings.
    pub(crate) env: Env,
    /// Why the schema could not be brought up to date, if so. A constructor must not fail.
    broken: Option<String>,
    /// Whether a slice runs.
    pub(crate) running: Cell<bool>,
    /// Changes when the running cycle is taken away.
    pub(crate) generation: Rc<Cell<u64>>,
    /// Whether a person wants the running slice to stop.
    pub(crate) stop: Rc<Cell<bool>>,
    /// How many wait for the slice under way to stop.
    pub(crate) settling: Cell<u32>,
    /// The pace of requests to the target.
    pub(crate) pace: Rc<Pace>,
    /// The OAuth client's access token.
    pub(crate) access: RefCell<Rc<Held>>,
    /// Whether messages are being sent to the webhook.
    pub(crate) delivering: Rc<Cell<bool>>,
}

impl Job {
    /// The platform makes it, on the first request after it slept.
    pub fn new(state: State, env: Env) -> Self {
        let sql = ObjectSql::new(&state);
        let broken = JobStore::open(&sql).err().map(|error| error.to_string());
        Self {
            state,
            sql,
            env,
            broken,
            running: Cell::new(false),
            generation: Rc::default(),
            stop: Rc::default(),
            settling: Cell::new(0),
            pace: Rc::default(),
            access: RefCell::default(),
            delivering: Rc::default(),
        }
    }

    /// Takes a command.
    pub async fn fetch(&self, request: Request) -> Result<Response> {
        answer(request, async |command| self.handle(command).await).await
    }

    /// Never an error: a failed alarm is retried by the platform on its own schedule, during which "Run now"
    /// would be dead. What goes wrong is logged, counted and tried again by ourselves.
    pub async fn alarm(&self) -> Result<Response> {
        if self.broken.is_none() {
            run::due(self).await;
        }
        Response::ok("")
    }

    /// The job's store.
    pub(crate) fn store(&self) -> JobStore<'_> {
        JobStore::opened(&self.sql)
    }

    /// The service principal's id: the object's name.
    pub(crate) fn owner(&self) -> std::result::Result<String, ApiError> {
        self.state.id().name().ok_or_else(|| ApiError::internal("a job's object has no name"))
    }

    /// The job's record, or 404.
    pub(crate) fn record(&self) -> std::result::Result<JobRecord, ApiError> {
        JobRecord::load(&self.store())?
            .ok_or_else(|| ApiError::not_found("synchronization job", &self.owner().unwrap_or_default()))
    }

    async fn handle(&self, command: JobCommand) -> std::result::Result<String, ApiError> {
        if let Some(reason) = &self.broken {
            return Err(ApiError::internal(format!("the job's database: {reason}")));
        }
        let store = self.store();
        match command {
            JobCommand::Create {
                job_id,
                organization_id,
                service_principal_id,
                display_name,
                template_id,
                workforce_directory_id,
                template,
            } => {
                if JobRecord::load(&store)?.is_some() {
                    return Err(ApiError::conflict("The application has a synchronization job already."));
                }
                // What a cycle of a job before wrote while it was deleted.
                control::clear(self).await?;
                let record = JobRecord {
                    job_id,
                    organization_id,
                    service_principal_id,
                    display_name,
                    template_id,
                    workforce_directory_id,
                    created_at: clock::now_ms(),
                    state: ScheduleState::Disabled,
                    interval: None,
                };
                store::sql::in_transaction(&self.sql, || -> std::result::Result<(), ApiError> {
                    configuration::keep_template(&store, &template)?;
                    record.save(&store)
                })?;
                json(self.describe(&record)?)
            }
            JobCommand::Describe => match JobRecord::load(&store)? {
                Some(record) => json(Some(self.describe(&record)?)),
                None => json(None::<SynchronizationJob>),
            },
            JobCommand::Rename { display_name } => {
                if let Some(mut record) = JobRecord::load(&store)? {
                    record.display_name = display_name;
                    record.save(&store)?;
                }
                json(())
            }
            JobCommand::Destroy => json(control::destroy(self).await?),
            JobCommand::Secrets => {
                let value = Secrets::of(self)?.masked();
                json(SecretsBody { value })
            }
            JobCommand::PutSecrets { entries, origin } => {
                json(configuration::put_secrets(self, entries, &origin).await?)
            }
            JobCommand::Validate { request, origin } => {
                json(configuration::validate(self, request, origin).await?)
            }
            JobCommand::Probe { request, origin } => json(probes::run(self, request, origin).await?),
            JobCommand::Capabilities => json(capabilities::describe(&store, &Secrets::of(self)?)?),
            JobCommand::Rows => json(self.sql.take_rows()),
            JobCommand::Start => json(control::start(self).await?),
            JobCommand::Pause => json(control::pause(self)?),
            JobCommand::Restart { reset_scope } => json(control::restart(self, &reset_scope).await?),
            JobCommand::ProvisionOnDemand { subjects, write } => {
                json(on_demand::provision(self, subjects, write).await?)
            }
            JobCommand::CreatePlan => json(plan::create(self, false).await?),
            JobCommand::CreateDriftCheck => json(plan::create(self, true).await?),
            JobCommand::RepairDrift { id, remove_members } => {
                json(drift::repair(self, &id, remove_members).await?)
            }
            JobCommand::Plans => {
                let plans = store.plans()?;
                json(plans.iter().map(plan::describe).collect::<std::result::Result<Vec<_>, _>>()?)
            }
            JobCommand::Plan { id, after, limit } => json(self.plan(&id, after, limit)?),
            JobCommand::RemovePlan { id } => {
                if store.running_plan()?.is_some_and(|plan| plan.id == id) {
                    self.abandon();
                }
                json(store::sql::in_transaction(&self.sql, || store.remove_plan(&id))?)
            }
            JobCommand::Schema => json(configuration::schema(self)?),
            JobCommand::PutSchema { schema } => json(configuration::put_schema(self, &schema).await?),
            JobCommand::ResetSchema { template } => json(configuration::reset_schema(self, &template).await?),
            JobCommand::Cycles { skip, limit } => {
                let cycles = store
                    .cycles(skip, limit)?
                    .iter()
                    .map(|cycle| self.cycle(&cycle.id, &cycle.document))
                    .collect::<std::result::Result<Vec<_>, _>>()?;
                json(cycles)
            }
            // As it was published; that of a running cycle, or of one that is not published yet, from the log.
            JobCommand::Report { cycle_id } => {
                if let Some(text) = report::published(&self.env, &self.owner()?, &cycle_id).await? {
                    return Ok(text);
                }
                let found = store.cycle(&cycle_id)?.ok_or_else(|| ApiError::not_found("cycle", &cycle_id))?;
                let cycle = self.cycle(&found.id, &found.document)?;
                Ok(report::build(&store, &self.record()?, cycle)?.concat())
            }
            JobCommand::Logs { filter, before, limit } => {
                let Some(record) = JobRecord::load(&store)? else {
                    return json(LogPage::default());
                };
                let page = store.logs(&filter, before, limit)?;
                let common = log::common(&engine_job(self, &record, &Secrets::of(self)?)?)?;
                let entries = page
                    .entries
                    .into_iter()
                    .map(|entry| log::restore(entry, &common))
                    .collect::<std::result::Result<Vec<_>, _>>()?;
                json(LogPage { entries, next: page.next })
            }
            JobCommand::LogCount { filter } => json(store.log_count(&filter)?),
            JobCommand::LogStatistics { filter } => json(store.log_statistics(&filter)?),
            JobCommand::Links { after, limit } => json(store.links(&after, limit)?),
            JobCommand::Link { object_id } => json(store.link(&object_id)?),
            JobCommand::RemoveLink { object_id } => json(control::remove_link(self, &object_id)?),
            JobCommand::StagedDeletions { decision, after, limit, count } => {
                json(staged::list(&store, decision.as_deref(), &after, limit, count)?)
            }
            JobCommand::DecideStaged { approve, ids, count } => {
                json(staged::decide(self, approve, ids, count).await?)
            }
            JobCommand::SetInterval { interval } => json(control::set_interval(self, interval).await?),
            JobCommand::PutSettings { entries } => json(settings::put(self, &entries).await?),
            JobCommand::Changed { debounce } => json(run::changed(self, debounce).await?),
            JobCommand::Wake => json(run::wake(self).await?),
        }
    }

    fn plan(&self, id: &str, after: i64, limit: i64) -> std::result::Result<PlanPage, ApiError> {
        let store = self.store();
        let record = store.plan(id)?.ok_or_else(|| ApiError::not_found("plan", id))?;
        let page = store.plan_items(id, after, limit)?;
        let next = page.documents.last().map(|(position, _)| *position).filter(|_| page.more);
        let items = page.documents.iter().map(|(_, item)| crate::json::read(item));
        let items = items.collect::<std::result::Result<_, _>>()?;
        Ok(PlanPage { plan: crate::json::value(&plan::describe(&record)?)?, items, next })
    }

    fn describe(&self, record: &JobRecord) -> std::result::Result<SynchronizationJob, ApiError> {
        let store = self.store();
        status::describe(&store, record, &Secrets::of(self)?)
    }

    /// A cycle of the list; the running one with the counts of this moment.
    fn cycle(&self, id: &str, document: &str) -> std::result::Result<ApiCycle, ApiError> {
        let running: Option<provisioning::cycle::CycleState> = setting(&self.store(), keys::CYCLE)?;
        match running {
            Some(state) if state.cycle_id.as_str() == id => Ok(report::cycle(&state, None)),
            _ => Ok(crate::json::read(document)?),
        }
    }

    /// Asks for the next slice after some milliseconds.
    pub(crate) async fn arm(&self, after_ms: i64) -> std::result::Result<(), ApiError> {
        Ok(self.state.storage().set_alarm(after_ms.max(0)).await?)
    }

    /// Takes the running cycle away: what its slice still does is not committed.
    pub(crate) fn abandon(&self) {
        self.generation.set(self.generation.get().wrapping_add(1));
    }

    /// Makes the next cycle an initial one.
    pub(crate) fn forget_watermark(&self) -> std::result::Result<(), ApiError> {
        self.abandon();
        let store = self.store();
        control::end_interrupted(&store)?;
        plan::cancel(&store)?;
        store.remove_setting(keys::WATERMARK)?;
        store.remove_setting(keys::ESCROW_EXPIRED)?;
        Ok(store.remove_setting(keys::CYCLE)?)
    }

    /// Notes when the next cycle starts, and arms the alarm for it.
    pub(crate) async fn schedule(&self, at: i64) -> std::result::Result<(), ApiError> {
        save_setting(&self.store(), keys::NEXT_RUN, &at)?;
        self.arm(at - clock::now_ms()).await
    }
}
