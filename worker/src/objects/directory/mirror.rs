//! What inlets write into a directory.

use api::inlet::InletCounts;
use inlets::attributes::is_extension;
use inlets::mirror::{Applied, Batch, Change, Sweep};
use scim::repository::RepositoryError;
use store::directory::mirror::Mirror;

use super::{AttributeOrders, Directory, Profile};
use crate::error::ApiError;
use crate::platform::{clock, random};

/// How soon the alarm goes on with what another order of the inlets made due. Whoever changed it works on it
/// meanwhile; the alarm does what is left, or all of it when that one is gone.
const FOLLOW_AFTER_MS: i64 = 1_000;
/// Portions that one alarm does before it lets others in.
const PORTIONS_AN_ALARM: usize = 20;

impl Directory {
    /// Writes a batch. Extension attributes that the directory does not have yet are added before.
    pub(super) fn mirror_batch(&self, inlet: &str, batch: &Batch) -> Result<Applied, ApiError> {
        let mut names: Vec<&str> = Vec::new();
        for change in &batch.changes {
            let Change::Upsert(upsert) = change else { continue };
            for (name, value) in &upsert.attributes {
                if value.is_some() && is_extension(name) && !names.contains(&name.as_str()) {
                    names.push(name);
                }
            }
        }
        if !names.is_empty() {
            self.ensure_text_attributes(&names)?;
        }
        self.mirror(inlet, |mirror| mirror.apply(batch))
    }

    /// Sweeps away a portion of what a complete pass did not meet.
    pub(super) fn mirror_sweep(&self, inlet: &str, sweep: Sweep, pass: i64) -> Result<Applied, ApiError> {
        self.mirror(inlet, |mirror| mirror.sweep(sweep, pass))
    }

    /// Writes a portion of what had to wait.
    pub(super) fn mirror_settle(&self, inlet: &str, after: i64) -> Result<Applied, ApiError> {
        self.mirror(inlet, |mirror| mirror.settle(after))
    }

    /// Forgets an inlet, a portion at a time; people and groups stay. Whether there is more to do.
    pub(super) fn release_inlet(&self, inlet: &str) -> Result<bool, ApiError> {
        self.mirror(inlet, |mirror| mirror.release())
    }

    /// What comes from an inlet.
    pub(super) fn mirrored(&self, inlet: &str) -> Result<InletCounts, ApiError> {
        let (users, groups) = self.mirror(inlet, |mirror| Ok(mirror.mirrored()?))?;
        Ok(InletCounts { users, groups })
    }

    /// The orders of single attributes, and whom they may concern.
    pub(super) fn attribute_orders(&self) -> Result<AttributeOrders, ApiError> {
        self.mirror("", |mirror| {
            Ok(AttributeOrders {
                orders: mirror.orders()?.as_ref().clone(),
                disputes: mirror.disputes()?,
                due: mirror.is_due()?,
            })
        })
    }

    /// Arms the alarm when people wait to be looked at since the order of the inlets is another one.
    pub(super) async fn follow_later(&self) -> Result<(), ApiError> {
        if self.setup()?.profile == Profile::Workforce && self.mirror("", |mirror| Ok(mirror.is_due()?))? {
            self.wake_within(FOLLOW_AFTER_MS).await?;
        }
        Ok(())
    }

    /// Goes through people whom another order of the inlets concerns, and arms the alarm for those that are left.
    /// What fails is tried again by the next batch of an inlet, or the next tidying.
    pub(super) async fn follow_orders(&self) -> Result<(), ApiError> {
        if self.setup()?.profile != Profile::Workforce {
            return Ok(());
        }
        for _ in 0..PORTIONS_AN_ALARM {
            if !self.mirror("", |mirror| mirror.reorder())?.more {
                return Ok(());
            }
        }
        self.wake_within(0).await
    }

    pub(super) fn mirror<T>(
        &self,
        inlet: &str,
        work: impl FnOnce(&mut Mirror<'_>) -> Result<T, RepositoryError>,
    ) -> Result<T, ApiError> {
        if self.setup()?.profile != Profile::Workforce {
            return Err(ApiError::bad_request("Only a workforce directory has inlets."));
        }
        let schemas = self.schemas()?;
        let mut new_id = random::new_id;
        let store = self.store()?.by("Inlet");
        let mut mirror = Mirror::new(store, schemas.as_ref(), inlet, clock::now_ms(), &mut new_id);
        Ok(work(&mut mirror)?)
    }
}
