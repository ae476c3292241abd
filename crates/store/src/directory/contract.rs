//! What a directory store promises, as cases that run over any [`Sql`]: rusqlite in the host's tests, and the
//! Durable Object in the Worker's. A case answers what is wrong instead of panicking, because a panic would wedge
//! an object.

mod deletion;
mod groups;
mod lists;
mod records;
mod resources;

use std::fmt::Debug;

use scim::repository::RepositoryError;
use scim::schema::{CustomAttribute, CustomExtension, CustomType, SchemaSet};
use scim::service::{Context, Method, Request, Response, handle};
use scim::urn;
use serde_json::{Value as Json, json};

use super::{AttributeError, DirectoryStore, Profile};
use crate::sql::{Sql, SqlError};

/// What a case found wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub String);

impl From<SqlError> for Failure {
    fn from(error: SqlError) -> Self {
        Failure(format!("SQL: {error}"))
    }
}

impl From<RepositoryError> for Failure {
    fn from(error: RepositoryError) -> Self {
        Failure(format!("{error:?}"))
    }
}

impl From<AttributeError> for Failure {
    fn from(error: AttributeError) -> Self {
        Failure(error.to_string())
    }
}

/// One case: its name, and what runs over an empty database.
pub type Case = (&'static str, fn(&dyn Sql) -> Result<(), Failure>);

/// All cases.
pub const CASES: &[Case] = &[
    ("resources are created, read, replaced, patched", resources::life),
    ("names are unique among the living", resources::unique_names),
    ("what changes nothing writes nothing", resources::no_change),
    ("versions guard writes", resources::versions),
    ("a conditional read sees groups", resources::conditional_groups),
    ("references name people who exist", resources::references),
    ("what is too large is refused whole", resources::too_large),
    ("members are rows", groups::members),
    ("groups in groups", groups::nesting),
    ("large groups change by what changes", groups::large),
    ("an application's directory forgets", deletion::application),
    ("a workforce directory remembers", deletion::workforce),
    ("a group that goes for good tells who its members were", deletion::group),
    ("groups change when a member goes and comes back", deletion::groups_of_the_deleted),
    ("what is in the recycle bin is not replaced", deletion::replaced_meanwhile),
    ("filters select what evaluation selects", lists::filters),
    ("filters of any length and depth", lists::long_filters),
    ("pages, cursors and orders", lists::pages),
    ("a cursor walk survives changes", lists::walk),
    ("the change log tells everything in order", records::change_log),
    ("the engine reads people in pages", records::people),
    ("the portal finds people", records::search),
    ("tokens", records::tokens),
    ("custom attributes and settings", records::attributes),
];

pub(super) const BASE_URL: &str = "https://example.com/scim/d1/v2";

/// A directory with a clock and ids that count.
pub(super) struct Directory<'a> {
    pub(super) store: DirectoryStore<'a>,
    pub(super) schemas: SchemaSet,
    pub(super) now_ms: i64,
    next_id: u64,
}

impl<'a> Directory<'a> {
    pub(super) fn new(sql: &'a dyn Sql, profile: Profile) -> Result<Self, Failure> {
        DirectoryStore::migrate(sql)?;
        DirectoryStore::migrate(sql)?;
        let custom = [("Business Unit", CustomType::String), ("Buddy", CustomType::Employee)];
        let attributes = custom
            .into_iter()
            .map(|(name, kind)| CustomAttribute::new(name, kind).map_err(|error| Failure(error.to_string())))
            .collect::<Result<_, _>>()?;
        let custom =
            CustomExtension { urn: urn::PEAKON_USER.to_owned(), name: "Peakon".to_owned(), attributes };
        let schemas = SchemaSet::new(Some(&custom));
        Ok(Directory { store: DirectoryStore::new(sql, profile), schemas, now_ms: 1_000, next_id: 1 })
    }

    /// Answers a request as the service does, one second after the last.
    pub(super) fn send(&mut self, request: &Request) -> Response {
        self.now_ms += 1_000;
        let Directory { store, schemas, now_ms, next_id } = self;
        let mut new_id = || {
            let id = format!("id-{next_id}");
            *next_id += 1;
            id
        };
        let mut context =
            Context { base_url: BASE_URL, now_ms: *now_ms, new_id: &mut new_id, schemas, read_only: false };
        handle(request, store, &mut context)
    }

    pub(super) fn request(&mut self, method: Method, target: &str, body: &Json) -> Response {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(&Request::new(method, target).body(body))
    }

    /// A request that must answer this status; answers the body.
    pub(super) fn expect(
        &mut self,
        status: u16,
        method: Method,
        target: &str,
        body: &Json,
    ) -> Result<Json, Failure> {
        let response = self.request(method, target, body);
        if response.status != status {
            return Err(Failure(format!(
                "{method:?} {target} {:.300}: {} {:.600}",
                body.to_string(),
                response.status,
                format!("{:?}", (&response.body, &response.internal))
            )));
        }
        Ok(response.body.unwrap_or(Json::Null))
    }

    pub(super) fn get(&mut self, target: &str) -> Result<Json, Failure> {
        self.expect(200, Method::Get, target, &Json::Null)
    }

    pub(super) fn patch(&mut self, target: &str, operations: Json) -> Result<Json, Failure> {
        let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
        self.expect(200, Method::Patch, target, &body)
    }

    /// Creates a user; answers its id.
    pub(super) fn user(&mut self, user_name: &str, more: Json) -> Result<String, Failure> {
        let body = with(json!({"schemas": [urn::USER], "userName": user_name}), more);
        Ok(id(&self.expect(201, Method::Post, "/Users", &body)?))
    }

    /// Creates a group; answers its id.
    pub(super) fn group(&mut self, name: &str, members: &[&str]) -> Result<String, Failure> {
        let members: Json = members.iter().map(|id| json!({"value": id})).collect();
        let body = json!({"schemas": [urn::GROUP], "displayName": name, "members": members});
        Ok(id(&self.expect(201, Method::Post, "/Groups", &body)?))
    }

    /// The values of one attribute over a list.
    pub(super) fn column(&mut self, target: &str, name: &str) -> Result<Vec<String>, Failure> {
        let list = self.get(target)?;
        let resources = list.get("Resources").and_then(Json::as_array).cloned().unwrap_or_default();
        Ok(resources.iter().map(|resource| text(resource, name)).collect())
    }
}

pub(super) fn with(mut body: Json, more: Json) -> Json {
    if let (Some(body), Json::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    body
}

pub(super) fn id(resource: &Json) -> String {
    text(resource, "id")
}

pub(super) fn text(resource: &Json, name: &str) -> String {
    resource.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
}

/// Two values must be equal.
pub(super) fn same<T: Debug + PartialEq<U>, U: Debug>(
    found: T,
    expected: U,
    what: &str,
) -> Result<(), Failure> {
    if found == expected {
        Ok(())
    } else {
        Err(Failure(format!("{what}: found {found:?}, expected {expected:?}")))
    }
}
