//! Addresses of the management API and of the directories' SCIM endpoints.

use crate::text::encode;

const BASE: &str = "/api/v1.0";

pub(crate) fn session() -> String {
    format!("{BASE}/session")
}

pub(crate) fn sign_in_links() -> String {
    format!("{BASE}/signInLinks")
}

pub(crate) fn members() -> String {
    format!("{BASE}/organization/members")
}

pub(crate) fn api_keys() -> String {
    format!("{BASE}/organization/apiKeys")
}

pub(crate) fn templates() -> String {
    format!("{BASE}/applicationTemplates")
}

pub(crate) fn instantiate(template: &str) -> String {
    format!("{BASE}/applicationTemplates/{}/instantiate", encode(template))
}

pub(crate) fn applications() -> String {
    format!("{BASE}/servicePrincipals")
}

pub(crate) fn application(id: &str) -> String {
    format!("{BASE}/servicePrincipals/{}", encode(id))
}

pub(crate) fn assignments(application: &str) -> String {
    format!("{BASE}/servicePrincipals/{}/appRoleAssignedTo", encode(application))
}

pub(crate) fn secrets(application: &str) -> String {
    format!("{BASE}/servicePrincipals/{}/synchronization/secrets", encode(application))
}

pub(crate) fn jobs(application: &str) -> String {
    format!("{BASE}/servicePrincipals/{}/synchronization/jobs", encode(application))
}

/// A job, or something below it (`start`, `schema`, `cycles`, …).
pub(crate) fn job(application: &str, job: &str, below: &str) -> String {
    let job = encode(job);
    if below.is_empty() {
        format!("{}/{job}", jobs(application))
    } else {
        format!("{}/{job}/{below}", jobs(application))
    }
}

/// The report of a cycle; `kind` is empty for JSON or `.csv`.
pub(crate) fn report(application: &str, job_id: &str, cycle: &str, kind: &str) -> String {
    job(application, job_id, &format!("cycles/{}/report{kind}", encode(cycle)))
}

pub(crate) fn provisioning_logs() -> String {
    format!("{BASE}/auditLogs/provisioning")
}

pub(crate) fn log_statistics() -> String {
    format!("{BASE}/auditLogs/provisioning/statistics")
}

pub(crate) fn directory_audits() -> String {
    format!("{BASE}/auditLogs/directoryAudits")
}

pub(crate) fn directories() -> String {
    format!("{BASE}/directories")
}

pub(crate) fn directory(id: &str) -> String {
    format!("{BASE}/directories/{}", encode(id))
}

/// Something below a directory (`tokens`, `attributes`, `import`, …).
pub(crate) fn directory_part(id: &str, below: &str) -> String {
    format!("{}/{below}", directory(id))
}

/// Inlets of a directory.
pub(crate) fn inlets(directory_id: &str) -> String {
    directory_part(directory_id, "inlets")
}

/// Where inlets of a directory say different things.
pub(crate) fn conflicts(directory_id: &str) -> String {
    directory_part(directory_id, "conflicts")
}

/// Which inlets of a directory come first for single attributes.
pub(crate) fn attribute_precedence(directory_id: &str) -> String {
    directory_part(directory_id, "attributePrecedence")
}

/// A SCIM resource type of a directory.
pub(crate) fn scim(directory: &str, resource: &str) -> String {
    format!("/scim/{}/v2/{resource}", encode(directory))
}

/// One SCIM resource of a directory.
pub(crate) fn scim_one(directory: &str, resource: &str, id: &str) -> String {
    format!("{}/{}", scim(directory, resource), encode(id))
}
