//! The object of a synchronization job, named by its service principal's id. Its alarm runs the cycle.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use api::cycle::Cycle as ApiCycle;
use api::job::{NameValue, SecretEntry, Secrets as SecretsBody, SynchronizationJob, ValidateCredentials};
use serde::{Deserialize, Serialize};
use store::Settings as _;
use store::job::{JobStore, LogFilter, LogPage};
use worker::{Env, Request, Response, Result, State};

use super::{answer, json};
use crate::error::ApiError;
use crate::job::access::Held;
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
        /// What it keeps of its template: a `JobTemplate` as JSON.
        template: String,
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
        /// The template of this moment: a `JobTemplate` as JSON.
        template: String,
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
    pub(crate) generation: Cell<u64>,
    /// Whether a person wants the running slice to stop.
    pub(crate) stop: Cell<bool>,
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
            generation: Cell::new(0),
            stop: Cell::new(false),
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
                    store.set_setting(keys::TEMPLATE, &template)?;
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
                let value = Secrets::load(&store, &self.env, &self.owner()?)?.masked();
                json(SecretsBody { value })
            }
            JobCommand::PutSecrets { entries, origin } => {
                json(configuration::put_secrets(self, entries, &origin)?)
            }
            JobCommand::Validate { request, origin } => {
                json(configuration::validate(self, request, origin).await?)
            }
            JobCommand::Probe { request, origin } => json(probes::run(self, request, origin).await?),
            JobCommand::Capabilities => {
                json(capabilities::describe(&store, &Secrets::load(&store, &self.env, &self.owner()?)?)?)
            }
            JobCommand::Rows => json(self.sql.take_rows()),
            JobCommand::Start => json(control::start(self).await?),
            JobCommand::Pause => json(control::pause(self)?),
            JobCommand::Restart { reset_scope } => json(control::restart(self, &reset_scope).await?),
            JobCommand::ProvisionOnDemand { subjects, write } => {
                json(on_demand::provision(self, subjects, write).await?)
            }
            JobCommand::CreatePlan => json(plan::create(self, false).await?),
            JobCommand::CreateDriftCheck => json(plan::create(self, true).await?),
            JobCommand::RepairDrift { id } => json(drift::repair(self, &id).await?),
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
                    return json(LogPage { entries: Vec::new(), more: false });
                };
                let page = store.logs(&filter, before, limit)?;
                let common = log::common(&run::engine_job(self, &record)?)?;
                let entries = page
                    .entries
                    .into_iter()
                    .map(|entry| log::restore(entry, &common))
                    .collect::<std::result::Result<Vec<_>, _>>()?;
                json(LogPage { entries, more: page.more })
            }
            JobCommand::LogCount { filter } => json(store.log_count(&filter)?),
            JobCommand::LogStatistics { filter } => json(store.log_statistics(&filter)?),
            JobCommand::Links { after, limit } => json(store.links(&after, limit)?),
            JobCommand::Link { object_id } => json(store.link(&object_id)?),
            JobCommand::RemoveLink { object_id } => json(control::remove_link(self, &object_id)?),
            JobCommand::StagedDeletions { decision, after, limit, count } => {
                json(staged::list(&store, decision.as_deref(), &after, limit, count)?)
            }
            JobCommand::DecideStaged { approve, ids } => json(staged::decide(self, approve, ids).await?),
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
        status::describe(&store, record, &Secrets::load(&store, &self.env, &self.owner()?)?)
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
        Ok(store.remove_setting(keys::CYCLE)?)
    }

    /// Notes when the next cycle starts, and arms the alarm for it.
    pub(crate) async fn schedule(&self, at: i64) -> std::result::Result<(), ApiError> {
        save_setting(&self.store(), keys::NEXT_RUN, &at)?;
        self.arm(at - clock::now_ms()).await
    }
}
