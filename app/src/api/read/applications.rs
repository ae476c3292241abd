//! Sessions, lists, errors, the gallery, applications and assignments.

use super::{FromJson, Misfit, get, get_or_default};
use api::application::{AppRole, AppRoleAssignment, ApplicationTemplate, ServicePrincipal};
use api::collection::Collection;
use api::error::{Error, ErrorBody, ErrorDetail, InnerError};
use api::session::Session;
use serde_json::Value;

read!(ErrorBody { error "error" });
read!(Error { code "code", message "message", inner_error "innerError"; details "details" });
read!(ErrorDetail { code "code", message "message", target "target" });
read!(InnerError { request_id "request-id", date "date" });

impl<T: FromJson> FromJson for Collection<T> {
    fn from_json(value: &Value, misfit: &mut Misfit) -> Self {
        Self {
            count: get(value, "@odata.count", misfit),
            next_link: get(value, "@odata.nextLink", misfit),
            value: get(value, "value", misfit),
        }
    }
}

read!(Session {
    display_name "displayName",
    role "role",
    organization_id "organizationId",
    organization_display_name "organizationDisplayName",
    workforce_directory_id "workforceDirectoryId",
    expires_date_time "expiresDateTime"
});

read!(ApplicationTemplate {
    id "id",
    display_name "displayName",
    publisher "publisher",
    description "description",
    categories "categories",
    home_page_url "homePageUrl",
    supported_provisioning_types "supportedProvisioningTypes",
    excludes_default_access "excludesDefaultAccess"
});

read!(ServicePrincipal {
    id "id",
    app_id "appId",
    display_name "displayName",
    application_template_id "applicationTemplateId",
    account_enabled "accountEnabled",
    created_date_time "createdDateTime",
    app_roles "appRoles",
    excludes_default_access "excludesDefaultAccess"
});

read!(AppRole {
    id "id",
    display_name "displayName",
    value "value",
    description "description",
    is_enabled "isEnabled",
    allowed_member_types "allowedMemberTypes"
});

read!(AppRoleAssignment {
    id "id",
    created_date_time "createdDateTime",
    principal_id "principalId",
    principal_display_name "principalDisplayName",
    principal_type "principalType",
    resource_id "resourceId",
    resource_display_name "resourceDisplayName",
    app_role_id "appRoleId"
});
