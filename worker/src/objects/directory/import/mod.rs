//! The CSV import: the file is read from the request piece by piece and applied in passes (rows, managers,
//! groups, those who are missing). Each chunk of a pass is one transaction; every pass may be repeated, so an
//! import that was cut short is simply imported again.

mod columns;
mod groups;
mod managers;
mod missing;
mod progress;
mod state;

use std::collections::{BTreeMap, HashMap, HashSet};

use api::directory::ImportPreview;
use api::error::ErrorDetail;
use futures_util::StreamExt;
use inlets::csv::{Column, FileError, Import, Outcome, Problem, Report, Row, RowError, apply_row};
use scim::patch::changes;
use scim::repository::{NewResource, Repository as _, RepositoryError, Update};
use scim::{Resource, ResourceType};
use serde_json::{Map, Value, json};
use store::directory::{DirectoryStore, UserRecord};
use worker::Request;

use self::progress::Running;
use self::state::{State, to_api};
use super::{Directory, Profile};
use crate::error::ApiError;
use crate::platform::{clock, random};

/// Whose changes they are, in the change log.
const CLIENT: &str = "CSV import";

/// People that are read and written in one transaction.
const CHUNK: usize = 90;

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
        let running = Running::begin(&self.importing, options)?;
        let mut state = State {
            options,
            changes: BTreeMap::new(),
            removals: Vec::new(),
            report: Report::default(),
            unchanged: HashSet::new(),
            columns: Vec::new(),
            encoding: "",
            now: clock::now_ms(),
        };
        let mut import = Import::with_names(self.column_names()?);
        let mut refused = Vec::new();
        // A preview adds no attributes.
        let mut prepared = options.preview;
        let mut stream = request.stream()?;
        while let Some(piece) = stream.next().await {
            let items = import.push(&piece?).map_err(|error| file_error(&error))?;
            self.prepare(&import, &mut prepared)?;
            self.rows(items, &mut state, &mut refused)?;
            running.note(&import, &state.report);
        }
        let items = import.finish().map_err(|error| file_error(&error))?;
        self.prepare(&import, &mut prepared)?;
        self.rows(items, &mut state, &mut refused)?;
        if let Some(header) = import.header() {
            for problem in &header.problems {
                state.report.note(problem);
            }
            state.columns = columns::understood(header);
        }
        state.encoding = import.encoding().name();
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
                let mut store = self.store()?.by(CLIENT);
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

/// A refusal that concerns the row, or an error that ends the import.
fn refusal<T>(error: RepositoryError) -> Result<Result<T, String>, ApiError> {
    match error {
        RepositoryError::Internal(message) => Err(ApiError::internal(message)),
        other => Ok(Err(scim::ScimError::from(other).detail)),
    }
}

fn file_error(error: &FileError) -> ApiError {
    let status = if error.code() == "TooLarge" { 413 } else { 400 };
    let column = |(text, number): (&String, u64)| ErrorDetail {
        code: "Column".to_owned(),
        message: text.clone(),
        target: Some(format!("columns/{number}")),
    };
    ApiError::new(status, error.code(), format!("Nothing was imported. {error}"))
        .with_details(error.headers().iter().zip(1..).map(column).collect())
}

/// `userName` and `displayName` are compared without regard to case.
fn key(name: &str) -> String {
    name.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

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
