//! Groups in groups against a naive model: whom assignments reach, and who is looked at again after changes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use scim::urn;
use serde_json::json;
use store::directory::{MAX_NESTING, Way};
use store::job::{NestedChange, concerned};
use store::sql::Sql as _;
use support::Server;

type Edges = BTreeSet<(String, String)>;

/// A directory of people and groups, whose memberships are written past the service, which allows no circles.
struct World {
    server: Server,
    people: Vec<String>,
    groups: Vec<String>,
    members: Edges,
    deleted: BTreeSet<String>,
    /// Of the deleted ones, those that are gone for good.
    gone: BTreeSet<String>,
    assigned: BTreeSet<String>,
}

impl World {
    fn new(people: usize, groups: usize) -> Self {
        let mut server = Server::new();
        let mut id = |path: &str, body| server.post(201, path, &body)["id"].as_str().unwrap().to_owned();
        let people = (0..people)
            .map(|number| id("/Users", json!({"schemas": [urn::USER], "userName": format!("u{number}")})))
            .collect();
        let groups = (0..groups)
            .map(|number| {
                id("/Groups", json!({"schemas": [urn::GROUP], "displayName": format!("g{number}")}))
            })
            .collect();
        let (members, deleted, gone, assigned) = Default::default();
        Self { server, people, groups, members, deleted, gone, assigned }
    }

    fn set_member(&mut self, group: &str, member: &str, is_member: bool) {
        let edge = (group.to_owned(), member.to_owned());
        let statement = if is_member {
            self.members.insert(edge);
            "INSERT OR IGNORE INTO members (group_seq, member_seq, added)
             SELECT g.seq, m.seq, 0 FROM resources AS g, resources AS m WHERE g.id = ? AND m.id = ?"
        } else {
            self.members.remove(&edge);
            "DELETE FROM members WHERE group_seq = (SELECT seq FROM resources WHERE id = ?)
                AND member_seq = (SELECT seq FROM resources WHERE id = ?)"
        };
        self.server.sql.query(statement, &[group.into(), member.into()]).unwrap();
    }

    fn set_deleted(&mut self, group: &str, is_deleted: bool) {
        if is_deleted {
            self.deleted.insert(group.to_owned())
        } else {
            self.deleted.remove(group)
        };
        let value = if is_deleted { "1" } else { "NULL" };
        let statement = format!("UPDATE resources SET deleted = {value} WHERE id = ?");
        self.server.sql.query(&statement, &[group.into()]).unwrap();
    }

    /// For good, as the Worker sees it: whoever was in it is told, and that it was in others.
    fn purge(&mut self, window: &mut Window, group: &str) {
        self.set_deleted(group, true);
        let edges: Vec<_> = self
            .members
            .iter()
            .filter(|(outer, member)| outer == group || member == group)
            .cloned()
            .collect();
        for (outer, member) in edges {
            self.set_member(&outer, &member, false);
            if self.groups.contains(&member) {
                window.nested.push(NestedChange { group_id: outer, member_id: member });
            } else {
                window.people.insert(member);
            }
        }
        self.server.sql.query("DELETE FROM resources WHERE id = ?", &[group.into()]).unwrap();
        self.gone.insert(group.to_owned());
    }

    /// Memberships that count: of groups that are not deleted, in such.
    fn live(&self) -> Edges {
        let is_live = |id: &String| !self.deleted.contains(id);
        self.members.iter().filter(|(group, member)| is_live(group) && is_live(member)).cloned().collect()
    }

    /// The assigned groups that reach each person.
    fn reach(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut reach: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for group in self.assigned.iter().filter(|group| !self.deleted.contains(*group)) {
            for member in below(&self.live(), [group.clone()].into()) {
                reach.entry(member).or_default().insert(group.clone());
            }
        }
        reach.retain(|id, _| self.people.contains(id));
        reach
    }

    /// Whom a job marks: as the Worker does.
    fn marked(&self, changes: &Window) -> BTreeSet<String> {
        let store = self.server.store();
        let ids: Vec<&str> = changes.nested.iter().map(|change| change.group_id.as_str()).collect();
        let around = store.groups_reached(&ids, Way::UpAtAnyTime).unwrap();
        let is_assigned = |group: &str| self.assigned.contains(group) || changes.assignments.contains(group);
        let mut ids = concerned(&changes.nested, &around, is_assigned);
        ids.extend(changes.assignments.iter().map(String::as_str));
        let mut marked = changes.people.clone();
        for (_, group) in store.groups_reached(&ids, Way::Down).unwrap() {
            let members = store.group_member_ids(&group, 0, 1_000).unwrap();
            marked.extend(members.into_iter().map(|(_, _, id)| id).filter(|id| self.people.contains(id)));
        }
        marked
    }
}

/// Everything that is reached from these, themselves included.
fn below(edges: &Edges, mut reached: BTreeSet<String>) -> BTreeSet<String> {
    loop {
        let more: Vec<String> = edges
            .iter()
            .filter(|(group, member)| reached.contains(group) && !reached.contains(member))
            .map(|(_, member)| member.clone())
            .collect();
        if more.is_empty() {
            return reached;
        }
        reached.extend(more);
    }
}

/// What changed between two cycles.
#[derive(Default)]
struct Window {
    nested: Vec<NestedChange>,
    assignments: BTreeSet<String>,
    people: BTreeSet<String>,
}

/// Kind of change, and what it is about.
type Step = (u8, usize, usize, bool);

fn apply(world: &mut World, window: &mut Window, (kind, one, other, yes): Step) {
    let group = world.groups[one % world.groups.len()].clone();
    let inner = &world.groups[other % world.groups.len()];
    if kind != 5 && (world.gone.contains(&group) || world.gone.contains(inner)) {
        return;
    }
    match kind {
        0 | 1 => {
            let member = world.people[other % world.people.len()].clone();
            world.set_member(&group, &member, yes);
            window.people.insert(member);
        }
        2..=4 => {
            let member = world.groups[other % world.groups.len()].clone();
            world.set_member(&group, &member, yes);
            window.nested.push(NestedChange { group_id: group, member_id: member });
        }
        5 => {
            if yes {
                world.assigned.insert(group.clone())
            } else {
                world.assigned.remove(&group)
            };
            window.assignments.insert(group);
        }
        6 => world.purge(window, &group),
        _ => {
            world.set_deleted(&group, yes);
            window.nested.push(NestedChange { group_id: group.clone(), member_id: group });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exactly_those_are_looked_at_whom_changes_may_concern(
        windows in vec(vec((0_u8..9, 0_usize..7, 0_usize..9, prop::bool::weighted(0.6)), 1..12), 1..6),
    ) {
        let mut world = World::new(9, 7);
        for steps in windows {
            let (before, known, assigned) = (world.reach(), world.members.clone(), world.assigned.clone());
            let mut window = Window::default();
            for step in steps {
                apply(&mut world, &mut window, step);
            }
            let (after, marked) = (world.reach(), world.marked(&window));
            for person in &world.people {
                prop_assert!(before.get(person) == after.get(person) || marked.contains(person), "missed {person}");
            }
            // Nobody else than those below a change that an assignment reaches, at any time since.
            let at_any_time: Edges = known.union(&world.members).cloned().chain(
                window.nested.iter().map(|change| (change.group_id.clone(), change.member_id.clone()))
            ).collect();
            let assigned = assigned.union(&world.assigned).chain(&window.assignments).cloned().collect();
            let reached = below(&at_any_time, assigned);
            let tops = window.nested.iter().filter(|change| reached.contains(&change.group_id));
            let tops = tops.map(|change| change.member_id.clone()).chain(window.assignments.clone()).collect();
            let allowed = below(&at_any_time, tops);
            for person in &marked {
                prop_assert!(window.people.contains(person) || allowed.contains(person), "{person} for nothing");
            }
            // A person carries every group around.
            let ids: Vec<&str> = world.people.iter().map(String::as_str).collect();
            let mut users = world.server.store().users_by_ids(&ids).unwrap().0;
            world.server.store().add_outer_groups(&mut users).unwrap();
            for user in users {
                let reaching = user.group_ids.iter().filter(|group| world.assigned.contains(*group)).cloned();
                let expected = after.get(&user.resource.id).cloned().unwrap_or_default();
                prop_assert_eq!(reaching.collect::<BTreeSet<_>>(), expected);
            }
        }
    }
}

#[test]
fn people_below_a_group_that_is_gone_for_good_are_looked_at() {
    let mut world = World::new(2, 4);
    let (groups, people) = (world.groups.clone(), world.people.clone());
    for (group, member) in [(0, 1), (1, 2), (2, 3)] {
        world.set_member(&groups[group], &groups[member], true);
    }
    world.set_member(&groups[3], &people[0], true);
    world.set_member(&groups[1], &people[1], true);
    let purged = |world: &mut World| {
        let mut window = Window::default();
        world.purge(&mut window, &groups[2]);
        world.purge(&mut window, &groups[1]);
        window
    };
    world.assigned.insert(groups[0].clone());
    let window = purged(&mut world);
    assert_eq!(world.marked(&window), people.iter().cloned().collect());
    world.assigned.clear();
    assert_eq!(world.marked(&window), [people[1].clone()].into(), "without an assignment around");
}

#[test]
fn nesting_is_limited() {
    let mut world = World::new(1, MAX_NESTING + 2);
    let groups = world.groups.clone();
    groups.windows(2).for_each(|pair| world.set_member(&pair[0], &pair[1], true));
    let person = world.people[0].clone();
    world.set_member(&groups[MAX_NESTING + 1], &person, true);
    let store = world.server.store();
    let mut users = store.users_by_ids(&[&person]).unwrap().0;
    store.add_outer_groups(&mut users).unwrap();
    assert_eq!(users[0].group_ids.len(), MAX_NESTING + 1);
    assert!(!users[0].group_ids.contains(&groups[0]), "one level too many");
    let down = store.groups_reached(&[&groups[0]], Way::Down).unwrap();
    assert_eq!(down.len(), MAX_NESTING + 1);
}

#[test]
fn circles_end() {
    let mut world = World::new(1, 3);
    let (groups, person) = (world.groups.clone(), world.people[0].clone());
    for (group, member) in [(0, 1), (1, 2), (2, 0), (0, 0)] {
        world.set_member(&groups[group], &groups[member], true);
    }
    world.set_member(&groups[2], &person, true);
    let store = world.server.store();
    let mut users = store.users_by_ids(&[&person]).unwrap().0;
    store.add_outer_groups(&mut users).unwrap();
    assert_eq!(users[0].group_ids, groups);
    assert_eq!(store.groups_reached(&[&groups[1]], Way::Down).unwrap().len(), 3);
}

#[test]
fn what_is_read_does_not_grow_with_the_directory() {
    let mut world = World::new(3, 6);
    let (groups, people) = (world.groups.clone(), world.people.clone());
    world.set_member(&groups[0], &groups[1], true);
    people.iter().for_each(|person| world.set_member(&groups[1], person, true));
    let window = Window {
        nested: vec![NestedChange { group_id: groups[0].clone(), member_id: groups[1].clone() }],
        ..Window::default()
    };
    world.assigned.insert(groups[0].clone());
    let steps = |world: &World| {
        let before = world.server.sql.steps();
        assert_eq!(world.marked(&window).len(), 3);
        world.server.sql.steps() - before
    };
    let small = steps(&world);
    let mut crowd = Vec::new();
    for number in 0..300 {
        let body = json!({"schemas": [urn::USER], "userName": format!("crowd{number}")});
        crowd.push(world.server.post(201, "/Users", &body)["id"].as_str().unwrap().to_owned());
    }
    crowd.iter().for_each(|person| world.set_member(&groups[5], person, true));
    world.set_member(&groups[4], &groups[5], true);
    assert!(steps(&world) <= small + small / 10, "{} after {small}", steps(&world));
}
