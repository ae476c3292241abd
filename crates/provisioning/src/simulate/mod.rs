//! A simulated world for tests: a directory, a target with faults, and a driver in virtual time.
//!
//! Everything is deterministic: one seed, one history. There is no I/O and no clock here either;
//! the world's time moves by a few milliseconds with every request.

mod dice;
mod directory;
mod driver;
mod store;
mod target;

pub use dice::Dice;
pub use directory::{Directory, Group, MembershipChange, Person};
pub use driver::{Outcome, Run, World};
pub use store::Store;
pub use target::{Fault, Target};

use crate::job::{Job, JobSettings};
use crate::log::{Details, Initiator, ProvisioningSystem, ServicePrincipal};
use crate::schema::{Problem, SynchronizationSchema, compile};
use crate::template::ApplicationTemplate;

/// A job for a template, with this schema.
///
/// # Errors
/// The schema's problems.
pub fn job(template: &ApplicationTemplate, schema: &SynchronizationSchema) -> Result<Job, Vec<Problem>> {
    let system = |id: &str, name: &str| ProvisioningSystem {
        id: id.to_owned(),
        display_name: name.to_owned(),
        details: Details::new(),
    };
    Ok(Job {
        job_id: format!("{}.simulated", template.sync_template_id),
        tenant_id: "organization".to_owned(),
        service_principal: ServicePrincipal {
            id: "service-principal".to_owned(),
            display_name: template.display_name.clone(),
        },
        source_system: system("directory", "Workforce directory"),
        target_system: system("target", &template.display_name),
        initiated_by: Initiator::service(),
        roles: template.app_roles.clone(),
        excludes_default_access: template.excludes_default_access,
        settings: JobSettings {
            page_size: 7,
            default_domain: "contoso.example".to_owned(),
            ..JobSettings::default()
        },
        schema: compile(schema)?,
    })
}
