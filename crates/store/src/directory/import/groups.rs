//! The third pass of an import: groups and memberships.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use inlets::csv::{Cell, Group, plan_memberships};
use scim::ResourceType;
use scim::repository::{MemberChange, NewResource, Repository as _, RepositoryError, Update};
use serde_json::{Map, Value as Json};

use super::super::{DirectoryStore, UserRecord};
use super::people::by_user_name;
use super::record::Kept;
use super::{CHUNK, Machine, Pass, Step, Stop, Work, key};
use crate::sql::in_transaction;

/// `externalId` of a group that the import made, before its name: the import manages the members of these
/// groups and of no others.
const MANAGED_GROUP: &str = "csv:";

impl Machine {
    /// Looks for the groups of the file among those of the directory, a page of them.
    pub(super) fn known_groups(
        &mut self,
        work: &mut Work<'_>,
        after: i64,
        mut ids: HashMap<String, String>,
    ) -> Result<Step, Stop> {
        let page = work.store.groups_page(after, CHUNK)?;
        let Some((last, _)) = page.last() else {
            self.pass = Pass::NewGroups(0, ids);
            return Ok(Step::Worked(0));
        };
        for (_, group) in &page {
            let name = group.attributes.get("displayName").and_then(Json::as_str);
            if let Some(name) = name.filter(|name| self.roster.names_group(name)) {
                ids.entry(key(name)).or_insert_with(|| group.id.clone());
            }
        }
        self.pass = Pass::KnownGroups(*last, ids);
        Ok(Step::Worked(page.len()))
    }

    /// Makes some of the groups that are missing. It needs no outcome: what was made before is found.
    pub(super) fn new_groups(
        &mut self,
        work: &mut Work<'_>,
        index: usize,
        mut ids: HashMap<String, String>,
    ) -> Result<Step, Stop> {
        let names: Vec<&str> = self.roster.groups().skip(index).take(CHUNK).collect();
        if names.is_empty() {
            self.pass = Pass::Groups(0, ids, HashMap::new());
            return Ok(Step::Worked(0));
        }
        let now_ms = self.now_ms;
        in_transaction(work.store.sql, || -> Result<(), RepositoryError> {
            for name in &names {
                if let Entry::Vacant(place) = ids.entry(key(name)) {
                    place.insert(work.new_group(name, now_ms)?);
                }
            }
            Ok(())
        })?;
        let worked = names.len();
        self.pass = Pass::NewGroups(index + worked, ids);
        Ok(Step::Worked(worked))
    }

    pub(super) fn groups(
        &mut self,
        work: &mut Work<'_>,
        index: usize,
        ids: HashMap<String, String>,
        mut known: HashMap<String, Group>,
    ) -> Result<Step, Stop> {
        let worked = self.roster.people_from(index).take(CHUNK).count();
        if worked == 0 {
            self.enter_missing();
            return Ok(Step::Worked(0));
        }
        let (preview, now_ms) = (self.options.preview, self.now_ms);
        // Those that the file names, and those that people have and lose.
        let mut memberships = 0;
        self.chunk(work, Kept::Groups, |roster, work, notes| {
            let people: Vec<_> = roster.people_from(index).take(CHUNK).collect();
            let with_groups = people.iter().filter(|person| person.groups != Cell::Absent);
            let names: Vec<&str> = with_groups.map(|person| person.user_name).collect();
            let users = by_user_name(&work.store, &names)?;
            learn_groups(&work.store, users.values(), &mut known)?;
            let mut edits: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
            for person in &people {
                let wanted: &[&str] = match &person.groups {
                    Cell::Absent => continue,
                    Cell::Empty => &[],
                    Cell::Value(names) => names,
                };
                let Some(user) = users.get(&key(person.user_name)) else { continue };
                if user.deleted_ms.is_some() && !preview {
                    // Somebody else deleted them since their row was written.
                    continue;
                }
                memberships += wanted.len() + user.group_ids.len();
                let current: Vec<Group> =
                    user.group_ids.iter().filter_map(|id| known.get(id).cloned()).collect();
                let plan = plan_memberships(&current, wanted);
                if !plan.add.is_empty() || !plan.remove.is_empty() {
                    notes.changed_later("groups", person.line, person.user_name);
                }
                if preview {
                    continue;
                }
                for name in plan.add {
                    if let Some(id) = ids.get(&key(&name)) {
                        edits.entry(id.clone()).or_default().0.push(user.resource.id.clone());
                    }
                }
                for id in plan.remove {
                    edits.entry(id).or_default().1.push(user.resource.id.clone());
                }
            }
            for (id, (added, removed)) in edits {
                edit_members(&mut work.store, &id, added, removed, now_ms)?;
            }
            Ok(())
        })?;
        self.reached.checked += worked as u64;
        self.pass = Pass::Groups(index + worked, ids, known);
        Ok(Step::Worked(worked + memberships))
    }
}

impl Work<'_> {
    /// Makes a group whose members the import manages.
    fn new_group(&mut self, name: &str, now_ms: i64) -> Result<String, RepositoryError> {
        let mut attributes = Map::new();
        attributes.insert("displayName".to_owned(), Json::from(name));
        attributes.insert("externalId".to_owned(), Json::from([MANAGED_GROUP, name].concat()));
        let id = (self.new_id)()?;
        let new = NewResource { kind: ResourceType::Group, id, attributes, members: Vec::new(), now_ms };
        Ok(self.store.create(&new)?.id)
    }
}

/// Reads the groups of these users that are not known yet.
fn learn_groups<'u>(
    store: &DirectoryStore<'_>,
    users: impl Iterator<Item = &'u UserRecord>,
    known: &mut HashMap<String, Group>,
) -> Result<(), RepositoryError> {
    let mut missing: Vec<&str> = users
        .flat_map(|user| user.group_ids.iter().map(String::as_str))
        .filter(|id| !known.contains_key(*id))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    for group in store.groups_by_ids(&missing)? {
        let text = |name: &str| group.attributes.get(name).and_then(Json::as_str).unwrap_or_default();
        let display_name = text("displayName").to_owned();
        let managed = text("externalId").starts_with(MANAGED_GROUP);
        known.insert(group.id.clone(), Group { id: group.id, display_name, managed });
    }
    Ok(())
}

fn edit_members(
    store: &mut DirectoryStore<'_>,
    id: &str,
    added: Vec<String>,
    removed: Vec<String>,
    now_ms: i64,
) -> Result<(), RepositoryError> {
    let Some(group) = store.get(ResourceType::Group, id)? else { return Ok(()) };
    let mut members = Vec::new();
    if !added.is_empty() {
        members.push(MemberChange::Add(added));
    }
    if !removed.is_empty() {
        members.push(MemberChange::Remove(removed));
    }
    let update = Update {
        attributes: group.attributes.clone(),
        previous: group,
        changes: Vec::new(),
        members,
        now_ms,
    };
    store.update(&update)?;
    Ok(())
}
