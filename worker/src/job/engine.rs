//! The job as the engine sees it, made of its record, its settings, its secrets and its mappings.

use provisioning::log::{self, Initiator, ProvisioningSystem, ServicePrincipal};
use provisioning::{Job as EngineJob, JobSettings, schema};

use super::record::JobRecord;
use super::secrets::Secrets;
use super::{configuration, keys, settings};
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::settings::setting;

/// The source's name in the log.
pub const SOURCE_SYSTEM: &str = "Workforce directory";

/// The job as the engine sees it.
pub fn engine_job(job: &Job, record: &JobRecord, secrets: &Secrets) -> Result<EngineJob, ApiError> {
    let store = job.store();
    let template = configuration::template(&store)?;
    let quirks = settings::quirks(&store, &template)?;
    let compiled = schema::compile(&configuration::schema(job)?).map_err(|problems| {
        ApiError::internal(format!("the saved schema does not compile: {} problems", problems.len()))
    })?;
    Ok(EngineJob {
        job_id: record.job_id.clone(),
        tenant_id: record.organization_id.clone(),
        service_principal: ServicePrincipal {
            id: record.service_principal_id.clone(),
            display_name: record.display_name.clone(),
        },
        source_system: ProvisioningSystem {
            id: record.workforce_directory_id.clone(),
            display_name: SOURCE_SYSTEM.to_owned(),
            ..ProvisioningSystem::default()
        },
        target_system: ProvisioningSystem {
            id: record.service_principal_id.clone(),
            display_name: record.display_name.clone(),
            details: log::details([("ApplicationId", record.template_id.clone())]),
        },
        initiated_by: Initiator::service(),
        roles: template.app_roles,
        excludes_default_access: template.excludes_default_access,
        settings: JobSettings {
            deprovisioning: setting(&store, keys::DEPROVISIONING)?.unwrap_or_default(),
            quirks,
            nested_groups: setting(&store, keys::NESTED_GROUPS)?.unwrap_or_default(),
            deletion_threshold: settings::thresholds(&store, secrets)?.deletions,
            ..secrets.settings()
        },
        schema: compiled,
    })
}
