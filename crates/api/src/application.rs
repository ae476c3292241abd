//! The gallery, applications, service principals and assignments.

use serde::{Deserialize, Serialize};

/// The role that everybody has who is assigned without choosing one (Graph: all zeros).
pub const DEFAULT_ACCESS_ROLE: &str = "00000000-0000-0000-0000-000000000000";

/// Graph's `applicationTemplate`: an application of the gallery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationTemplate {
    /// Stable id.
    pub id: String,
    /// Name in the gallery.
    pub display_name: String,
    /// Who makes the application.
    pub publisher: String,
    /// One paragraph.
    pub description: String,
    /// Words to filter by.
    pub categories: Vec<String>,
    /// The application's own page.
    pub home_page_url: Option<String>,
    /// `sync` when provisioning is supported.
    pub supported_provisioning_types: Vec<String>,
    /// Not in Graph: whether a person who only has Default Access is left out of provisioning.
    pub excludes_default_access: bool,
}

/// Body of `POST /applicationTemplates/{id}/instantiate`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstantiateRequest {
    /// Name of the new application; the template's own when absent.
    pub display_name: Option<String>,
}

/// Answer of `instantiate`: Graph's `applicationServicePrincipal`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstantiateResponse {
    /// The registration.
    pub application: Application,
    /// The application in this organization.
    pub service_principal: ServicePrincipal,
}

/// Graph's `application`, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// Object id.
    pub id: String,
    /// Client id.
    pub app_id: String,
    /// Name.
    pub display_name: String,
    /// The gallery's template.
    pub application_template_id: String,
    /// RFC 3339, UTC.
    pub created_date_time: String,
}

/// Graph's `servicePrincipal`: an enterprise application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePrincipal {
    /// Object id.
    pub id: String,
    /// Client id of its application.
    pub app_id: String,
    /// Name.
    pub display_name: String,
    /// The gallery's template.
    pub application_template_id: String,
    /// Whether the application is switched on.
    pub account_enabled: bool,
    /// RFC 3339, UTC.
    pub created_date_time: String,
    /// Roles to assign.
    pub app_roles: Vec<AppRole>,
    /// Not in Graph: copied from the template.
    pub excludes_default_access: bool,
}

/// Graph's `appRole`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRole {
    /// Stable id.
    pub id: String,
    /// Name shown.
    pub display_name: String,
    /// Value in expressions.
    pub value: Option<String>,
    /// One sentence.
    pub description: String,
    /// Whether it can be assigned.
    pub is_enabled: bool,
    /// `User` (which includes groups).
    pub allowed_member_types: Vec<String>,
}

/// Body of `PATCH /servicePrincipals/{id}`: what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServicePrincipalPatch {
    /// New name.
    pub display_name: Option<String>,
    /// Switch on or off.
    pub account_enabled: Option<bool>,
}

/// Body of `POST /servicePrincipals/{id}/appRoleAssignedTo`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRoleAssignmentRequest {
    /// The user or group of the workforce directory.
    pub principal_id: String,
    /// The service principal; must be the one of the path.
    pub resource_id: String,
    /// One of the service principal's roles, or [`DEFAULT_ACCESS_ROLE`].
    pub app_role_id: String,
}

/// Graph's `appRoleAssignment`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppRoleAssignment {
    /// Its id.
    pub id: String,
    /// RFC 3339, UTC.
    pub created_date_time: String,
    /// The user or group.
    pub principal_id: String,
    /// Name at the time of the assignment.
    pub principal_display_name: String,
    /// `User` or `Group`.
    pub principal_type: String,
    /// The service principal.
    pub resource_id: String,
    /// Its name.
    pub resource_display_name: String,
    /// The role.
    pub app_role_id: String,
}
