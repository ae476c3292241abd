//! Sources, their inlets and the directory that they fill; what the directory must look like.

use std::collections::{BTreeMap, BTreeSet};

use inlets::attributes;
use inlets::mirror::{Applied, Batch, Change, Kind, Reference, Sweep, Upsert};
use inlets::order::Orders;
use inlets::rules::{JoinBy, Rules};
use scim::repository::{Repository as _, RepositoryError};
use scim::schema::SchemaSet;
use scim::{Resource, ResourceType};
use serde_json::{Map, Value, json};
use store::directory::mirror::{Mirror, Reordered};
use store::directory::{DirectoryStore, Profile};
use store::sqlite::Sqlite;

use crate::dice::Dice;

const ATTRIBUTES: [&str; 4] = ["department", "jobTitle", "city", "mail"];

/// What a source knows: the first one says nothing about some attributes, not even that they are empty.
fn known(index: usize) -> &'static [&'static str] {
    if index == 0 { &ATTRIBUTES[..2] } else { &ATTRIBUTES }
}

/// A person at a source.
#[derive(Clone, Default)]
pub struct Person {
    source_id: String,
    values: BTreeMap<String, Option<String>>,
    manager: Option<String>,
}

/// A source and its inlet. People are known by their `employeeId`.
#[derive(Default)]
pub struct Source {
    pub people: BTreeMap<String, Person>,
    pub rules: Rules,
    pub pass: i64,
    made: usize,
    /// What the next round tells: people and their attributes; `manager` too.
    news: BTreeMap<String, BTreeSet<String>>,
    /// Ids that are gone, with whether for good.
    gone: Vec<(String, bool)>,
    /// Whether the next round reads everything.
    pub full: bool,
    /// Members of its groups, by their numbers.
    groups: BTreeMap<String, BTreeSet<String>>,
    /// Ids whose membership the next round tells.
    member_news: BTreeMap<String, BTreeSet<String>>,
}

impl Source {
    /// Puts somebody into a group, or takes them out of it.
    fn relate(&mut self, group: &str, number: &str, is_member: bool) {
        let members = self.groups.entry(group.to_owned()).or_default();
        let is_news = if is_member { members.insert(number.to_owned()) } else { members.remove(number) };
        if is_news {
            let id = self.people[number].source_id.clone();
            self.member_news.entry(group.to_owned()).or_default().insert(id);
        }
    }

    /// What the next round tells of groups: members that came or went; all members in a pass over everything.
    fn group_changes(&mut self, full: bool) -> Vec<Change> {
        let news = std::mem::take(&mut self.member_news);
        let mut changes = Vec::new();
        for (group, numbers) in &self.groups {
            let here: BTreeSet<String> =
                numbers.iter().map(|number| self.people[number].source_id.clone()).collect();
            let mut told = news.get(group).cloned().unwrap_or_default();
            if full {
                told.clone_from(&here);
            }
            let members = told.into_iter();
            changes.push(Change::Upsert(Upsert {
                source_id: group.clone(),
                attributes: vec![("displayName".to_owned(), Some(group.clone()))],
                members: members
                    .map(|source_id| Reference { removed: !here.contains(&source_id), source_id })
                    .collect(),
                ..Upsert::default()
            }));
        }
        changes
    }
}

pub struct World {
    pub sql: Sqlite,
    pub sources: Vec<Source>,
    ids: u32,
    /// Sources that come first, by attribute.
    pub orders: BTreeMap<String, Vec<usize>>,
}

impl World {
    pub fn new(rules: &[Rules]) -> Self {
        let sql = Sqlite::in_memory().unwrap();
        DirectoryStore::migrate(&sql).unwrap();
        let sources = rules.iter().map(|rules| Source { rules: *rules, full: true, ..Source::default() });
        Self { sql, sources: sources.collect(), ids: 0, orders: BTreeMap::new() }
    }

    pub fn of<T>(
        &mut self,
        inlet: usize,
        work: impl FnOnce(&mut Mirror<'_>) -> Result<T, RepositoryError>,
    ) -> T {
        let ids = &mut self.ids;
        let mut new_id = || {
            *ids += 1;
            Ok(format!("r{ids}"))
        };
        let store = DirectoryStore::new(&self.sql, Profile::Workforce);
        let (schemas, inlet) = (SchemaSet::new(None), format!("inlet{inlet}"));
        work(&mut Mirror::new(store, &schemas, &inlet, 1, &mut new_id)).unwrap()
    }

    pub fn people(&self) -> Vec<Resource> {
        let store = DirectoryStore::new(&self.sql, Profile::Workforce);
        store.users_page(0, 10_000, false).unwrap().into_iter().map(|user| user.resource).collect()
    }

    /// Source attributes of everybody by `employeeId`; the manager by theirs.
    pub fn found(&self) -> BTreeMap<String, Map<String, Value>> {
        let people = self.people();
        let number = |resource: &Resource| {
            let document = Value::Object(resource.attributes.clone());
            attributes::get(&document, "employeeId").unwrap().as_str().unwrap().to_owned()
        };
        let numbers: BTreeMap<&str, String> =
            people.iter().map(|resource| (resource.id.as_str(), number(resource))).collect();
        let mut found = BTreeMap::new();
        for resource in &people {
            let mut seen = attributes::to_source(&Value::Object(resource.attributes.clone()));
            if let Some(manager) = seen.get("manager").and_then(Value::as_str) {
                let manager = numbers.get(manager).cloned().unwrap_or_else(|| "?".to_owned());
                seen.insert("manager".to_owned(), json!(manager));
            }
            let earlier = found.insert(number(resource), seen);
            assert!(earlier.is_none(), "{} is there twice", number(resource));
        }
        found
    }

    /// The sources in the order in which they count for an attribute.
    fn order_of(&self, name: &str) -> Vec<&Source> {
        let mut order: Vec<usize> = (0..self.sources.len()).collect();
        let named = self.orders.get(name).cloned().unwrap_or_default();
        order.sort_by_key(|index| {
            let place = named.iter().position(|one| one == index).unwrap_or(usize::MAX);
            (place, self.sources[*index].rules.precedence)
        });
        order.into_iter().map(|index| &self.sources[index]).collect()
    }

    /// Who knows a person and an attribute of theirs, and what each says; the one that counts first.
    pub fn said(&self) -> BTreeMap<(String, String), Vec<Value>> {
        let mut said: BTreeMap<(String, String), Vec<Value>> = BTreeMap::new();
        let names: BTreeSet<&str> = self
            .sources
            .iter()
            .flat_map(|source| source.people.values())
            .flat_map(|person| person.values.keys())
            .map(String::as_str)
            .chain(["manager"])
            .collect();
        for name in names {
            for source in self.order_of(name) {
                for (number, person) in &source.people {
                    let value = match name {
                        "manager" => person.manager.clone(),
                        _ => person.values.get(name).cloned().flatten(),
                    };
                    let Some(value) = value else { continue };
                    let value = if name == "accountEnabled" { json!(value == "true") } else { json!(value) };
                    said.entry((number.clone(), name.to_owned())).or_default().push(value);
                }
            }
        }
        said
    }

    /// What the order of the inlets demands.
    fn wanted(&self) -> BTreeMap<String, Map<String, Value>> {
        let mut wanted: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        for ((number, name), values) in self.said() {
            wanted.entry(number).or_default().insert(name, values[0].clone());
        }
        wanted
    }

    /// The numbers of the members of each group that is here.
    fn members(&self) -> BTreeMap<String, BTreeSet<String>> {
        let store = DirectoryStore::new(&self.sql, Profile::Workforce);
        let numbers = self.numbers();
        let mut members = BTreeMap::new();
        for (_, group) in store.groups_page(0, 1_000).unwrap() {
            let of_group = store.group_member_ids(&group.id, 0, 1_000).unwrap();
            let of_group = of_group.into_iter().map(|(_, _, id)| numbers[&id].clone()).collect();
            members.insert(group.attributes["externalId"].as_str().unwrap().to_owned(), of_group);
        }
        members
    }

    /// The numbers of people by id.
    fn numbers(&self) -> BTreeMap<String, String> {
        let number = |user: Resource| {
            let document = Value::Object(user.attributes);
            (user.id, attributes::get(&document, "employeeId").unwrap().as_str().unwrap().to_owned())
        };
        self.people().into_iter().map(number).collect()
    }

    pub fn check(&self) {
        let groups = self.sources.iter().flat_map(|source| source.groups.clone());
        assert_eq!(self.members(), groups.collect());
        let (found, wanted) = (self.found(), self.wanted());
        for number in found.keys().chain(wanted.keys()) {
            assert_eq!(found.get(number), wanted.get(number), "person {number}");
        }
    }

    /// Conflicts are exactly where the sources differ, and the value that counts comes first.
    pub fn check_conflicts(&mut self) {
        let numbers = self.numbers();
        let mut found = BTreeMap::new();
        for conflict in self.of(0, |mirror| mirror.conflicts("", 1_000)).conflicts {
            let is_manager = conflict.attribute == "manager";
            let values = conflict.values.into_iter().map(|(_, value)| match conflict.attribute.as_str() {
                "accountEnabled" => json!(value == "true"),
                _ if is_manager => json!(numbers[&value]),
                _ => json!(value),
            });
            found.insert((numbers[&conflict.user_id].clone(), conflict.attribute.clone()), values.collect());
        }
        let mut wanted: BTreeMap<(String, String), Vec<Value>> = self.said();
        wanted.retain(|_, values| values.iter().any(|value| *value != values[0]));
        assert_eq!(found, wanted);
    }

    /// Other orders of single attributes.
    pub fn set_orders(&mut self, orders: &[(&str, &[usize])]) {
        self.orders = orders.iter().map(|(name, order)| ((*name).to_owned(), order.to_vec())).collect();
        let inlet = |index: &usize| format!("inlet{index}");
        let given =
            orders.iter().map(|(name, order)| ((*name).to_owned(), order.iter().map(inlet).collect()));
        let known: Vec<String> = (0..self.sources.len()).map(|index| inlet(&index)).collect();
        let orders = Orders::new(given.collect(), &known, &[]).unwrap();
        self.of(0, |mirror| mirror.set_orders(&orders));
    }

    /// Works until nobody waits for what another order makes of them; adds up what was done.
    pub fn reorder(&mut self) -> Reordered {
        let mut all = Reordered::default();
        loop {
            let done = self.of(0, |mirror| mirror.reorder());
            all.looked_at += done.looked_at;
            all.changed += done.changed;
            if !done.more {
                return all;
            }
        }
    }

    /// An administrator deletes somebody who manages nobody: whose manager is not there has none meanwhile.
    pub fn delete_somebody(&mut self, dice: &Dice) -> Option<String> {
        let managers: BTreeSet<&String> = self
            .sources
            .iter()
            .flat_map(|source| source.people.values())
            .filter_map(|person| person.manager.as_ref())
            .collect();
        let mut people = self.people();
        people.retain(|user| {
            let document = Value::Object(user.attributes.clone());
            let number = attributes::get(&document, "employeeId").unwrap().as_str().unwrap().to_owned();
            !managers.contains(&number)
        });
        let id = dice.pick(&people)?.id.clone();
        DirectoryStore::new(&self.sql, Profile::Workforce).delete(ResourceType::User, &id, 1).unwrap();
        Some(id)
    }

    /// Something changes at a source.
    pub fn shake(&mut self, index: usize, dice: &Dice) {
        let numbers: Vec<String> = self.sources[index].people.keys().cloned().collect();
        let source = &mut self.sources[index];
        match dice.below(10) {
            8 | 9 => {
                let Some(number) = dice.pick(&numbers) else { return };
                source.relate(&format!("g{index}-{}", dice.below(2)), number, dice.percent(75));
            }
            0..=2 => {
                let number = format!("{}", dice.below(6));
                if source.people.contains_key(&number) {
                    return;
                }
                source.made += 1;
                // Whoever was only in the recycle bin has the same id again.
                let kept = source
                    .gone
                    .iter()
                    .position(|(id, permanent)| !permanent && id.ends_with(&format!("-{number}")));
                let source_id = match kept {
                    Some(kept) => source.gone.remove(kept).0,
                    None => format!("s{index}-{}-{number}", source.made),
                };
                let mut values: BTreeMap<String, Option<String>> = BTreeMap::from([
                    ("employeeId".to_owned(), Some(number.clone())),
                    ("userPrincipalName".to_owned(), Some(format!("p{number}@{index}.example"))),
                    ("accountEnabled".to_owned(), Some(dice.percent(50).to_string())),
                ]);
                for name in known(index) {
                    values.insert(
                        (*name).to_owned(),
                        dice.percent(50).then(|| format!("{name}{}", dice.below(3))),
                    );
                }
                let told = values.keys().cloned().chain(["manager".to_owned()]).collect();
                source.news.insert(number.clone(), told);
                source.people.insert(number, Person { source_id, values, manager: None });
            }
            3 | 4 => {
                let Some(number) = dice.pick(&numbers) else { return };
                let name = known(index)[dice.below(known(index).len())];
                let value = dice.percent(60).then(|| format!("{name}{}", dice.below(3)));
                source.people.get_mut(number).unwrap().values.insert(name.to_owned(), value);
                source.news.entry(number.clone()).or_default().insert(name.to_owned());
            }
            5 => {
                let (Some(number), Some(manager)) = (dice.pick(&numbers), dice.pick(&numbers)) else {
                    return;
                };
                let manager = (number != manager && dice.percent(70)).then(|| manager.clone());
                source.people.get_mut(number).unwrap().manager = manager;
                source.news.entry(number.clone()).or_default().insert("manager".to_owned());
            }
            6 => {
                let Some(number) = dice.pick(&numbers) else { return };
                for group in source.groups.keys().cloned().collect::<Vec<_>>() {
                    source.relate(&group, number, false);
                }
                let person = source.people.remove(number).unwrap();
                source.news.remove(number);
                source.gone.push((person.source_id, dice.percent(30)));
                for (other, person) in &mut source.people {
                    if person.manager.as_ref() == Some(number) {
                        person.manager = None;
                        source.news.entry(other.clone()).or_default().insert("manager".to_owned());
                    }
                }
            }
            _ => {
                let Some(number) = dice.pick(&numbers) else { return };
                let enabled = Some(dice.percent(50).to_string());
                source.people.get_mut(number).unwrap().values.insert("accountEnabled".to_owned(), enabled);
                source.news.entry(number.clone()).or_default().insert("accountEnabled".to_owned());
            }
        }
    }

    pub fn apply(&mut self, index: usize, changes: Vec<Change>) -> Applied {
        let source = &self.sources[index];
        let batch = Batch { kind: Kind::User, pass: source.pass, rules: source.rules, changes };
        self.of(index, |mirror| mirror.apply(&batch))
    }

    pub fn apply_groups(&mut self, index: usize, changes: Vec<Change>) -> Applied {
        let source = &self.sources[index];
        let batch = Batch { kind: Kind::Group, pass: source.pass, rules: source.rules, changes };
        self.of(index, |mirror| mirror.apply(&batch))
    }

    /// A round of a source's inlet. Who is absent from a pass over everything is told by absence.
    pub fn round(&mut self, index: usize, dice: &Dice) {
        let source = &mut self.sources[index];
        let full = std::mem::take(&mut source.full);
        source.pass += i64::from(full);
        let mut changes: Vec<Change> = Vec::new();
        for (number, person) in &source.people {
            let told = source.news.get(number);
            if !full && told.is_none() {
                continue;
            }
            let names = person.values.iter();
            let names = names.filter(|(name, _)| full || told.is_some_and(|told| told.contains(*name)));
            let mut manager = Vec::new();
            if full || told.is_some_and(|told| told.contains("manager")) {
                // Whoever it was before is told to be none any more.
                let others = source.people.values().map(|other| other.source_id.clone());
                let others = others.chain(source.gone.iter().map(|(id, _)| id.clone()));
                manager.extend(others.map(|source_id| Reference { source_id, removed: true }));
                let is = person.manager.as_ref().map(|manager| source.people[manager].source_id.clone());
                manager.extend(is.map(|source_id| Reference { source_id, removed: false }));
            }
            changes.push(Change::Upsert(Upsert {
                source_id: person.source_id.clone(),
                attributes: names.map(|(name, value)| (name.clone(), value.clone())).collect(),
                whole: full,
                manager,
                members: Vec::new(),
            }));
        }
        if !full || dice.percent(50) {
            let gone = source.gone.iter();
            changes.extend(gone.map(|(source_id, permanent)| Change::Remove {
                source_id: source_id.clone(),
                permanent: *permanent,
            }));
        }
        source.news.clear();
        dice.shuffle(&mut changes);
        let groups = source.group_changes(full);
        let pass = source.pass;
        if dice.percent(50) {
            for change in changes.clone() {
                self.apply(index, vec![change]);
            }
        }
        self.apply(index, changes);
        self.apply_groups(index, groups);
        if full {
            while self.of(index, |mirror| mirror.sweep(Sweep::Objects(Kind::User), pass)).next.is_some() {}
            while self.of(index, |mirror| mirror.sweep(Sweep::Managers, pass)).next.is_some() {}
            while self.of(index, |mirror| mirror.sweep(Sweep::Members, pass)).next.is_some() {}
        }
        let mut after = 0;
        while let Some(next) = self.of(index, |mirror| mirror.settle(after)).next {
            after = next;
        }
    }
}

pub fn rules(precedence: u32, join_by: JoinBy) -> Rules {
    Rules { join_by, precedence }
}

/// What an inlet says about a person; an empty text clears.
pub fn said(id: &str, attributes: &[(&str, &str)]) -> Change {
    let value = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let attributes = attributes.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect();
    Change::Upsert(Upsert { source_id: id.to_owned(), attributes, ..Upsert::default() })
}
