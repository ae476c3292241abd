//! The object of an inlet, named by its id. Its alarm runs the rounds.

use std::cell::{Cell, RefCell};

use api::inlet::{InletOptions, InletPatch, InletRules};
use inlets::assignments::Role;
use inlets::graph::AccessToken;
use serde::{Deserialize, Serialize};
use store::inlet::InletStore;
use worker::{Env, Request, Response, Result, State};

use super::{answer, json};
use crate::error::ApiError;
use crate::inlet::credential::Proof;
use crate::inlet::record::InletSettings;
use crate::inlet::{connection, control, keys, removal, run, status};
use crate::platform::clock;
use crate::platform::secret::Secret;
use crate::platform::settings::save_setting;
use crate::platform::sql::ObjectSql;
use crate::platform::stub::{self, ObjectKind};

/// What an inlet's object can be asked.
#[derive(Serialize, Deserialize)]
pub enum InletCommand {
    /// → `()`. Makes the inlet; it does not run yet.
    Create {
        /// What it is.
        settings: InletSettings,
        /// Its client secret.
        secret: String,
    },
    /// → `Option<Described>`.
    Describe,
    /// → `()`.
    Update {
        /// What is changed.
        patch: InletPatch,
        /// Its place among others.
        #[serde(default)]
        rules: InletRules,
        /// More that is changed.
        #[serde(default)]
        options: InletOptions,
        /// Roles of the applications that it names.
        #[serde(default)]
        roles: Vec<(String, Vec<Role>)>,
    },
    /// → `()`, or what is wrong.
    Validate {
        /// Laid over the saved settings.
        patch: InletPatch,
        /// This, too.
        #[serde(default)]
        rules: InletRules,
        /// And this.
        #[serde(default)]
        options: InletOptions,
    },
    /// → `()`, or what is wrong. For an inlet that is not made yet; keeps nothing.
    Probe {
        /// What it would be.
        settings: InletSettings,
        /// Its client secret.
        secret: String,
    },
    /// → `()`. A round now.
    Run {
        /// Removals that are held go through.
        allow_removals: bool,
    },
    /// → `()`.
    Pause,
    /// → `()`. Everything is read again, beginning now.
    Reset,
    /// → `()`. Ends the inlet. What it keeps goes when what it read is forgotten, which its alarm sees to as well.
    Destroy,
    /// → `InletLogPage`.
    Log {
        /// Before this place.
        before: Option<i64>,
        /// How many.
        limit: i64,
    },
    /// → `bool`: whether a round changed the directory since. From cron: runs what is due if the alarm did not.
    Wake,
}

/// Asks an inlet's object.
pub async fn call<T: serde::de::DeserializeOwned>(
    env: &Env,
    id: &str,
    command: &InletCommand,
) -> std::result::Result<T, ApiError> {
    stub::call(env, ObjectKind::Inlet, id, command).await
}

/// The object.
pub struct Inlet {
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
    /// Changes when the place of the running slice is taken away.
    pub(crate) generation: Cell<u64>,
    /// The access token, for the next slice. In memory only.
    pub(crate) token: RefCell<Option<AccessToken>>,
}

impl Inlet {
    /// The platform makes it, on the first request after it slept.
    pub fn new(state: State, env: Env) -> Self {
        let sql = ObjectSql::new(&state);
        let broken = InletStore::open(&sql).err().map(|error| error.to_string());
        Self {
            state,
            sql,
            env,
            broken,
            running: Cell::new(false),
            generation: Cell::new(0),
            token: RefCell::new(None),
        }
    }

    /// Takes a command.
    pub async fn fetch(&self, request: Request) -> Result<Response> {
        answer(request, async |command| self.handle(command).await).await
    }

    /// Never an error, see [`super::job::Job::alarm`].
    pub async fn alarm(&self) -> Result<Response> {
        if self.broken.is_none() {
            run::due(self).await;
        }
        Response::ok("")
    }

    /// The inlet's store.
    pub(crate) fn store(&self) -> InletStore<'_> {
        InletStore::opened(&self.sql)
    }

    /// The settings, or 404.
    pub(crate) fn settings(&self) -> std::result::Result<InletSettings, ApiError> {
        InletSettings::load(&self.store())?
            .ok_or_else(|| ApiError::not_found("inlet", &self.state.id().name().unwrap_or_default()))
    }

    async fn handle(&self, command: InletCommand) -> std::result::Result<String, ApiError> {
        if let Some(reason) = &self.broken {
            return Err(ApiError::internal(format!("the inlet's database: {reason}")));
        }
        let store = self.store();
        match command {
            InletCommand::Create { settings, secret } => {
                json(control::create(self, &settings, &Secret::new(secret)).await?)
            }
            InletCommand::Describe => match InletSettings::load(&store)? {
                Some(settings) => {
                    let told = status::describe(&store, &settings, self.running.get(), clock::now_ms());
                    json(Some(told.await?))
                }
                None => json(None::<status::Described>),
            },
            InletCommand::Update { patch, rules, options, roles } => {
                json(control::update(self, patch, rules, (options, roles)).await?)
            }
            InletCommand::Validate { patch, rules, options } => {
                json(control::validate(self, patch, rules, options).await?)
            }
            InletCommand::Probe { settings, secret } => {
                let proof = Proof::new(settings.certificate.as_ref(), Secret::new(secret));
                json(connection::probe(settings.machine()?, &proof).await?)
            }
            InletCommand::Run { allow_removals } => json(control::run(self, allow_removals).await?),
            InletCommand::Pause => json(control::pause(self)?),
            InletCommand::Reset => json(control::reset(self).await?),
            InletCommand::Destroy => json(removal::begin(self).await?),
            InletCommand::Log { before, limit } => json(store.log(before, limit)?),
            InletCommand::Wake => json(run::wake(self).await?),
        }
    }

    /// Asks for the next slice after some milliseconds.
    pub(crate) async fn arm(&self, after_ms: i64) -> std::result::Result<(), ApiError> {
        Ok(self.state.storage().set_alarm(after_ms.max(0)).await?)
    }

    /// Takes the running slice's place away: what it still does is not committed.
    pub(crate) fn abandon(&self) {
        self.generation.set(self.generation.get().wrapping_add(1));
        *self.token.borrow_mut() = None;
    }

    /// Notes when the next round starts, and arms the alarm for it.
    pub(crate) async fn schedule(&self, at: i64) -> std::result::Result<(), ApiError> {
        save_setting(&self.store(), keys::NEXT_RUN, &at)?;
        self.arm(at - clock::now_ms()).await
    }
}
