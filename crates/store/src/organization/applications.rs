//! Enterprise applications: service principals made from gallery templates.

use serde::{Deserialize, Serialize};

use super::OrganizationStore;
use crate::sql::{Row, SqlError, in_transaction};

/// A service principal. Its roles are those of its template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePrincipalRecord {
    /// Object id.
    pub id: String,
    /// Client id of the application.
    pub app_id: String,
    /// Object id of the application.
    pub application_id: String,
    /// The gallery's template.
    pub template_id: String,
    /// Name.
    pub display_name: String,
    /// Whether it is switched on.
    pub account_enabled: bool,
    /// Unix milliseconds.
    pub created_at: i64,
}

impl OrganizationStore<'_> {
    /// All service principals, oldest first.
    pub fn service_principals(&self) -> Result<Vec<ServicePrincipalRecord>, SqlError> {
        let rows = self.sql.query("SELECT * FROM service_principals ORDER BY created_at, id", &[])?;
        rows.into_iter().map(|row| record(&row)).collect()
    }

    /// One service principal.
    pub fn service_principal(&self, id: &str) -> Result<Option<ServicePrincipalRecord>, SqlError> {
        let rows = self.sql.query("SELECT * FROM service_principals WHERE id = ?", &[id.into()])?;
        rows.first().map(record).transpose()
    }

    /// Adds a service principal or overwrites it.
    pub fn save_service_principal(&self, principal: &ServicePrincipalRecord) -> Result<(), SqlError> {
        self.run(
            "INSERT INTO service_principals
                (id, app_id, application_id, template_id, display_name, account_enabled, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET display_name = ?5, account_enabled = ?6",
            &[
                (&principal.id).into(),
                (&principal.app_id).into(),
                (&principal.application_id).into(),
                (&principal.template_id).into(),
                (&principal.display_name).into(),
                principal.account_enabled.into(),
                principal.created_at.into(),
            ],
        )?;
        Ok(())
    }

    /// Removes a service principal with its assignments.
    pub fn remove_service_principal(&self, id: &str) -> Result<(), SqlError> {
        in_transaction(self.sql, || {
            self.run("DELETE FROM assignments WHERE service_principal_id = ?", &[id.into()])?;
            self.run("DELETE FROM assignment_changes WHERE service_principal_id = ?", &[id.into()])?;
            self.run("DELETE FROM service_principals WHERE id = ?", &[id.into()])?;
            Ok(())
        })
    }
}

fn record(row: &Row) -> Result<ServicePrincipalRecord, SqlError> {
    Ok(ServicePrincipalRecord {
        id: row.text("id")?.to_owned(),
        app_id: row.text("app_id")?.to_owned(),
        application_id: row.text("application_id")?.to_owned(),
        template_id: row.text("template_id")?.to_owned(),
        display_name: row.text("display_name")?.to_owned(),
        account_enabled: row.boolean("account_enabled")?,
        created_at: row.integer("created_at")?,
    })
}
