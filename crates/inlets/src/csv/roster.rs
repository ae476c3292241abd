//! What an import remembers of a file after the rows are gone: who is in it, their managers and
//! their groups.

use std::collections::HashMap;

use super::header::GROUPS;
use super::names::{NameId, Names};
use super::row::Refusal;
use super::{Cell, FileError, Header, Problem, Row, RowError};

/// Most bytes of all names of people, managers and groups together.
pub const MAX_ROSTER_BYTES: usize = 24_000_000;
/// Most memberships of all people together.
pub const MAX_MEMBERSHIPS: usize = 4_000_000;

/// Names in the description of a loop of managers.
const MAX_CHAIN: usize = 8;

/// The cell of the manager is empty, or there is no such column.
const NO_MANAGER: NameId = NameId::MAX;
/// The manager of the row was refused: the one in the directory stays.
const KEPT_MANAGER: NameId = NameId::MAX - 1;

/// What the directory says about a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    /// Whether somebody has it, and is not deleted.
    exists: bool,
    /// Their manager there.
    manager: Option<NameId>,
}

/// Names about which [`Roster::tell`] has to be called before managers can be settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unasked(Vec<NameId>);

/// A person of the file, for the passes after the first. A name is spelled as where the file has it
/// first, which may be another person's manager column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person<'r> {
    /// The line of the row.
    pub line: u64,
    /// The `userPrincipalName`.
    pub user_name: &'r str,
    /// The manager's `userPrincipalName`; [`Cell::Absent`] also when it was refused.
    pub manager: Cell<&'r str>,
    /// Display names of groups.
    pub groups: Cell<Vec<&'r str>>,
}

/// What is known about a name: that of a person, or of a manager who has no row.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// The line of the row, 0 when there is none.
    line: u32,
    accepted: bool,
    manager: NameId,
    /// Where the person's groups start in `memberships`, and how many they are.
    groups: (u32, u16),
}

const NAMED_ONLY: Known = Known { line: 0, accepted: false, manager: NO_MANAGER, groups: (0, 0) };

/// The people of a file.
#[derive(Debug, Default)]
pub struct Roster {
    names: Names,
    known: Vec<Known>,
    /// Accepted rows in the order of the file.
    people: Vec<NameId>,
    groups: Names,
    memberships: Vec<NameId>,
    key_column: u64,
    manager_column: Option<u64>,
    groups_column: Option<u64>,
    /// The first row of which it is not certain whose it is.
    uncertain: Option<(u64, u64)>,
    /// What the directory said about names that the file alone does not explain.
    told: HashMap<NameId, Told>,
}

impl Roster {
    pub(super) fn new(header: &Header) -> Self {
        Self {
            key_column: header.number_of("userPrincipalName").unwrap_or(1),
            manager_column: header.number_of("manager"),
            groups_column: header.number_of(GROUPS),
            ..Self::default()
        }
    }

    /// Takes a row in, unless its key was there before.
    pub(super) fn admit(&mut self, row: Result<Row, Refusal>) -> Result<Result<Row, RowError>, FileError> {
        let row = match row {
            Ok(row) => row,
            Err(refusal) => {
                match &refusal.user_name {
                    Some(user_name) => {
                        let id = self.name(user_name)?;
                        if let Some(known) = self.known.get_mut(id as usize).filter(|known| known.line == 0) {
                            known.line = refusal.error.line as u32;
                        }
                    }
                    None => {
                        self.uncertain.get_or_insert((refusal.error.line, refusal.error.column));
                    }
                }
                return Ok(Err(refusal.error));
            }
        };
        let id = self.name(&row.user_name)?;
        let before = self.known.get(id as usize).copied().unwrap_or(NAMED_ONLY);
        if before.accepted {
            let problem =
                Problem::DuplicateKey { user_name: row.user_name, first_line: u64::from(before.line) };
            let column = self.key_column;
            return Ok(Err(RowError { line: row.line, column, problem }));
        }
        let manager = match &row.manager {
            Cell::Value(manager) => self.name(manager)?,
            Cell::Empty | Cell::Absent => NO_MANAGER,
        };
        let start = self.memberships.len() as u32;
        if let Cell::Value(groups) = &row.groups {
            for group in groups {
                let group = self.groups.insert(group);
                self.memberships.push(group);
            }
            self.check_size()?;
        }
        let count = (self.memberships.len() as u32 - start) as u16;
        if let Some(known) = self.known.get_mut(id as usize) {
            *known = Known { line: row.line as u32, accepted: true, manager, groups: (start, count) };
        }
        self.people.push(id);
        Ok(Ok(row))
    }

    fn name(&mut self, name: &str) -> Result<NameId, FileError> {
        let id = self.names.insert(name);
        if self.known.len() < self.names.len() {
            self.known.push(NAMED_ONLY);
            self.check_size()?;
        }
        Ok(id)
    }

    fn check_size(&self) -> Result<(), FileError> {
        let fits = self.names.bytes() + self.groups.bytes() <= MAX_ROSTER_BYTES
            && self.memberships.len() <= MAX_MEMBERSHIPS;
        if fits { Ok(()) } else { Err(FileError::TooManyNames) }
    }

    /// How many rows were accepted.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether no row was accepted.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// The accepted rows from this one on, in the order of the file: for work in portions.
    pub fn people_from(&self, index: usize) -> impl Iterator<Item = Person<'_>> {
        self.people.iter().skip(index).filter_map(|id| self.person(*id))
    }

    /// All accepted rows in the order of the file.
    pub fn people(&self) -> impl Iterator<Item = Person<'_>> {
        self.people_from(0)
    }

    fn person(&self, id: NameId) -> Option<Person<'_>> {
        let known = self.known.get(id as usize).filter(|known| known.accepted)?;
        let manager = match known.manager {
            _ if self.manager_column.is_none() => Cell::Absent,
            KEPT_MANAGER => Cell::Absent,
            NO_MANAGER => Cell::Empty,
            manager => Cell::Value(self.names.get(manager)),
        };
        let (start, count) = (known.groups.0 as usize, usize::from(known.groups.1));
        let groups = match self.memberships.get(start..start + count) {
            _ if self.groups_column.is_none() => Cell::Absent,
            None | Some([]) => Cell::Empty,
            Some(groups) => Cell::Value(groups.iter().map(|group| self.groups.get(*group)).collect()),
        };
        Some(Person { line: u64::from(known.line), user_name: self.names.get(id), manager, groups })
    }

    /// The display names of all groups, each once, in the order of the file.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        (0..self.groups.len() as NameId).map(|id| self.groups.get(id))
    }

    /// Whether somebody of the file is to be in the group of this name.
    pub fn names_group(&self, name: &str) -> bool {
        self.groups.find(name).is_some()
    }

    /// Whether the file has the `groups` column.
    pub fn has_groups(&self) -> bool {
        self.groups_column.is_some()
    }

    /// Whether the file has the `manager` column.
    pub fn has_managers(&self) -> bool {
        self.manager_column.is_some()
    }

    /// Whether the file has a row for this `userPrincipalName`, be the row good or bad: who has one
    /// is not missing.
    pub fn names(&self, user_name: &str) -> bool {
        self.find(user_name).is_some_and(|known| known.line > 0)
    }

    /// Whether it is certain who is missing in the file. After a row without a readable key it is
    /// not, and the error goes into the report instead of a removal.
    pub fn is_complete(&self) -> Result<(), RowError> {
        match self.uncertain {
            None => Ok(()),
            Some((line, column)) => Err(RowError { line, column, problem: Problem::RemovalWithheld }),
        }
    }

    /// Takes back a person whose row the directory refused, so that the later passes leave them
    /// out. They still count as named.
    pub fn refuse(&mut self, user_names: &[String]) {
        for user_name in user_names {
            if let Some(id) = self.names.find(user_name)
                && let Some(known) = self.known.get_mut(id as usize)
            {
                known.accepted = false;
            }
        }
        // So that a place among the people is one among those who are left.
        let known = &self.known;
        self.people.retain(|id| known.get(*id as usize).is_some_and(|known| known.accepted));
    }

    fn find(&self, user_name: &str) -> Option<Known> {
        self.known.get(self.names.find(user_name)? as usize).copied()
    }

    /// Refuses every manager that cannot be: somebody unknown, oneself, or one of a chain that
    /// comes back to its start, be it over the file alone or over people who are only in the
    /// directory. What is refused becomes [`Cell::Absent`], so the manager in the directory stays.
    ///
    /// To be called once all rows have been applied. Answers one error for each refused manager,
    /// in the order of the file. If the directory has to be asked first, nothing is refused, and
    /// the names to ask about are answered; then it is to be called again. Each time it gets a
    /// step further, along chains of managers and then past refused links.
    pub fn settle_managers(&mut self) -> Result<Vec<RowError>, Unasked> {
        let Some(column) = self.manager_column else { return Ok(Vec::new()) };
        let mut unasked = Vec::new();
        let mut refused = Vec::new();
        for id in &self.people {
            if let Some(problem) = self.check_manager(*id, &mut unasked) {
                refused.push((*id, problem));
            }
        }
        let mut settling = Settling { roster: self, kept: Vec::new() };
        for (id, problem) in refused {
            settling.keep(id, problem, column);
        }
        // A refused link gives way to the one in the directory, which may close another loop.
        // Each round refuses at least one more link, so this ends.
        while unasked.is_empty() {
            let loops = settling.roster.find_loops(&mut unasked);
            if loops.is_empty() {
                break;
            }
            for members in loops {
                for (place, id) in members.iter().enumerate() {
                    if settling.roster.link_of_file(*id).is_some() {
                        let problem = Problem::ManagerLoop(settling.roster.describe(&members, place));
                        settling.keep(*id, problem, column);
                    }
                }
            }
        }
        if unasked.is_empty() {
            return Ok(settling.errors());
        }
        settling.take_back();
        unasked.sort_unstable();
        unasked.dedup();
        Err(Unasked(unasked))
    }

    /// Refuses the managers in these lines, which [`Roster::settle_managers`] refused of the same file before. The
    /// lines are in the order of the file.
    pub fn keep_managers(&mut self, lines: &[u64]) {
        let mut lines = lines.iter().peekable();
        for id in &self.people {
            let Some(line) = lines.peek() else { return };
            if let Some(known) = self.known.get_mut(*id as usize)
                && u64::from(known.line) == **line
            {
                known.manager = KEPT_MANAGER;
                lines.next();
            }
        }
    }

    /// Some of the names to ask about, from this one on.
    pub fn unasked_from<'r>(&'r self, unasked: &'r Unasked, index: usize) -> impl Iterator<Item = &'r str> {
        unasked.0.iter().skip(index).map(|id| self.names.get(*id))
    }

    /// Takes down what the directory says about a name: whether somebody has it, in any case, and is not deleted,
    /// and the name of their manager.
    pub fn tell(&mut self, user_name: &str, exists: bool, manager: Option<&str>) {
        let id = self.learn(user_name);
        let manager = manager.map(|manager| self.learn(manager));
        self.told.insert(id, Told { exists, manager });
    }

    fn learn(&mut self, name: &str) -> NameId {
        let id = self.names.insert(name);
        if self.known.len() < self.names.len() {
            self.known.resize(self.names.len(), NAMED_ONLY);
        }
        id
    }

    /// Why somebody cannot have the manager that the file gives them.
    fn check_manager(&self, id: NameId, unasked: &mut Vec<NameId>) -> Option<Problem> {
        let manager = self.link_of_file(id)?;
        if manager == id {
            return Some(Problem::OwnManager);
        }
        let known = self.known.get(manager as usize).copied().unwrap_or(NAMED_ONLY);
        if known.accepted {
            return None;
        }
        let Some(told) = self.told.get(&manager) else {
            unasked.push(manager);
            return None;
        };
        let user_name = || self.names.get(manager).to_owned();
        match known.line {
            _ if told.exists => None,
            0 => Some(Problem::UnknownManager(user_name())),
            line => Some(Problem::RefusedManager { user_name: user_name(), line: u64::from(line) }),
        }
    }

    /// The manager that the file gives to somebody, and that is not refused.
    fn link_of_file(&self, id: NameId) -> Option<NameId> {
        let known = self.known.get(id as usize).filter(|known| known.accepted)?;
        Some(known.manager).filter(|manager| *manager < KEPT_MANAGER)
    }

    /// Loops that hold at least one link of the file. Everybody has at most one manager, so each
    /// name is walked over once.
    fn find_loops(&self, unasked: &mut Vec<NameId>) -> Vec<Vec<NameId>> {
        let mut loops = Vec::new();
        let mut walked_in: Vec<u32> = vec![0; self.known.len()];
        for (start, walk) in self.people.iter().zip(1..) {
            let mut chain = Vec::new();
            let mut next = Some(*start);
            while let Some(id) = next {
                let Some(mark) = walked_in.get_mut(id as usize) else { break };
                if *mark != 0 {
                    if *mark == walk {
                        let members: Vec<_> = chain.into_iter().skip_while(|member| *member != id).collect();
                        if members.iter().any(|member| self.link_of_file(*member).is_some()) {
                            loops.push(members);
                        }
                    }
                    break;
                }
                *mark = walk;
                chain.push(id);
                next = self.manager_after_import(id, unasked);
            }
        }
        loops
    }

    fn manager_after_import(&self, id: NameId, unasked: &mut Vec<NameId>) -> Option<NameId> {
        let known = self.known.get(id as usize).copied().unwrap_or(NAMED_ONLY);
        if known.accepted && known.manager != KEPT_MANAGER {
            return Some(known.manager).filter(|manager| *manager != NO_MANAGER);
        }
        let Some(told) = self.told.get(&id) else {
            unasked.push(id);
            return None;
        };
        told.manager
    }

    /// The loop as seen from one of its members, shortened in the middle.
    fn describe(&self, members: &[NameId], place: usize) -> Vec<String> {
        let around = members.iter().cycle().skip(place).take(members.len() + 1);
        let name = |id: &NameId| self.names.get(*id).to_owned();
        if members.len() <= MAX_CHAIN {
            return around.map(name).collect();
        }
        let more = format!("… {} more …", members.len() + 1 - MAX_CHAIN);
        let tail = around.clone().skip(members.len()).map(name);
        around.clone().take(MAX_CHAIN - 1).map(name).chain([more]).chain(tail).collect()
    }
}

/// Links that are being refused, until it is certain that nothing has to be asked.
struct Settling<'r> {
    roster: &'r mut Roster,
    /// Whose, the manager before, and why.
    kept: Vec<(NameId, NameId, RowError)>,
}

impl Settling<'_> {
    fn keep(&mut self, id: NameId, problem: Problem, column: u64) {
        if let Some(known) = self.roster.known.get_mut(id as usize) {
            let error = RowError { line: u64::from(known.line), column, problem };
            self.kept.push((id, known.manager, error));
            known.manager = KEPT_MANAGER;
        }
    }

    fn errors(self) -> Vec<RowError> {
        let mut errors: Vec<RowError> = self.kept.into_iter().map(|(.., error)| error).collect();
        errors.sort_by_key(|error| error.line);
        errors
    }

    fn take_back(self) {
        for (id, manager, _) in self.kept {
            if let Some(known) = self.roster.known.get_mut(id as usize) {
                known.manager = manager;
            }
        }
    }
}

#[cfg(test)]
mod tests;
