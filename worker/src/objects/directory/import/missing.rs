//! The last pass of an import: those whom the file does not name.

use inlets::csv::Roster;
use inlets::guard::asks_first;
use scim::ResourceType;
use scim::repository::Repository as _;
use serde_json::Value;

use super::super::Directory;
use super::state::{MAX_CHANGES, State, change};
use super::{CHUNK, CLIENT, ImportOptions};
use crate::error::ApiError;

impl Directory {
    /// The last pass: everybody whom the file does not name goes to the recycle bin.
    pub(super) fn remove_missing(&self, roster: &Roster, state: &mut State) -> Result<(), ApiError> {
        if let Err(reason) = roster.is_complete() {
            state.report.note(&reason);
            return Ok(());
        }
        let ImportOptions { force, preview, .. } = state.options;
        if preview || !force {
            let mut missing = 0;
            self.each_missing(roster, |_, name| {
                missing += 1;
                if preview && state.removals.len() < MAX_CHANGES {
                    state.removals.push(change(None, name, "remove", Vec::new()));
                }
                Ok(())
            })?;
            if preview {
                state.report.removed = missing;
                return Ok(());
            }
            let all = self.store()?.counts()?.users as u64;
            if asks_first(missing, all) {
                return Err(ApiError::new(
                    409,
                    "TooManyRemovals",
                    format!(
                        "{missing} of {all} people are not in the file. Nobody was removed; the people of the file were imported. If they are to go, repeat with force=true."
                    ),
                ));
            }
        }
        let mut store = self.store()?.by(CLIENT);
        let now = state.now;
        self.each_missing(roster, |id, _| {
            store.delete(ResourceType::User, id, now)?;
            state.report.removed += 1;
            Ok(())
        })
    }

    /// Everybody whom the file does not name, a page as one transaction.
    fn each_missing(
        &self,
        roster: &Roster,
        mut work: impl FnMut(&str, &str) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        let mut after = 0;
        loop {
            let page = self.store()?.users_page(after, CHUNK, false)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.rowid;
            store::sql::in_transaction(&self.sql, || -> Result<(), ApiError> {
                for user in &page {
                    let name = user.resource.attributes.get("userName").and_then(Value::as_str).unwrap_or("");
                    if !roster.names(name) {
                        work(&user.resource.id, name)?;
                    }
                }
                Ok(())
            })?;
        }
    }
}
