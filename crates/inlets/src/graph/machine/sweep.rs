//! The part of a round in which goes what a complete pass did not meet.

use super::super::effect::{Effect, NoteLevel};
use super::super::state::Phase;
use super::{Sync, Then};
use crate::guard::asks_first;
use crate::mirror::{Absent, Kind, Sweep};

/// Code of removals that wait for a person.
pub(super) const REMOVALS_HELD: &str = "TooManyRemovals";

/// Removals that wait for a person, in words.
pub(super) fn held_text(absent: &Absent) -> String {
    let Absent { users, all_users, groups, all_groups } = absent;
    format!(
        "{users} of {all_users} people and {groups} of {all_groups} groups are not there any more. Nobody was removed: so many at once look like a mistake. If they are to go, run the inlet with their removal allowed."
    )
}

impl Sync {
    /// Many who would go are held, with everything else that would be swept away: a source that suddenly shows
    /// half of its people may show half of its memberships, too. The round goes on without.
    pub(super) fn weighed(&mut self, absent: Absent) -> Effect {
        let Absent { users, all_users, groups, all_groups } = absent;
        if asks_first(users, all_users) || asks_first(groups, all_groups) {
            if self.state.held != Some(absent) {
                self.note(NoteLevel::Error, REMOVALS_HELD, &held_text(&absent));
            }
            self.state.held = Some(absent);
            if let Some(round) = &mut self.state.round {
                round.phase = Phase::Settle { after: 0 };
            }
        } else {
            self.enter_sweep(None);
        }
        self.commit(Then::GoOn)
    }

    /// The next sweep after one, or what comes after all of them.
    pub(super) fn enter_sweep(&mut self, after: Option<Sweep>) {
        let order = [
            (Sweep::Objects(Kind::User), self.state.users.sweep),
            (Sweep::Managers, self.state.users.sweep),
            (Sweep::Members, self.state.groups.sweep),
            (Sweep::Objects(Kind::Group), self.state.groups.sweep),
        ];
        let done = after.and_then(|after| order.iter().position(|(sweep, _)| *sweep == after));
        let mut rest = order.iter().skip(done.map_or(0, |done| done + 1));
        let next = rest.find(|(_, due)| *due).map(|(sweep, _)| *sweep);
        if next.is_none() {
            self.state.users.sweep = false;
            self.state.groups.sweep = false;
            self.state.held = None;
        }
        if let Some(round) = &mut self.state.round {
            round.phase = next.map_or(Phase::Settle { after: 0 }, Phase::Sweep);
        }
    }
}
