//! A directory that answers requests as over HTTP.
#![allow(dead_code, unreachable_pub, reason = "each test file is a crate and uses a part")]

use scim::schema::{CustomAttribute, CustomExtension, CustomType, SchemaSet};
use scim::service::{Context, Method, Request, Response, handle};
use scim::urn;
use serde_json::{Value, json};
use store::directory::{DirectoryStore, Profile};
use store::sqlite::Sqlite;

pub struct Server {
    pub sql: Sqlite,
    pub schemas: SchemaSet,
    pub profile: Profile,
    next_id: u64,
    now_ms: i64,
}

impl Server {
    pub const BASE_URL: &'static str = "https://rollcall.example/scim/d1/v2";

    pub fn new() -> Self {
        let sql = Sqlite::in_memory().unwrap();
        DirectoryStore::migrate(&sql).unwrap();
        let custom = |name, kind| CustomAttribute::new(name, kind).unwrap();
        let schemas = SchemaSet::new(Some(&CustomExtension {
            urn: urn::PEAKON_USER.into(),
            name: "Peakon".into(),
            attributes: vec![
                custom("Business Unit", CustomType::String),
                custom("Salary", CustomType::Number),
            ],
        }));
        Server { sql, schemas, profile: Profile::Application, next_id: 1, now_ms: 1_706_779_800_000 }
    }

    pub fn store(&self) -> DirectoryStore<'_> {
        DirectoryStore::new(&self.sql, self.profile)
    }

    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    pub fn send(&mut self, request: &Request) -> Response {
        self.now_ms += 1_000;
        let mut store = DirectoryStore::new(&self.sql, self.profile);
        let next_id = &mut self.next_id;
        let mut new_id = || {
            *next_id += 1;
            format!("00000000-0000-4000-8000-{next_id:012}")
        };
        let mut context = Context {
            base_url: Self::BASE_URL,
            now_ms: self.now_ms,
            new_id: &mut new_id,
            schemas: &self.schemas,
            read_only: false,
        };
        handle(request, &mut store, &mut context)
    }

    fn expect(&mut self, status: u16, request: Request) -> Value {
        let request = request.header("content-type", "application/scim+json; charset=utf-8");
        let response = self.send(&request);
        let target = &request.path;
        assert_eq!(response.status, status, "{:?} {target:?}: {:?}", request.method, response.body);
        response.body.unwrap_or(Value::Null)
    }

    pub fn get(&mut self, status: u16, target: &str) -> Value {
        self.expect(status, Request::new(Method::Get, target))
    }

    pub fn post(&mut self, status: u16, target: &str, body: &Value) -> Value {
        self.expect(status, Request::new(Method::Post, target).body(body.to_string()))
    }

    pub fn put(&mut self, status: u16, target: &str, body: &Value) -> Value {
        self.expect(status, Request::new(Method::Put, target).body(body.to_string()))
    }

    pub fn patch(&mut self, status: u16, target: &str, operations: Value) -> Value {
        let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
        self.expect(status, Request::new(Method::Patch, target).body(body.to_string()))
    }

    pub fn delete(&mut self, status: u16, target: &str) -> Value {
        self.expect(status, Request::new(Method::Delete, target))
    }
}

/// The resources of a list.
pub fn list(body: &Value) -> Vec<Value> {
    assert_eq!(body["totalResults"], body["Resources"].as_array().unwrap().len());
    body["Resources"].as_array().unwrap().clone()
}
