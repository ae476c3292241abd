//! The last pass of an import: those whom the file does not name go to the recycle bin.

use inlets::csv::{Notes, Roster};
use inlets::guard::asks_first;
use scim::ResourceType;
use scim::repository::Repository as _;

use super::super::UserRecord;
use super::people::user_name;
use super::record::{Imports, Kept};
use super::{CHUNK, Machine, Pass, Step, Stop, Work};

impl Machine {
    /// Counts some of those who are missing, unless it does not matter how many they are. At the end it is decided
    /// whether they go, and that is kept: once some are gone, the count would be another.
    pub(super) fn count(&mut self, work: &mut Work<'_>, after: i64, mut notes: Notes) -> Result<Step, Stop> {
        if let Err(reason) = self.roster.is_complete() {
            self.chunk(work, Kept::Missing, |_, _, notes| {
                notes.error(&reason);
                Ok(())
            })?;
            return Ok(Step::Done);
        }
        let imports = Imports::new(work.store.sql);
        let preview = self.options.preview;
        if let Some(outcome) = imports.outcome(self.number, Kept::Counted, 0)? {
            self.allowed = Some(outcome.allowed);
            self.tally.fold(outcome);
            self.pass = if preview { Pass::Done } else { Pass::Remove };
            return Ok(Step::Worked(0));
        }
        if self.options.force && !preview {
            self.pass = Pass::Remove;
            return Ok(Step::Worked(0));
        }
        let page = work.store.users_page(after, CHUNK, false)?;
        if let Some(last) = page.last() {
            let mut gone: Vec<&str> = Vec::new();
            for user in &page {
                if let Some(name) = missing(&self.roster, user, self.now_ms) {
                    notes.remove(name);
                    gone.push(&user.resource.id);
                }
            }
            // What an import removes is counted when it is.
            if preview {
                notes.from_inlets(work.store.known_to_inlets(&gone)?);
            }
            self.reached.checked += page.len() as u64;
            self.pass = Pass::Count(last.rowid, notes);
            return Ok(Step::Worked(page.len()));
        }
        let mut outcome = notes.take();
        if !preview {
            // Of those who were there before: as many as the file brings do not make it less of a loss.
            let all = (work.store.counts()?.users as u64).saturating_sub(self.tally.report().created);
            let missing = std::mem::take(&mut outcome.removed);
            if asks_first(missing, all) {
                return Err(Stop::TooManyRemovals { missing, all });
            }
            outcome.allowed = missing;
            self.allowed = Some(missing);
        }
        imports.keep_outcome(self.number, Kept::Counted, 0, &outcome)?;
        self.tally.fold(outcome);
        self.reached.checked = 0;
        self.pass = if preview { Pass::Done } else { Pass::Remove };
        Ok(Step::Worked(0))
    }

    /// Removes those of a page of the directory who are missing; no more than were counted, if that matters.
    pub(super) fn remove(&mut self, work: &mut Work<'_>) -> Result<Step, Stop> {
        let (after, now_ms) = (self.place, self.now_ms);
        let removed = self.tally.report().removed;
        let mut room = self.allowed.map_or(u64::MAX, |allowed| allowed.saturating_sub(removed));
        let (mut worked, mut over) = (0, false);
        let outcome = self.chunk(work, Kept::Missing, |roster, work, notes| {
            let page = work.store.users_page(after, CHUNK, false)?;
            worked = page.len();
            let mut gone: Vec<&str> = Vec::new();
            for user in &page {
                if let Some(name) = missing(roster, user, now_ms) {
                    let Some(left) = room.checked_sub(1) else {
                        over = true;
                        break;
                    };
                    room = left;
                    work.store.delete(ResourceType::User, &user.resource.id, now_ms)?;
                    notes.remove(name);
                    gone.push(&user.resource.id);
                }
                notes.reach(user.rowid);
            }
            notes.from_inlets(work.store.known_to_inlets(&gone)?);
            Ok(())
        })?;
        if over {
            return Err(Stop::MoreRemovals { removed: self.tally.report().removed });
        }
        if outcome.place == 0 {
            return Ok(Step::Done);
        }
        self.place = outcome.place;
        self.reached.checked += worked as u64;
        self.pass = Pass::Remove;
        Ok(Step::Worked(worked.max(1)))
    }
}

/// The name of somebody whom the file does not name. Whoever came while the file was imported is none of them: the
/// file cannot know.
fn missing<'u>(roster: &Roster, user: &'u UserRecord, began_ms: i64) -> Option<&'u str> {
    let name = user_name(&user.resource).unwrap_or_default();
    (user.resource.created_ms <= began_ms && !roster.names(name)).then_some(name)
}
