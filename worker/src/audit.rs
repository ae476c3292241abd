//! Entries of the audit log: who changed what in the configuration. Secrets never appear in one.

use api::audit::{AuditInitiator, AuditTarget, DirectoryAudit};
use api::log::ModifiedProperty;
use store::organization::ServicePrincipalRecord;

use crate::error::ApiError;
use crate::exchange::Exchange;
use crate::objects::organization::{NAME, OrganizationCommand};
use crate::platform::stub::{self, ObjectKind};
use crate::platform::{clock, random};

/// An entry in the making.
pub struct Entry {
    activity: String,
    category: &'static str,
    target: AuditTarget,
}

impl Entry {
    /// About an enterprise application.
    pub fn application(activity: &str, principal: &ServicePrincipalRecord) -> Self {
        Self::about(
            "ApplicationManagement",
            activity,
            "ServicePrincipal",
            &principal.id,
            &principal.display_name,
        )
    }

    /// About an application's provisioning.
    pub fn provisioning(activity: &str, principal: &ServicePrincipalRecord) -> Self {
        Self::about(
            "ProvisioningManagement",
            activity,
            "ServicePrincipal",
            &principal.id,
            &principal.display_name,
        )
    }

    /// About a directory.
    pub fn directory(activity: &str, id: &str, display_name: &str) -> Self {
        Self::about("DirectoryManagement", activity, "Directory", id, display_name)
    }

    /// About who may manage the organization: a member or an API key.
    pub fn organization(activity: &str, kind: &str, id: &str, name: &str) -> Self {
        Self::about("OrganizationManagement", activity, kind, id, name)
    }

    fn about(category: &'static str, activity: &str, kind: &str, id: &str, name: &str) -> Self {
        Self {
            activity: activity.to_owned(),
            category,
            target: AuditTarget {
                id: id.to_owned(),
                display_name: name.to_owned(),
                kind: kind.to_owned(),
                modified_properties: Vec::new(),
            },
        }
    }

    /// Adds a property with its new value.
    pub fn set(mut self, property: &str, value: &str) -> Self {
        self.target.modified_properties.push(ModifiedProperty {
            display_name: property.to_owned(),
            old_value: None,
            new_value: Some(value.to_owned()),
        });
        self
    }

    /// Adds a property with both values, if they differ.
    pub fn changed(mut self, property: &str, before: &str, after: &str) -> Self {
        if before != after {
            self.target.modified_properties.push(ModifiedProperty {
                display_name: property.to_owned(),
                old_value: Some(before.to_owned()),
                new_value: Some(after.to_owned()),
            });
        }
        self
    }
}

/// Writes an entry.
pub async fn record(exchange: &Exchange, entry: Entry) -> Result<(), ApiError> {
    let document = DirectoryAudit {
        id: random::uuid()?,
        activity_date_time: clock::rfc3339(clock::now_ms()),
        activity_display_name: entry.activity,
        category: entry.category.to_owned(),
        result: "success".to_owned(),
        initiated_by: AuditInitiator {
            kind: exchange.actor.kind().to_owned(),
            display_name: exchange.actor.display_name(),
        },
        target_resources: vec![entry.target],
    };
    let command = OrganizationCommand::AddAudit { document: crate::json::write(&document)? };
    stub::call(&exchange.env, ObjectKind::Organization, NAME, &command).await
}
