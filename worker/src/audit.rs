//! Entries of the audit log: who changed what in the configuration. Secrets never appear in one.

use api::audit::{AuditInitiator, AuditTarget, DirectoryAudit};
use api::log::ModifiedProperty;
use store::organization::ServicePrincipalRecord;
use worker::Env;

use crate::auth::Actor;
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
    failed: bool,
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
            failed: false,
        }
    }

    /// Says that it was not done, or not to its end.
    pub fn failed(mut self) -> Self {
        self.failed = true;
        self
    }

    /// The entry, with its id, its time in Unix milliseconds, and who it was.
    pub fn document(self, id: String, at_ms: i64, by: AuditInitiator) -> DirectoryAudit {
        DirectoryAudit {
            id,
            activity_date_time: clock::rfc3339(at_ms),
            activity_display_name: self.activity,
            category: self.category.to_owned(),
            result: if self.failed { "failure" } else { "success" }.to_owned(),
            initiated_by: by,
            target_resources: vec![self.target],
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

/// Who asks, as an entry names them.
pub fn initiator(actor: &Actor) -> AuditInitiator {
    AuditInitiator { kind: actor.kind().to_owned(), display_name: actor.display_name() }
}

/// Writes an entry.
pub async fn record(exchange: &Exchange, entry: Entry) -> Result<(), ApiError> {
    let document = entry.document(random::uuid()?, clock::now_ms(), initiator(&exchange.actor));
    deliver(&exchange.env, &crate::json::write(&document)?, None).await
}

/// Hands an entry to the organization. With a key it may be handed over again.
pub async fn deliver(env: &Env, document: &str, key: Option<&str>) -> Result<(), ApiError> {
    let command =
        OrganizationCommand::AddAudit { document: document.to_owned(), key: key.map(str::to_owned) };
    stub::call(env, ObjectKind::Organization, NAME, &command).await
}
