//! The recycle bin: what was deleted in the last 30 days, and bringing it back.

use scim::ResourceType;
use scim::repository::RepositoryError;
use store::directory::DeletedRecord;

use super::{DeletedItem, Directory, Principal};
use crate::error::ApiError;
use crate::platform::clock;

impl Directory {
    /// What can be restored.
    pub(super) fn deleted_items(
        &self,
        after: Option<(i64, i64)>,
        limit: usize,
    ) -> Result<Vec<DeletedItem>, ApiError> {
        Ok(self.store()?.deleted_page(after, limit)?.into_iter().map(to_command).collect())
    }

    /// Brings a user or group back, with its memberships.
    pub(super) fn restore(&self, id: &str) -> Result<Option<Principal>, ApiError> {
        let store = self.store()?.by("Restored by an administrator");
        let Some(kind) = store.deleted_kind(id)? else { return Ok(None) };
        match store.restore(kind, id, clock::now_ms()) {
            Ok(resource) => Ok(Some(Principal {
                is_group: kind == ResourceType::Group,
                display_name: resource.display().unwrap_or_default().to_owned(),
            })),
            Err(RepositoryError::NotFound) => Ok(None),
            Err(RepositoryError::Conflict { attribute, value }) => Err(ApiError::conflict(format!(
                "{attribute} `{value}` belongs to somebody else by now. Rename or delete them first, then restore."
            ))),
            Err(error) => Err(ApiError::internal(format!("restoring {id}: {error:?}"))),
        }
    }
}

fn to_command(record: DeletedRecord) -> DeletedItem {
    DeletedItem {
        id: record.id,
        is_group: record.kind == ResourceType::Group,
        display_name: record.display_name,
        user_name: record.user_name,
        deleted_at: record.deleted_ms,
        place: record.place,
    }
}
