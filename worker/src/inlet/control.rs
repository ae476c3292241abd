//! Making, changing, starting and stopping an inlet.

use api::inlet::{InletOptions, InletPatch, InletRules};
use inlets::assignments::Role;
use inlets::graph::State;
use store::Settings as _;
use store::inlet::InletStore;
use worker::Env;

use super::credential::Proof;
use super::record::InletSettings;
use super::{assign, connection, keys};
use crate::error::ApiError;
use crate::objects::directory::{self, DirectoryCommand};
use crate::objects::inlet::Inlet;
use crate::platform::clock;
use crate::platform::secret::{Secret, SecretBox};
use crate::platform::settings::{save_setting, setting};

/// Makes the inlet. It does not run yet.
pub async fn create(inlet: &Inlet, settings: &InletSettings, secret: &Secret) -> Result<(), ApiError> {
    Proof::new(settings.certificate.as_ref(), secret.clone()).check().await?;
    let store = inlet.store();
    if InletSettings::load(&store)?.is_some() {
        return Err(ApiError::conflict("There is an inlet with this id already."));
    }
    store::sql::in_transaction(&inlet.sql, || -> Result<(), ApiError> {
        settings.save(&store)?;
        seal(&store, &inlet.env, &settings.id, secret)
    })
}

/// Changes settings. What the inlet read so far counts no more when it reads something else from now on.
pub async fn update(
    inlet: &Inlet,
    patch: InletPatch,
    rules: InletRules,
    (options, roles): (InletOptions, Vec<(String, Vec<Role>)>),
) -> Result<(), ApiError> {
    let store = inlet.store();
    let before = inlet.settings()?;
    let (mut after, secret) = before.patched(patch, rules, options, clock::now_ms())?;
    after.give_roles(roles);
    if let Some(secret) = &secret {
        Proof::new(after.certificate.as_ref(), secret.clone()).check().await?;
    }
    let state: State = setting(&store, keys::STATE)?.unwrap_or_default();
    if after.tenant_id != before.tenant_id && state.users.pass > 0 {
        return Err(ApiError::conflict(
            "The inlet has read people of its tenant. For another tenant, add another inlet.",
        ));
    }
    if secret.is_none() && after.endpoints()?.login != before.endpoints()?.login {
        return Err(elsewhere());
    }
    inlet.abandon();
    if after.assignments != before.assignments {
        // First: an inlet that still made some of them would take them away from whoever they are left to.
        assign::release(inlet, &after.id, &after.assignments).await?;
    }
    // A slice that began meanwhile reads with the old settings, and a person may have stopped or removed the inlet.
    inlet.abandon();
    after.paused = inlet.settings()?.paused;
    let mut state: State = setting(&store, keys::STATE)?.unwrap_or_default();
    if !after.reads_as(&before) {
        state.reset();
    }
    // Whatever it rests for, it may work now.
    state.rest_until = None;
    store::sql::in_transaction(&inlet.sql, || -> Result<(), ApiError> {
        after.save(&store)?;
        if let Some(secret) = &secret {
            seal(&store, &inlet.env, &after.id, secret)?;
        }
        save_setting(&store, keys::STATE, &state)
    })?;
    if after.rules != before.rules {
        tell_rules(inlet, &after).await?;
    }
    if after.paused { Ok(()) } else { inlet.schedule(clock::now_ms()).await }
}

/// Tells the directory the inlet's rules: another place in the order counts at once.
pub async fn tell_rules(inlet: &Inlet, settings: &InletSettings) -> Result<(), ApiError> {
    let command = DirectoryCommand::MirrorRules { inlet: settings.id.clone(), rules: settings.rules };
    directory::call(&inlet.env, &settings.directory_id, &command).await
}

/// Test Connection, with the saved settings and what is laid over them.
pub async fn validate(
    inlet: &Inlet,
    patch: InletPatch,
    rules: InletRules,
    options: InletOptions,
) -> Result<(), ApiError> {
    let saved = inlet.settings()?;
    let (settings, secret) = saved.patched(patch, rules, options, clock::now_ms())?;
    let elsewhere = settings.endpoints()?.login != saved.endpoints()?.login;
    let proof = match secret {
        Some(secret) => Proof::new(settings.certificate.as_ref(), secret),
        None if elsewhere => return Err(self::elsewhere()),
        None => open(&inlet.store(), &inlet.env, &saved)?,
    };
    connection::probe(settings.machine()?, &proof).await
}

/// A round now; a paused inlet goes on. `allow_removals`: those that are held, too.
pub async fn run(inlet: &Inlet, allow_removals: bool) -> Result<(), ApiError> {
    if !allow_removals {
        return resume(inlet, |_| {}).await;
    }
    // The slice under way must not write its state over this one.
    inlet.abandon();
    resume(inlet, State::allow_removals).await
}

/// Everything is read again, beginning now.
pub async fn reset(inlet: &Inlet) -> Result<(), ApiError> {
    inlet.abandon();
    resume(inlet, State::reset).await
}

async fn resume(inlet: &Inlet, change: impl Fn(&mut State)) -> Result<(), ApiError> {
    let store = inlet.store();
    let mut settings = inlet.settings()?;
    settings.paused = false;
    let mut state: State = setting(&store, keys::STATE)?.unwrap_or_default();
    if state.rest_until.is_some() {
        // The slice that rests must not write its state over this one.
        inlet.abandon();
    }
    state.rest_until = None;
    change(&mut state);
    store::sql::in_transaction(&inlet.sql, || -> Result<(), ApiError> {
        settings.save(&store)?;
        store.remove_setting(keys::FAILED_SLICES)?;
        save_setting(&store, keys::STATE, &state)
    })?;
    inlet.schedule(clock::now_ms()).await
}

/// Stops after what is under way; the inlet keeps its place.
pub fn pause(inlet: &Inlet) -> Result<(), ApiError> {
    let mut settings = inlet.settings()?;
    settings.paused = true;
    settings.save(&inlet.store())
}

/// The saved secret goes where it was meant to go, and nowhere else.
fn elsewhere() -> ApiError {
    ApiError::bad_request(
        "Another login needs its clientSecret, or certificate with privateKey: give them along.",
    )
}

fn seal(store: &InletStore<'_>, env: &Env, id: &str, secret: &Secret) -> Result<(), ApiError> {
    Ok(store.set_setting(keys::SECRET, &SecretBox::from_env(env)?.seal(id, secret)?)?)
}

/// What the inlet logs in with.
pub fn open(store: &InletStore<'_>, env: &Env, settings: &InletSettings) -> Result<Proof, ApiError> {
    let sealed = store.setting(keys::SECRET)?.ok_or_else(|| ApiError::internal("an inlet has no secret"))?;
    let secret = SecretBox::from_env(env)?.open(&settings.id, &sealed)?;
    Ok(Proof::new(settings.certificate.as_ref(), secret))
}
