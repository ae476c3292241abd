//! The simulated driver: carries out effects against the simulated world, in any order that a real
//! one could, and crashes when it is told to.

use std::collections::BTreeSet;

use super::dice::Dice;
use super::directory::Directory;
use super::store::Store;
use super::target::Target;
use crate::cycle::{
    Batch, Begin, Cycle, CycleKind, Decision, Effect, Event, Link, LinkChange, Mode, PageScope,
    PendingReference, ReferenceEntry, Report, SourceEntry, Standing, step,
};
use crate::id::{Cursor, CycleId, SourceId, new_guid};
use crate::job::{Context, Deprovisioning, Job};
use crate::log::ProvisioningObjectSummary;
use crate::outbox::{Options, Outbox, Transmission};
use crate::schema::ObjectType;

/// The whole world of one job.
#[derive(Debug, Clone)]
pub struct World {
    /// The source.
    pub directory: Directory,
    /// The application.
    pub target: Target,
    /// What the job keeps.
    pub store: Store,
    /// Now, Unix milliseconds.
    pub now: i64,
    /// Randomness of everything.
    pub dice: Dice,
    /// Which requests the driver lets go together.
    pub options: Options,
}

/// How a cycle is to be run.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// Everything, whatever was done before.
    pub full: bool,
    /// Only these, on demand.
    pub subjects: Vec<SourceId>,
    /// Nothing is written.
    pub plan: bool,
    /// Crash after so many effects.
    pub crash_after: Option<usize>,
    /// Ask the machine to stop after so many effects.
    pub stop_after: Option<usize>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The cycle is over.
    Finished(Box<Report>, Vec<ProvisioningObjectSummary>),
    /// It stopped as it was asked to and can go on.
    Yielded,
    /// The driver crashed.
    Crashed,
    /// The machine waits for something that never comes: a fault of the engine.
    Stuck,
}

impl World {
    /// An empty world.
    pub fn new(seed: u64) -> Self {
        Self {
            directory: Directory::new(),
            target: Target::new(),
            store: Store::default(),
            now: 1_700_000_000_000,
            dice: Dice::new(seed),
            options: Options::default(),
        }
    }

    /// Runs a cycle, or goes on with the one that was interrupted.
    pub fn run(&mut self, job: &Job, run: &Run) -> Outcome {
        let unfinished = self.store.state.clone().filter(|state| !state.is_done() && !run.plan);
        let cycle = match unfinished {
            Some(state) => Cycle::resume(state),
            None => {
                if !run.plan {
                    self.queue_memberships();
                }
                let cycle = Cycle::new(self.begin(run));
                if !run.plan {
                    self.store.state = Some(cycle.state().clone());
                }
                cycle
            }
        };
        self.drive(cycle, job, run)
    }

    /// Memberships that came or went since the last cycle, in groups that are linked. When the log of them begins
    /// later, what was written is compared with what is.
    fn queue_memberships(&mut self) {
        if self.store.memberships_to < self.directory.memberships_pruned {
            let groups: Vec<SourceId> = self
                .directory
                .groups()
                .keys()
                .filter(|id| self.store.links.contains_key(*id))
                .cloned()
                .collect();
            groups.iter().for_each(|group| self.compare_members(group));
            self.store.memberships_to = self.directory.memberships.len();
        }
        for change in self.directory.memberships.iter().skip(self.store.memberships_to) {
            if self.store.links.contains_key(&change.group) {
                let reference = membership(&change.group, &change.member, change.removed);
                let key = (change.group.clone(), reference.path.clone(), change.member.clone());
                self.store.references.insert(key, reference);
            }
        }
        self.store.memberships_to = self.directory.memberships.len();
    }

    fn compare_members(&mut self, group: &SourceId) {
        let Some(wanted) = self.directory.groups().get(group).map(|group| group.members.clone()) else {
            return;
        };
        let written = self.store.written.iter().filter(|(of, _)| of == group);
        let written: BTreeSet<SourceId> = written.map(|(_, member)| member.clone()).collect();
        // Whatever waits may have been sent, and its answer lost.
        let waiting = self.store.references.keys().filter(|(of, ..)| of == group);
        let waiting: BTreeSet<SourceId> = waiting.map(|(.., member)| member.clone()).collect();
        for member in wanted.symmetric_difference(&written).chain(&waiting) {
            self.queue(membership(group, member, !wanted.contains(member)));
        }
    }

    fn queue(&mut self, reference: PendingReference) {
        let key = (reference.source_id.clone(), reference.path.clone(), reference.referenced.clone());
        self.store.references.insert(key, reference);
    }

    /// Whoever gets another account, or none, is no longer in the groups of the target.
    fn lose_accounts(&mut self, batch: &Batch) {
        for change in &batch.links {
            let (id, target_id) = match change {
                LinkChange::Upsert(link) => (&link.source_id, Some(&link.target_id)),
                LinkChange::Remove(id) => (id, None),
            };
            if self.store.links.get(id).is_none_or(|known| Some(&known.target_id) == target_id) {
                continue;
            }
            let lost = self.store.written.iter().filter(|(group, member)| group == id || member == id);
            for (group, member) in lost.cloned().collect::<Vec<_>>() {
                self.store.written.remove(&(group.clone(), member.clone()));
                let key = (group.clone(), "members".to_owned(), member.clone());
                if member == *id && !self.store.references.contains_key(&key) {
                    self.queue(membership(&group, &member, false));
                }
            }
        }
    }

    /// Commits a batch; all memberships of groups that it links are queued.
    fn commit(&mut self, batch: Batch) {
        let is_new = |link: &&Link| {
            self.store.links.get(&link.source_id).is_none_or(|known| known.target_id != link.target_id)
        };
        let linked: Vec<SourceId> = batch
            .links
            .iter()
            .filter_map(|change| if let LinkChange::Upsert(link) = change { Some(link) } else { None })
            .filter(is_new)
            .map(|link| link.source_id.clone())
            .collect();
        self.lose_accounts(&batch);
        self.store.commit(batch);
        for id in linked {
            let Some(group) = self.directory.groups().get(&id) else { continue };
            self.store.references.retain(|(source_id, ..), _| *source_id != id);
            for member in &group.members {
                let reference = membership(&id, member, false);
                let key = (id.clone(), reference.path.clone(), member.clone());
                self.store.references.insert(key, reference);
            }
        }
    }

    fn begin(&mut self, run: &Run) -> Begin {
        let kind = match self.store.watermark {
            _ if !run.subjects.is_empty() => CycleKind::OnDemand,
            Some(_) if !run.full => CycleKind::Incremental,
            _ => CycleKind::Initial,
        };
        Begin {
            cycle_id: CycleId::from(new_guid(self.now, &self.dice)),
            kind,
            mode: if run.plan { Mode::Plan } else { Mode::Execute },
            since: self.store.watermark.unwrap_or_default(),
            until: self.directory.watermark(),
            linked: self.store.links.len() as u64,
            staged: self.store.decided(Decision::Held),
            approved: self.store.decided(Decision::Approved) > 0,
            recent: self.store.recent.count(self.now, 0),
            expected: None,
            subjects: run.subjects.clone(),
            now: self.now,
        }
    }

    fn drive(&mut self, cycle: Cycle, job: &Job, run: &Run) -> Outcome {
        let mut planned = Vec::new();
        let mut in_flight: Vec<Transmission> = Vec::new();
        let mut outbox = Outbox::new(self.options);
        let mut events = vec![Event::Started];
        let (mut cycle, mut done) = (cycle, 0);
        loop {
            if events.is_empty() {
                in_flight.extend(std::iter::from_fn(|| outbox.take()));
                if in_flight.is_empty() {
                    return Outcome::Stuck;
                }
                let sent = in_flight.swap_remove(self.dice.below(in_flight.len()));
                self.now += 5;
                self.target.now = self.now;
                let outcome = self.target.handle(&sent.request, &self.dice);
                let delivery = outbox.answered(sent, outcome);
                events.push(Event::Counted { requests: delivery.difference });
                let answer = |(effect_id, outcome)| Event::Response { effect_id, outcome };
                events.extend(delivery.answers.into_iter().map(answer));
            }
            let event = events.remove(0);
            let dice = self.dice.clone();
            let context = Context { now: self.now, job, random: &dice };
            let (next, effects) = step(cycle, event, &context);
            self.dice = dice;
            cycle = next;
            for effect in effects {
                done += 1;
                if run.crash_after.is_some_and(|limit| done > limit) {
                    // What was pushed but not yet given out may have been sent by a driver that is quicker.
                    in_flight.extend(std::iter::from_fn(|| outbox.take()));
                    self.abandon(in_flight);
                    return Outcome::Crashed;
                }
                if run.stop_after == Some(done) {
                    events.push(Event::StopRequested);
                }
                match effect {
                    Effect::Send { effect_id, request } => outbox.push(effect_id, request),
                    Effect::FindLink { effect_id, target_id } => {
                        let link =
                            self.store.links.values().find(|link| link.target_id == target_id).cloned();
                        events.push(Event::LinkFound { effect_id, link });
                    }
                    Effect::ReadPage { object_type, scope, cursor, limit } => {
                        let policy = job.settings.deprovisioning;
                        events.push(self.page(object_type, &scope, cursor, limit as usize, policy));
                    }
                    Effect::ReadReferences { .. } if !run.subjects.is_empty() => {
                        events.push(self.chosen(&run.subjects));
                    }
                    Effect::ReadReferences { cursor, limit } => {
                        events.push(self.references(cursor, limit as usize));
                    }
                    Effect::Commit(batch) => {
                        if run.plan {
                            planned.extend(batch.log);
                        } else {
                            self.commit(*batch);
                        }
                        events.push(Event::Committed);
                    }
                    Effect::Yield => return Outcome::Yielded,
                    Effect::Finish(report) => {
                        if !run.plan {
                            let approved = self.store.state.as_ref().is_some_and(|state| state.approved);
                            self.store.recent.add(&report, approved, self.now, 0);
                            self.finish(&report);
                        }
                        return Outcome::Finished(report, planned);
                    }
                }
            }
        }
    }

    fn finish(&mut self, report: &Report) {
        let failed = report.result == crate::cycle::CycleResult::Failed;
        if !failed && report.kind != CycleKind::OnDemand {
            self.store.watermark = Some(report.watermark);
        }
    }

    /// Requests that were under way when the driver crashed: each may still arrive.
    fn abandon(&mut self, in_flight: Vec<Transmission>) {
        self.target.now = self.now;
        for sent in in_flight {
            if self.dice.percent(50) {
                let _lost = self.target.handle(&sent.request, &self.dice);
            }
        }
    }

    fn page(
        &self,
        object_type: ObjectType,
        scope: &PageScope,
        cursor: Option<Cursor>,
        limit: usize,
        policy: Deprovisioning,
    ) -> Event {
        let kept = |link: &&Link| link.object_type == object_type;
        let linked = self.store.links.values().filter(kept).map(|link| link.source_id.clone());
        let created = self.store.creations.values().filter(|creation| creation.object_type == object_type);
        let mut known: BTreeSet<SourceId> = match object_type {
            ObjectType::User => self.directory.people().keys().cloned().collect(),
            ObjectType::Group => self.directory.groups().keys().cloned().collect(),
        };
        known.extend(linked);
        known.extend(created.map(|creation| creation.source_id.clone()));
        let ids: BTreeSet<SourceId> = match scope {
            PageScope::All => known,
            PageScope::Changes { since, until } => {
                let due = self.store.escrows.values().filter(|escrow| escrow.next_attempt <= self.now);
                let due = due.map(|escrow| escrow.source_id.clone());
                let is_due = |link: &&Link| {
                    let delete_at = link.disabled.and_then(|disabled| policy.delete_at(disabled));
                    delete_at.is_some_and(|at| at <= self.now)
                };
                let deletions = self.store.links.values().filter(is_due).map(|link| link.source_id.clone());
                let changed = self.directory.changes(*since, *until).into_iter().chain(due).chain(deletions);
                changed.filter(|id| known.contains(id)).collect()
            }
            PageScope::Subjects { ids } => ids.iter().filter(|id| known.contains(id)).cloned().collect(),
            PageScope::Staged => {
                let staged = self.store.staged.values().filter(|held| held.decision != Decision::Rejected);
                staged.map(|held| &held.source_id).filter(|id| known.contains(id)).cloned().collect()
            }
        };
        let after = cursor.map(|cursor| SourceId::from(cursor.as_str()));
        let rest = || ids.iter().filter(|id| after.as_ref().is_none_or(|after| *id > after));
        let entries: Vec<SourceEntry> = rest().take(limit).map(|id| self.entry(id)).collect();
        let next = entries.last().map(|entry| entry.position.clone()).filter(|_| rest().count() > limit);
        Event::Page { entries, next }
    }

    fn entry(&self, id: &SourceId) -> SourceEntry {
        let object = self.directory.object(id);
        let manager = object.as_ref().and_then(|object| object.attributes.get("manager")?.as_str());
        let manager = manager.map(SourceId::from).filter(|id| self.directory.object(id).is_some());
        let linked = manager.and_then(|manager| self.store.links.get(&manager));
        SourceEntry {
            source_id: id.clone(),
            assignments: self.directory.assignments(id),
            link: self.store.links.get(id).cloned(),
            escrow: self.store.escrows.get(id).cloned(),
            reference_links: linked
                .map(|link: &Link| (link.source_id.clone(), link.target_id.clone()))
                .into_iter()
                .collect(),
            pending_references: self
                .store
                .references
                .values()
                .filter(|reference| reference.source_id == *id)
                .cloned()
                .collect(),
            creation: self.store.creations.get(id).cloned(),
            staged: self.store.staged.get(id).cloned(),
            position: Cursor::from(id.as_str()),
            object,
        }
    }

    fn references(&self, cursor: Option<Cursor>, limit: usize) -> Event {
        let mut entries: Vec<ReferenceEntry> = Vec::new();
        let mut next = None;
        for reference in self.store.references.values() {
            let position = Cursor::from(reference.source_id.as_str());
            if cursor.as_ref().is_some_and(|cursor| position <= *cursor) {
                continue;
            }
            let resolved = self.store.links.get(&reference.referenced).map(|link| link.target_id.clone());
            if resolved.is_none() && reference.reported {
                continue;
            }
            if entries.len() >= limit && entries.last().is_some_and(|last| last.position != position) {
                next = entries.last().map(|last| last.position.clone());
                break;
            }
            entries.push(self.reference(reference.clone(), Standing::Waiting));
        }
        Event::References { entries, next }
    }

    fn reference(&self, reference: PendingReference, standing: Standing) -> ReferenceEntry {
        ReferenceEntry {
            link: self.store.links.get(&reference.source_id).cloned(),
            referenced_name: self.directory.object(&reference.referenced).map(|object| object.display_name),
            resolved: self.store.links.get(&reference.referenced).map(|link| link.target_id.clone()),
            position: Cursor::from(reference.source_id.as_str()),
            standing,
            reference,
        }
    }

    /// What is asked for on demand: references of people, and the chosen members of a group.
    fn chosen(&self, subjects: &[SourceId]) -> Event {
        let people = |reference: &&PendingReference| {
            reference.object_type == ObjectType::User && subjects.contains(&reference.source_id)
        };
        let waiting = self.store.references.values().filter(people).cloned();
        let mut entries: Vec<ReferenceEntry> =
            waiting.map(|reference| self.reference(reference, Standing::Waiting)).collect();
        for (id, group) in self.directory.groups().iter().filter(|(id, _)| subjects.contains(id)) {
            for member in subjects.iter().filter(|subject| *subject != id) {
                let new = membership(id, member, false);
                let key = (id.clone(), new.path.clone(), member.clone());
                let standing = match (self.store.references.get(&key), group.members.contains(member)) {
                    (None, true) if self.store.written.contains(&(id.clone(), member.clone())) => {
                        Standing::Written
                    }
                    (None, false) => Standing::Unknown,
                    _ => Standing::Waiting,
                };
                let reference = self.store.references.get(&key).cloned().unwrap_or(new);
                entries.push(self.reference(reference, standing));
            }
        }
        Event::References { entries, next: None }
    }
}

fn membership(group: &SourceId, member: &SourceId, remove: bool) -> PendingReference {
    PendingReference {
        object_type: ObjectType::Group,
        source_id: group.clone(),
        path: "members".to_owned(),
        referenced: member.clone(),
        current: None,
        reported: !remove,
        remove,
    }
}
