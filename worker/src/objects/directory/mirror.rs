//! What inlets write into a directory.

use api::inlet::InletCounts;
use inlets::attributes::is_extension;
use inlets::mirror::{Applied, Batch, Change, Sweep};
use scim::repository::RepositoryError;
use store::directory::mirror::Mirror;

use super::{Directory, Profile};
use crate::error::ApiError;
use crate::platform::{clock, random};

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

    pub(super) fn mirror<T>(
        &self,
        inlet: &str,
        work: impl FnOnce(&mut Mirror<'_>) -> Result<T, RepositoryError>,
    ) -> Result<T, ApiError> {
        if self.setup()?.profile != Profile::Workforce {
            return Err(ApiError::bad_request("Only a workforce directory has inlets."));
        }
        let schemas = self.schemas()?;
        let mut new_id = || {
            random::uuid().map_err(|error| RepositoryError::Internal(error.internal.unwrap_or(error.message)))
        };
        let mut mirror = Mirror {
            store: self.store()?.by("Inlet"),
            schemas: schemas.as_ref(),
            inlet,
            now_ms: clock::now_ms(),
            new_id: &mut new_id,
        };
        Ok(work(&mut mirror)?)
    }
}
