//! The CSV import: the file is read from the request piece by piece and applied in passes (rows, managers,
//! groups, those who are missing). Each chunk of a pass is one transaction; every pass may be repeated, so an
//! import that was cut short is simply imported again.

use std::collections::{BTreeMap, HashMap, HashSet};

use api::directory::{ImportChange, ImportError, ImportPreview, ImportResult};
use futures_util::StreamExt;
use inlets::csv::{
    Cell, Column, Directory as ManagerLookup, FileError, Group, Import, Outcome, Problem, Report, Roster,
    Row, RowError, apply_manager, apply_row, plan_memberships,
};
use scim::patch::changes;
use scim::repository::{MemberChange, NewResource, Repository as _, RepositoryError, Update};
use scim::{Resource, ResourceType};
use serde_json::{Map, Value, json};
use store::directory::{DirectoryStore, UserRecord};
use worker::Request;

use super::{Directory, Profile};
use crate::error::ApiError;
use crate::platform::{clock, random};

/// People that are read and written in one transaction.
const CHUNK: usize = 90;

/// Changes that a preview lists.
const MAX_CHANGES: usize = 1_000;
/// So many people may be removed without being asked about, however few there are …
const REMOVED_UNASKED: u64 = 50;
/// … and this part of all of them, in percent.
const REMOVED_UNASKED_PERCENT: u64 = 20;

/// `externalId` of a group that the import made, before its name: the import manages the members of these
/// groups and of no others.
const MANAGED_GROUP: &str = "csv:";

/// How a file is imported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Remove who is not in the file.
    pub remove_missing: bool,
    /// However many they are.
    pub force: bool,
    /// Say what would be done, and write nothing.
    pub preview: bool,
}

impl ImportOptions {
    /// Reads the query of [`super::IMPORT_URL`].
    pub fn read(query: &str) -> Self {
        let has = |name: &str| query.split('&').any(|part| part == format!("{name}=true"));
        Self { remove_missing: has("removeMissing"), force: has("force"), preview: has("preview") }
    }

    /// The query that [`ImportOptions::read`] reads.
    pub fn query(self) -> String {
        format!("removeMissing={}&force={}&preview={}", self.remove_missing, self.force, self.preview)
    }
}

/// What the passes keep.
struct State {
    options: ImportOptions,
    /// What a preview says about lines.
    changes: BTreeMap<u64, ImportChange>,
    /// Whom it says to be removed.
    removals: Vec<ImportChange>,
    report: Report,
    /// Lines of rows that said nothing new.
    unchanged: HashSet<u64>,
    now: i64,
}

impl Directory {
    /// Imports the file in a request's body.
    pub(super) async fn import(
        &self,
        request: &mut Request,
        options: ImportOptions,
    ) -> Result<ImportPreview, ApiError> {
        if self.setup()?.profile != Profile::Workforce {
            return Err(ApiError::bad_request("Only a workforce directory takes a file."));
        }
        let mut state = State {
            options,
            changes: BTreeMap::new(),
            removals: Vec::new(),
            report: Report::default(),
            unchanged: HashSet::new(),
            now: clock::now_ms(),
        };
        let mut import = Import::new();
        let mut refused = Vec::new();
        // A preview adds no attributes.
        let mut prepared = options.preview;
        let mut stream = request.stream()?;
        while let Some(piece) = stream.next().await {
            let items = import.push(&piece?).map_err(|error| file_error(&error))?;
            self.prepare(&import, &mut prepared)?;
            self.rows(items, &mut state, &mut refused)?;
        }
        let items = import.finish().map_err(|error| file_error(&error))?;
        self.prepare(&import, &mut prepared)?;
        self.rows(items, &mut state, &mut refused)?;
        if let Some(header) = import.header() {
            for problem in &header.problems {
                state.report.note(problem);
            }
        }
        let mut roster = import.into_roster();
        for user_name in &refused {
            roster.refuse(user_name);
        }
        self.managers(&mut roster, &mut state)?;
        if roster.has_groups() {
            self.groups(&roster, &mut state)?;
        }
        if options.remove_missing {
            self.remove_missing(&roster, &mut state)?;
        }
        state.report.sort();
        Ok(to_api(state))
    }

    /// One transaction; in a preview it is rolled back, and what it would have done is answered.
    fn transaction<T>(
        &self,
        preview: bool,
        body: impl FnOnce() -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut answer = None;
        let outcome = store::sql::in_transaction(&self.sql, || -> Result<(), ApiError> {
            answer = Some(body()?);
            if preview { Err(ApiError::internal("a preview")) } else { Ok(()) }
        });
        match (answer, outcome) {
            (Some(answer), Ok(())) => Ok(answer),
            (Some(answer), Err(_)) if preview => Ok(answer),
            (_, Err(error)) => Err(error),
            (None, Ok(())) => Err(ApiError::internal("a transaction answered nothing")),
        }
    }

    /// Adds the directory's own attributes for columns that have none yet. Once, before the first row.
    fn prepare(&self, import: &Import, prepared: &mut bool) -> Result<(), ApiError> {
        let Some(header) = import.header().filter(|_| !*prepared) else { return Ok(()) };
        *prepared = true;
        let names: Vec<&str> = header
            .columns
            .iter()
            .filter_map(|column| match column {
                Column::Extension(name) => Some(name.as_str()),
                _ => None,
            })
            .collect();
        self.ensure_text_attributes(&names)
    }

    /// The first pass: everybody's attributes.
    fn rows(
        &self,
        items: Vec<Result<Row, RowError>>,
        state: &mut State,
        refused: &mut Vec<String>,
    ) -> Result<(), ApiError> {
        let mut rows = Vec::new();
        for item in items {
            match item {
                Ok(row) => rows.push(row),
                Err(error) => state.report.fail(&error),
            }
        }
        for chunk in rows.chunks(CHUNK) {
            self.transaction(state.options.preview, || {
                let mut store = self.store()?;
                let names: Vec<&str> = chunk.iter().map(|row| row.user_name.as_str()).collect();
                let existing = by_user_name(&store, &names)?;
                for row in chunk {
                    let found = existing.get(&key(&row.user_name));
                    match self.row(&mut store, found, row, state.now)? {
                        Ok(outcome) => {
                            if outcome == Outcome::Unchanged {
                                state.unchanged.insert(row.line);
                            }
                            state.report.count(&outcome);
                            state.note(row, &outcome);
                        }
                        Err(reason) => {
                            let problem = Problem::Refused(reason);
                            state.report.fail(&RowError { line: row.line, column: 1, problem });
                            refused.push(row.user_name.clone());
                        }
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// One row. The inner error is why the directory does not take it.
    fn row(
        &self,
        store: &mut DirectoryStore<'_>,
        existing: Option<&UserRecord>,
        row: &Row,
        now: i64,
    ) -> Result<Result<Outcome, String>, ApiError> {
        // Somebody in the recycle bin who comes back is the same person again, with the same account.
        let restored = match existing {
            Some(user) if user.deleted_ms.is_some() => {
                match store.restore(ResourceType::User, &user.resource.id, now) {
                    Ok(resource) => Some(resource),
                    Err(error) => return refusal(error),
                }
            }
            _ => None,
        };
        let current = restored.as_ref().or(existing.map(|user| &user.resource));
        let document = current.map(|resource| Value::Object(resource.attributes.clone()));
        let outcome = match apply_row(document.as_ref(), row) {
            Ok(outcome) => outcome,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let written = match (&outcome, current) {
            (Outcome::Created(resource), _) => self.create(store, resource, now)?,
            (Outcome::Updated { resource, .. }, Some(current)) => {
                self.update(store, current, resource, now)?
            }
            (Outcome::Updated { .. } | Outcome::Unchanged, _) => Ok(()),
        };
        let outcome = match (outcome, restored) {
            // Coming back is a change, even when the row says what was said before.
            (Outcome::Unchanged, Some(resource)) => {
                Outcome::Updated { resource: Value::Object(resource.attributes), changed: Vec::new() }
            }
            (outcome, _) => outcome,
        };
        Ok(written.map(|()| outcome))
    }

    fn create(
        &self,
        store: &mut DirectoryStore<'_>,
        resource: &Value,
        now: i64,
    ) -> Result<Result<(), String>, ApiError> {
        let attributes = match self.canonical(resource)? {
            Ok(attributes) => attributes,
            Err(reason) => return Ok(Err(reason)),
        };
        let new = NewResource {
            kind: ResourceType::User,
            id: random::uuid()?,
            attributes,
            members: Vec::new(),
            now_ms: now,
        };
        match store.create(&new) {
            Ok(_) => Ok(Ok(())),
            Err(error) => refusal(error),
        }
    }

    fn update(
        &self,
        store: &mut DirectoryStore<'_>,
        current: &Resource,
        resource: &Value,
        now: i64,
    ) -> Result<Result<(), String>, ApiError> {
        let attributes = match self.canonical(resource)? {
            Ok(attributes) => attributes,
            Err(reason) => return Ok(Err(reason)),
        };
        let update = Update {
            previous: current.clone(),
            changes: changes(&current.attributes, &attributes),
            attributes,
            members: Vec::new(),
            now_ms: now,
        };
        match store.update(&update) {
            Ok(_) => Ok(Ok(())),
            Err(error) => refusal(error),
        }
    }

    /// The attributes as the directory keeps them, checked against its schema.
    fn canonical(&self, resource: &Value) -> Result<Result<Map<String, Value>, String>, ApiError> {
        let schemas = self.schemas()?;
        // A kept document does not list its schemas; a request's must.
        let mut resource = resource.clone();
        if let Some(document) = resource.as_object_mut() {
            document.entry("schemas").or_insert_with(|| json!([scim::urn::USER]));
        }
        Ok(scim::validation::normalize(ResourceType::User, &resource, schemas.as_ref())
            .map(|input| input.attributes)
            .map_err(|error| error.detail))
    }

    /// The second pass: managers, now that everybody is there.
    fn managers(&self, roster: &mut Roster, state: &mut State) -> Result<(), ApiError> {
        for problem in roster.settle_managers(&mut Lookup(self.store()?))? {
            state.report.note(&problem);
        }
        let mut index = 0;
        loop {
            let people: Vec<_> = roster.people_from(index).take(CHUNK).collect();
            if people.is_empty() {
                return Ok(());
            }
            index += people.len();
            let preview = state.options.preview;
            let changed = store::sql::in_transaction(&self.sql, || -> Result<_, ApiError> {
                let mut store = self.store()?;
                let names: Vec<&str> = people
                    .iter()
                    .filter(|person| person.manager != Cell::Absent)
                    .map(|person| person.user_name)
                    .collect();
                let bosses: Vec<&str> = people
                    .iter()
                    .filter_map(|person| match &person.manager {
                        Cell::Value(name) => Some(*name),
                        _ => None,
                    })
                    .collect();
                let users = by_user_name(&store, &names)?;
                let managers = by_user_name(&store, &bosses)?;
                let mut changed = Vec::new();
                for person in &people {
                    let Some(user) = users.get(&key(person.user_name)) else { continue };
                    let manager = match &person.manager {
                        Cell::Absent => continue,
                        Cell::Empty => None,
                        Cell::Value(name) => match managers.get(&key(name)) {
                            Some(manager) => Some(manager.resource.id.as_str()),
                            None => {
                                // In a preview new people are not there.
                                if preview && roster.names(name) {
                                    changed.push((person.line, person.user_name.to_owned()));
                                }
                                continue;
                            }
                        },
                    };
                    let document = Value::Object(user.resource.attributes.clone());
                    let outcome = apply_manager(&document, manager)
                        .map_err(|error| ApiError::internal(error.to_string()))?;
                    if let Outcome::Updated { resource, .. } = outcome
                        && (preview || self.update(&mut store, &user.resource, &resource, state.now)?.is_ok())
                    {
                        changed.push((person.line, person.user_name.to_owned()));
                    }
                }
                Ok(changed)
            })?;
            state.changed_later("manager", &changed);
        }
    }

    /// The third pass: groups and memberships.
    fn groups(&self, roster: &Roster, state: &mut State) -> Result<(), ApiError> {
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
                let mut store = self.store()?;
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
        let mut store = self.store()?;
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

    /// The last pass: everybody whom the file does not name goes to the recycle bin.
    fn remove_missing(&self, roster: &Roster, state: &mut State) -> Result<(), ApiError> {
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
        let mut store = self.store()?;
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

impl State {
    fn changed_later(&mut self, attribute: &str, people: &[(u64, String)]) {
        for (line, name) in people {
            if self.unchanged.remove(line) {
                self.report.changed_later();
            }
            if !self.options.preview {
                continue;
            }
            if let Some(noted) = self.changes.get_mut(line) {
                if noted.action == "update" {
                    noted.attributes.push(attribute.to_owned());
                }
            } else if self.changes.len() < MAX_CHANGES {
                self.changes.insert(*line, change(Some(*line), name, "update", vec![attribute.to_owned()]));
            }
        }
    }

    /// Notes for a preview what a row changes.
    fn note(&mut self, row: &Row, outcome: &Outcome) {
        if !self.options.preview || self.changes.len() >= MAX_CHANGES {
            return;
        }
        let (action, attributes) = match outcome {
            Outcome::Unchanged => return,
            Outcome::Created(_) => ("create", Vec::new()),
            Outcome::Updated { changed, .. } => {
                ("update", changed.iter().map(|change| change.attribute.clone()).collect())
            }
        };
        self.changes.insert(row.line, change(Some(row.line), &row.user_name, action, attributes));
    }
}

fn change(line: Option<u64>, user_name: &str, action: &str, attributes: Vec<String>) -> ImportChange {
    ImportChange { line, user_principal_name: user_name.to_owned(), action: action.to_owned(), attributes }
}

/// Whether so many removals look like a mistake.
fn asks_first(missing: u64, all: u64) -> bool {
    missing > REMOVED_UNASKED && missing * 100 > all * REMOVED_UNASKED_PERCENT
}

/// Managers that the file names and the directory may have.
struct Lookup<'a>(DirectoryStore<'a>);

impl ManagerLookup for Lookup<'_> {
    type Error = ApiError;

    fn contains(&mut self, user_name: &str) -> Result<bool, ApiError> {
        Ok(by_user_name(&self.0, &[user_name])?.values().any(|user| user.deleted_ms.is_none()))
    }

    fn manager_of(&mut self, user_name: &str) -> Result<Option<String>, ApiError> {
        let users = by_user_name(&self.0, &[user_name])?;
        let Some(user) = users.values().find(|user| user.deleted_ms.is_none()) else { return Ok(None) };
        let manager = user
            .resource
            .attributes
            .get(scim::urn::ENTERPRISE_USER)
            .and_then(|extension| extension.get("manager"))
            .and_then(|manager| manager.get("value"))
            .and_then(Value::as_str);
        let Some(manager) = manager else { return Ok(None) };
        let manager = self.0.get(ResourceType::User, manager)?;
        Ok(manager.and_then(|manager| {
            manager.attributes.get("userName").and_then(Value::as_str).map(str::to_owned)
        }))
    }
}

/// Users by folded name: the live one, else the one that was deleted last.
fn by_user_name(store: &DirectoryStore<'_>, names: &[&str]) -> Result<HashMap<String, UserRecord>, ApiError> {
    let name_of =
        |user: &UserRecord| user.resource.attributes.get("userName").and_then(Value::as_str).map(key);
    let mut found: HashMap<String, UserRecord> = HashMap::new();
    for user in store.users_by_user_names(names)? {
        if let Some(name) = name_of(&user) {
            found.insert(name, user);
        }
    }
    let missing: Vec<&str> = names.iter().copied().filter(|name| !found.contains_key(&key(name))).collect();
    if missing.is_empty() {
        return Ok(found);
    }
    for user in store.deleted_users_by_user_names(&missing)? {
        let Some(name) = name_of(&user) else { continue };
        if found.get(&name).is_none_or(|other| other.deleted_ms < user.deleted_ms) {
            found.insert(name, user);
        }
    }
    Ok(found)
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

/// A refusal that concerns the row, or an error that ends the import.
fn refusal<T>(error: RepositoryError) -> Result<Result<T, String>, ApiError> {
    match error {
        RepositoryError::Internal(message) => Err(ApiError::internal(message)),
        other => Ok(Err(scim::ScimError::from(other).detail)),
    }
}

fn file_error(error: &FileError) -> ApiError {
    let status = if error.code() == "TooLarge" { 413 } else { 400 };
    ApiError::new(status, error.code(), format!("Nothing was imported. {error}"))
}

/// `userName` and `displayName` are compared without regard to case.
fn key(name: &str) -> String {
    name.to_lowercase()
}

fn to_api(state: State) -> ImportPreview {
    let report = state.report;
    let mut changes: Vec<ImportChange> = state.changes.into_values().chain(state.removals).collect();
    changes.truncate(MAX_CHANGES);
    let result = ImportResult {
        created: report.created,
        updated: report.updated,
        unchanged: report.unchanged,
        failed: report.failed,
        removed: report.removed,
        errors: report
            .errors
            .into_iter()
            .map(|error| ImportError { line: error.line, column: error.column, message: error.message })
            .collect(),
    };
    ImportPreview { result, changes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_removals_are_asked_about() {
        let check = |missing: u64, all: u64, expected: bool| {
            assert_eq!(asks_first(missing, all), expected, "{missing} of {all}");
        };
        check(REMOVED_UNASKED, 60, false);
        check(REMOVED_UNASKED + 1, 60, true);
        check(200, 1_000, false);
        check(201, 1_000, true);
        check(0, 0, false);
    }

    #[test]
    fn options_go_there_and_back() {
        for bits in 0..8 {
            let options =
                ImportOptions { remove_missing: bits & 1 > 0, force: bits & 2 > 0, preview: bits & 4 > 0 };
            assert_eq!(ImportOptions::read(&options.query()), options);
        }
        assert_eq!(ImportOptions::read(""), ImportOptions::default());
    }
}
