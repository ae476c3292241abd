//! A job's configuration: credentials and switches, mappings and scoping filters.

use api::error::ErrorDetail;
use api::job::{SecretEntry, ValidateCredentials};
use provisioning::cycle::TransportErrorKind;
use provisioning::expression::Expression;
use provisioning::schema::{self, CompiledSchema, MappingSource, Severity, SynchronizationSchema};
use provisioning::target::{Outcome, Quirks, probe};
use provisioning::template::JobTemplate;
use store::Settings as _;
use store::job::JobStore;

use super::access::{self, Credential};
use super::control::settle;
use super::record::{JobRecord, ScheduleState};
use super::secrets::Secrets;
use super::target::Target;
use super::{capabilities, expiry, keys, settings};
use crate::error::ApiError;
use crate::objects::job::{Job, TemplateTexts};
use crate::platform::settings::{save_setting, setting};
use crate::platform::{clock, random};

/// Replaces the secrets, and answers the webhook's when it was made. A change of scope makes the next cycle an initial
/// one, which begins at once: it concerns everybody.
pub async fn put_secrets(
    job: &Job,
    entries: Vec<SecretEntry>,
    origin: &str,
) -> Result<Option<String>, ApiError> {
    let scope = |secrets: &Secrets| {
        let settings = secrets.settings();
        (settings.sync_all, settings.skip_out_of_scope_deletions)
    };
    let before = Secrets::of(job)?;
    if scope(&before) != scope(&before.replaced(entries.clone())?) {
        settle(job).await?;
    }
    let store = job.store();
    let owner = job.owner()?;
    let before = Secrets::of(job)?;
    let mut after = before.replaced(entries)?;
    let made = after.complete_webhook(&before)?;
    let scope_changed = scope(&before) != scope(&after);
    let made = store::sql::in_transaction(&job.sql, || -> Result<Option<String>, ApiError> {
        after.save(&store, &job.env, &owner)?;
        access::forget(job)?;
        expiry::note(&store, &after)?;
        if after.webhook().is_none() {
            store.remove_setting(keys::WEBHOOK_ERROR)?;
        }
        store.set_setting(keys::ORIGIN, origin)?;
        if scope_changed {
            job.forget_watermark()?;
        }
        Ok(made)
    })?;
    if scope_changed {
        reevaluate(job, &job.record()?).await?;
    }
    Ok(made)
}

/// What Test Connection tries.
pub(super) struct Tried {
    pub(super) target: Target,
    pub(super) secrets: Secrets,
    pub(super) compiled: CompiledSchema,
    pub(super) quirks: Quirks,
}

/// The target that Test Connection tries, and the mappings.
pub(super) fn tried(job: &Job, request: ValidateCredentials, origin: String) -> Result<Tried, ApiError> {
    let store = job.store();
    let saved = Secrets::of(job)?;
    let given = saved.replaced(request.credentials)?;
    let secrets = if request.use_saved_credentials { saved.with(given) } else { given };
    if !secrets.complete() {
        return Err(ApiError::bad_request(
            "Give both Tenant URL (BaseAddress) and Secret Token (SecretToken), or an OAuth client (Oauth2TokenExchangeUri, Oauth2ClientId, Oauth2ClientSecret).",
        ));
    }
    let compiled = schema::compile(&schema(job)?)
        .map_err(|_| ApiError::conflict("The saved mappings have errors; correct them first."))?;
    let quirks = settings::quirks(&store, &template(&store)?)?;
    let target = Target::new(job.env.clone(), secrets.target()?, Credential::new(&secrets)?, origin, quirks);
    Ok(Tried { target, secrets, compiled, quirks })
}

/// 409.
pub(super) fn nothing_mapped() -> ApiError {
    ApiError::conflict("No object type is mapped; enable one in the mappings first.")
}

/// Test Connection: a filter on the matching attribute with a random GUID, which must find nobody.
pub async fn validate(job: &Job, request: ValidateCredentials, origin: String) -> Result<(), ApiError> {
    let Tried { target, secrets, compiled, quirks } = tried(job, request, origin)?;
    let mapping = compiled.mappings.first().ok_or_else(nothing_mapped)?;
    let outcome = target.send(&quirks.translate(probe::request(mapping, &random::uuid()?))).await;
    if probe::verdict(&outcome).is_ok() {
        capabilities::ask(&job.store(), &target, &secrets).await?;
    }
    probe::verdict(&outcome).map_err(|problem| {
        let mut message = format!("{} {}", problem.message, problem.recommended_action);
        if let Some(details) = &problem.details {
            message = format!("{message} Details: {details}");
        }
        ApiError::new(400, connection_code(&outcome), message.trim())
    })
}

/// The code of a failed Test Connection: what a program tells apart. The message says the rest.
fn connection_code(outcome: &Outcome) -> &'static str {
    match outcome {
        Err(error) => match error.kind {
            TransportErrorKind::Timeout => "Timeout",
            TransportErrorKind::Dns => "HostNotFound",
            TransportErrorKind::Refused => "ConnectionRefused",
            TransportErrorKind::Tls => "TlsError",
            TransportErrorKind::Credentials => "InvalidCredentials",
            TransportErrorKind::TokenEndpoint => "TokenEndpointError",
            TransportErrorKind::TooLarge | TransportErrorKind::Other => "TargetError",
        },
        Ok(response) => match response.status {
            401 | 403 => "InvalidCredentials",
            404 => "NotFound",
            200 => "NotScim",
            _ => "TargetError",
        },
    }
}

/// The schema: the saved one, or the template's.
pub fn schema(job: &Job) -> Result<SynchronizationSchema, ApiError> {
    let store = job.store();
    if let Some(saved) = setting(&store, keys::SCHEMA)? {
        return Ok(saved);
    }
    let record = job.record()?;
    default_schema(&store, &record)
}

/// What the job keeps of its application's template.
pub fn template(store: &JobStore<'_>) -> Result<JobTemplate, ApiError> {
    setting(store, keys::TEMPLATE)?.ok_or_else(|| ApiError::internal("a job has no template"))
}

/// Keeps it. Part of a transaction.
pub fn keep_template(store: &JobStore<'_>, template: &TemplateTexts) -> Result<(), ApiError> {
    store.set_setting(keys::TEMPLATE, &template.kept)?;
    Ok(store.set_setting(keys::DEFAULT_SCHEMA, &template.schema)?)
}

fn default_schema(store: &JobStore<'_>, record: &JobRecord) -> Result<SynchronizationSchema, ApiError> {
    let kept: Option<SynchronizationSchema> = setting(store, keys::DEFAULT_SCHEMA)?;
    let mut schema = kept.ok_or_else(|| ApiError::internal("a job has no default mappings"))?;
    schema.id = record.job_id.clone();
    schema.version = "default".to_owned();
    Ok(schema)
}

/// Replaces the schema. 409 when somebody saved since it was read; 400 with every problem when it is wrong.
pub async fn put_schema(job: &Job, body: &str) -> Result<(), ApiError> {
    let mut new: SynchronizationSchema = crate::json::read(body).map_err(|error| {
        ApiError::bad_request(format!("The body is not a synchronizationSchema: {error}."))
    })?;
    settle(job).await?;
    let record = job.record()?;
    let current = schema(job)?;
    if !new.version.is_empty() && new.version != current.version {
        return Err(ApiError::conflict(
            "Somebody saved the mappings after you opened them. Load them again, repeat your changes, and save.",
        ));
    }
    let problems = schema::validate(&new);
    let errors: Vec<ErrorDetail> = problems
        .into_iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| ErrorDetail {
            code: "InvalidMapping".to_owned(),
            message: problem.message,
            target: Some(problem.path),
        })
        .collect();
    if let Some(first) = errors.first() {
        let message = format!("The mappings have {} problem(s). The first: {}", errors.len(), first.message);
        return Err(ApiError::bad_request(message).with_details(errors));
    }
    new.id = record.job_id.clone();
    new.version = random::uuid()?;
    describe_sources(&mut new);
    store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
        save_setting(&job.store(), keys::SCHEMA, &new)?;
        job.forget_watermark()
    })?;
    reevaluate(job, &record).await
}

/// Only the expression of a source counts; type, name and parameters are written anew from it.
fn describe_sources(schema: &mut SynchronizationSchema) {
    let mappings = schema
        .synchronization_rules
        .iter_mut()
        .flat_map(|rule| &mut rule.object_mappings)
        .flat_map(|mapping| &mut mapping.attribute_mappings);
    for source in mappings.filter_map(|mapping| mapping.source.as_mut()) {
        // The schema was validated, so the expression parses.
        if let Ok(expression) = Expression::parse(&source.expression) {
            let text = std::mem::take(&mut source.expression);
            *source = MappingSource { expression: text, ..expression.to_source() };
        }
    }
}

/// Back to the template's mappings, as the template is now.
pub async fn reset_schema(job: &Job, template: &TemplateTexts) -> Result<(), ApiError> {
    settle(job).await?;
    let record = job.record()?;
    let version = random::uuid()?;
    store::sql::in_transaction(&job.sql, || -> Result<(), ApiError> {
        let store = job.store();
        keep_template(&store, template)?;
        let mut schema = default_schema(&store, &record)?;
        schema.version = version;
        save_setting(&store, keys::SCHEMA, &schema)?;
        job.forget_watermark()
    })?;
    reevaluate(job, &record).await
}

/// A job that is on evaluates everybody at once.
pub(super) async fn reevaluate(job: &Job, record: &JobRecord) -> Result<(), ApiError> {
    if record.state == ScheduleState::Active {
        job.schedule(clock::now_ms()).await?;
    }
    Ok(())
}
