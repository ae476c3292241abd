//! Plans: what a cycle would do, kept for a while.

use super::JobStore;
use crate::sql::{Row, SqlError};

/// A plan. The documents are the engine's and the API's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRecord {
    /// Its id.
    pub id: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// The engine's state while it is made; `None` when it is done.
    pub progress: Option<String>,
    /// The API's plan.
    pub document: String,
}

/// A page of a plan's items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanItems {
    /// The API's items, with their positions.
    pub documents: Vec<(i64, String)>,
    /// Whether there are more.
    pub more: bool,
}

impl JobStore<'_> {
    /// Adds a plan or overwrites it.
    pub fn save_plan(&self, plan: &PlanRecord) -> Result<(), SqlError> {
        self.run(
            "INSERT INTO plans (id, created_at, progress, document) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET progress = ?3, document = ?4",
            &[
                (&plan.id).into(),
                plan.created_at.into(),
                plan.progress.as_deref().into(),
                (&plan.document).into(),
            ],
        )?;
        Ok(())
    }

    /// One plan.
    pub fn plan(&self, id: &str) -> Result<Option<PlanRecord>, SqlError> {
        let rows = self.sql.query("SELECT * FROM plans WHERE id = ?", &[id.into()])?;
        rows.first().map(record).transpose()
    }

    /// The plan that is being made.
    pub fn running_plan(&self) -> Result<Option<PlanRecord>, SqlError> {
        let rows = self.sql.query("SELECT * FROM plans WHERE progress IS NOT NULL LIMIT 1", &[])?;
        rows.first().map(record).transpose()
    }

    /// All plans, newest first.
    pub fn plans(&self) -> Result<Vec<PlanRecord>, SqlError> {
        let rows = self.sql.query("SELECT * FROM plans ORDER BY number DESC", &[])?;
        rows.into_iter().map(|row| record(&row)).collect()
    }

    /// Appends items to a plan.
    pub fn add_plan_items(&self, id: &str, documents: &[String]) -> Result<(), SqlError> {
        if documents.is_empty() {
            return Ok(());
        }
        let rows = self.sql.query(
            "SELECT number, (SELECT max(position) FROM plan_items WHERE plan = plans.number) AS last
             FROM plans WHERE id = ?",
            &[id.into()],
        )?;
        let Some(row) = rows.first() else { return Ok(()) };
        let (plan, mut position) = (row.integer("number")?, row.optional_integer("last")?.unwrap_or(0));
        for document in documents {
            position += 1;
            self.run(
                "INSERT INTO plan_items (plan, position, document) VALUES (?, ?, ?)",
                &[plan.into(), position.into(), document.into()],
            )?;
        }
        Ok(())
    }

    /// A page of a plan's items after a position; 0 is the start.
    pub fn plan_items(&self, id: &str, after: i64, limit: i64) -> Result<PlanItems, SqlError> {
        let rows = self.sql.query(
            "SELECT position, document FROM plan_items
             WHERE plan = (SELECT number FROM plans WHERE id = ?) AND position > ? ORDER BY position LIMIT ?",
            &[id.into(), after.into(), (limit + 1).into()],
        )?;
        let mut documents = rows
            .into_iter()
            .map(|row| Ok((row.integer("position")?, row.text("document")?.to_owned())))
            .collect::<Result<Vec<_>, SqlError>>()?;
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = documents.len() > limit;
        documents.truncate(limit);
        Ok(PlanItems { documents, more })
    }

    /// Removes a plan with its items; whether there was one.
    pub fn remove_plan(&self, id: &str) -> Result<bool, SqlError> {
        self.run(
            "DELETE FROM plan_items WHERE plan = (SELECT number FROM plans WHERE id = ?)",
            &[id.into()],
        )?;
        let rows = self.sql.query("DELETE FROM plans WHERE id = ? RETURNING number", &[id.into()])?;
        Ok(rows.first().is_some())
    }

    /// Removes plans from before a time, and all but the newest few. Call it in a transaction.
    pub fn prune_plans(&self, before: i64, keep: usize) -> Result<(), SqlError> {
        for (index, plan) in self.plans()?.into_iter().enumerate() {
            if index >= keep || plan.created_at < before {
                self.remove_plan(&plan.id)?;
            }
        }
        Ok(())
    }
}

fn record(row: &Row) -> Result<PlanRecord, SqlError> {
    Ok(PlanRecord {
        id: row.text("id")?.to_owned(),
        created_at: row.integer("created_at")?,
        progress: row.optional_text("progress")?.map(str::to_owned),
        document: row.text("document")?.to_owned(),
    })
}
