//! The application gallery: known applications with their roles and default mappings.
//!
//! A template is data. What an application needs that others do not (Peakon leaves out people who
//! hold nothing but Default Access) is a property of its template, never a branch in the engine.

mod file;

use serde::{Deserialize, Serialize};

use crate::id::DEFAULT_ACCESS;
use crate::schema::SynchronizationSchema;
use crate::target::Quirks;

/// A known application (Graph: `applicationTemplate`, with what the engine needs besides).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationTemplate {
    /// Stable GUID.
    pub id: String,
    /// Name in the gallery.
    pub display_name: String,
    /// What it is, in a sentence or two.
    pub description: String,
    /// Who makes it.
    pub publisher: String,
    /// Gallery categories, such as `humanResources`.
    pub categories: Vec<String>,
    /// The application's home page.
    pub home_page_url: Option<String>,
    /// Its logo, when one may be shown.
    pub logo_url: Option<String>,
    /// Always `["sync"]` here: provisioning.
    pub supported_provisioning_types: Vec<String>,
    /// Template id of its synchronization job, such as `peakon` or `scim`; the job id's prefix.
    pub sync_template_id: String,
    /// What the tenant URL looks like, as a hint under the field.
    pub tenant_url_hint: String,
    /// Whether people who hold nothing but Default Access are left out.
    pub excludes_default_access: bool,
    /// Its dialect of SCIM.
    #[serde(skip)]
    pub quirks: Quirks,
    /// Roles that can be assigned, Default Access first.
    pub app_roles: Vec<AppRole>,
    /// Default mappings and target schema.
    #[serde(skip)]
    pub schema: SynchronizationSchema,
}

/// What a synchronization job keeps of its template: as it was when the job was made, or when its mappings were
/// restored last. A template that changes later changes nothing in jobs that run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobTemplate {
    /// See [`ApplicationTemplate::sync_template_id`].
    pub sync_template_id: String,
    /// See [`ApplicationTemplate::excludes_default_access`].
    pub excludes_default_access: bool,
    /// See [`ApplicationTemplate::app_roles`].
    pub app_roles: Vec<AppRole>,
    /// See [`ApplicationTemplate::quirks`].
    pub quirks: Quirks,
}

impl ApplicationTemplate {
    /// What a job keeps, and the default mappings, which it keeps apart: they are large and seldom needed.
    pub fn for_job(self) -> (JobTemplate, SynchronizationSchema) {
        let Self { sync_template_id, excludes_default_access, app_roles, quirks, schema, .. } = self;
        (JobTemplate { sync_template_id, excludes_default_access, app_roles, quirks }, schema)
    }
}

/// A role of an application (Graph: `appRole`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRole {
    /// Stable GUID; all zeros for Default Access.
    pub id: String,
    /// Name that people see.
    pub display_name: String,
    /// What holders may do.
    pub description: String,
    /// Value that the application understands; `None` for Default Access.
    pub value: Option<String>,
    /// Whether it can be assigned.
    pub is_enabled: bool,
}

impl AppRole {
    /// Default Access: what an assignment without a role means.
    pub fn default_access() -> Self {
        Self {
            id: DEFAULT_ACCESS.to_owned(),
            display_name: "Default Access".to_owned(),
            description: "Access without a particular role".to_owned(),
            value: None,
            is_enabled: true,
        }
    }
}

/// All templates, by the name of their file.
pub fn gallery() -> Vec<ApplicationTemplate> {
    file::FILES.iter().filter_map(|text| file::read(text).ok()).collect()
}

/// The template with this id, if there is one. Only a file that mentions the id is read.
pub fn find(id: &str) -> Option<ApplicationTemplate> {
    let id = id.to_ascii_lowercase();
    let candidates = file::FILES.iter().filter(|text| text.contains(&id));
    candidates.filter_map(|text| file::read(text).ok()).find(|template| template.id == id)
}

/// Templates whose name, publisher or category contains every word of `query`, without regard to
/// case; all of them for an empty query.
pub fn search(query: &str) -> Vec<ApplicationTemplate> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    gallery()
        .into_iter()
        .filter(|template| {
            let text =
                format!("{} {} {}", template.display_name, template.publisher, template.categories.join(" "))
                    .to_lowercase();
            words.iter().all(|word| text.contains(word.as_str()))
        })
        .collect()
}

#[cfg(test)]
mod tests;
