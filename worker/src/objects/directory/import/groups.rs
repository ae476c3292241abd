//! The third pass of an import: groups and memberships.

use std::collections::HashMap;

use inlets::csv::{Cell, Group, Roster, plan_memberships};
use scim::ResourceType;
use scim::repository::{MemberChange, NewResource, Repository as _, Update};
use serde_json::{Value, json};
use store::directory::{DirectoryStore, UserRecord};

use super::super::Directory;
use super::state::State;
use super::{CHUNK, CLIENT, by_user_name, key};
use crate::error::ApiError;
use crate::platform::random;

/// `externalId` of a group that the import made, before its name: the import manages the members of these
/// groups and of no others.
const MANAGED_GROUP: &str = "csv:";

impl Directory {
    /// The third pass: groups and memberships.
    pub(super) fn groups(&self, roster: &Roster, state: &mut State) -> Result<(), ApiError> {
        let preview = state.options.preview;
        let by_name = if preview { HashMap::new() } else { self.ensure_groups(roster, state.now)? };
        let mut known: HashMap<String, Group> = HashMap::new();
        let mut index = 0;
        loop {
            let people: Vec<_> = roster.people_from(index).take(CHUNK).collect();
            if people.is_empty() {
                return Ok(());
            }
            index += people.len();
            let changed = store::sql::in_transaction(&self.sql, || -> Result<_, ApiError> {
                let mut store = self.store()?.by(CLIENT);
                let names: Vec<&str> = people
                    .iter()
                    .filter(|person| person.groups != Cell::Absent)
                    .map(|person| person.user_name)
                    .collect();
                let users = by_user_name(&store, &names)?;
                learn_groups(&store, users.values(), &mut known)?;
                let mut edits: HashMap<String, (Vec<String>, Vec<String>)> = HashMap::new();
                let mut changed = Vec::new();
                for person in &people {
                    let wanted: &[&str] = match &person.groups {
                        Cell::Absent => continue,
                        Cell::Empty => &[],
                        Cell::Value(names) => names,
                    };
                    let Some(user) = users.get(&key(person.user_name)) else { continue };
                    let current: Vec<Group> =
                        user.group_ids.iter().filter_map(|id| known.get(id).cloned()).collect();
                    let plan = plan_memberships(&current, wanted);
                    if !plan.add.is_empty() || !plan.remove.is_empty() {
                        changed.push((person.line, person.user_name.to_owned()));
                    }
                    if preview {
                        continue;
                    }
                    for name in plan.add {
                        if let Some(id) = by_name.get(&key(&name)) {
                            edits.entry(id.clone()).or_default().0.push(user.resource.id.clone());
                        }
                    }
                    for id in plan.remove {
                        edits.entry(id).or_default().1.push(user.resource.id.clone());
                    }
                }
                for (id, (added, removed)) in edits {
                    edit_members(&mut store, &id, added, removed, state.now)?;
                }
                Ok(changed)
            })?;
            state.changed_later("groups", &changed);
        }
    }

    /// The ids of the groups that the file names, by folded name; those that are missing are made.
    fn ensure_groups(&self, roster: &Roster, now: i64) -> Result<HashMap<String, String>, ApiError> {
        let mut ids = HashMap::new();
        let mut store = self.store()?.by(CLIENT);
        let existing = group_ids(&store)?;
        for name in roster.groups() {
            let id = match existing.get(&key(name)) {
                Some(id) => id.clone(),
                None => {
                    let attributes = json!({
                        "displayName": name,
                        "externalId": format!("{MANAGED_GROUP}{name}"),
                    });
                    let Value::Object(attributes) = attributes else { continue };
                    let new = NewResource {
                        kind: ResourceType::Group,
                        id: random::uuid()?,
                        attributes,
                        members: Vec::new(),
                        now_ms: now,
                    };
                    store.create(&new)?.id
                }
            };
            ids.insert(key(name), id);
        }
        Ok(ids)
    }
}

/// The ids of all groups by folded name.
fn group_ids(store: &DirectoryStore<'_>) -> Result<HashMap<String, String>, ApiError> {
    let mut ids = HashMap::new();
    let mut after = 0;
    loop {
        let page = store.groups_page(after, CHUNK)?;
        let Some((place, _)) = page.last() else { return Ok(ids) };
        after = *place;
        for (_, group) in &page {
            if let Some(name) = group.attributes.get("displayName").and_then(Value::as_str) {
                ids.entry(key(name)).or_insert_with(|| group.id.clone());
            }
        }
    }
}

/// Reads the groups of these users that are not known yet.
fn learn_groups<'u>(
    store: &DirectoryStore<'_>,
    users: impl Iterator<Item = &'u UserRecord>,
    known: &mut HashMap<String, Group>,
) -> Result<(), ApiError> {
    let mut missing: Vec<&str> = users
        .flat_map(|user| user.group_ids.iter().map(String::as_str))
        .filter(|id| !known.contains_key(*id))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    for group in store.groups_by_ids(&missing)? {
        let text = |name: &str| group.attributes.get(name).and_then(Value::as_str).unwrap_or_default();
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
    now: i64,
) -> Result<(), ApiError> {
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
        now_ms: now,
    };
    store.update(&update)?;
    Ok(())
}
