//! A service over a repository in memory.
#![allow(dead_code, unreachable_pub, reason = "each test file is a crate and uses a part")]

use scim::schema::SchemaSet;
use scim::service::{Context, Method, Request, Response, handle};
use scim::test_utils::MemoryRepository;
use scim::urn;
use serde_json::{Value, json};

pub const BASE_URL: &str = "https://example.com/v2";

pub struct Server {
    repository: MemoryRepository,
    schemas: SchemaSet,
    /// Ids to be given to the next resources; the last first.
    pub ids: Vec<String>,
    created: u32,
}

impl Server {
    pub fn new() -> Self {
        let schemas = SchemaSet::new(None);
        Server { repository: MemoryRepository::new(), schemas, ids: Vec::new(), created: 0 }
    }

    pub fn send(&mut self, request: &Request) -> Response {
        let Server { repository, schemas, ids, created } = self;
        let mut new_id = || {
            *created += 1;
            ids.pop().unwrap_or_else(|| format!("id-{created}"))
        };
        let mut context = Context {
            base_url: BASE_URL,
            now_ms: 1_312_223_389_793,
            new_id: &mut new_id,
            schemas,
            read_only: false,
        };
        handle(request, repository, &mut context)
    }

    pub fn expect(&mut self, status: u16, method: Method, target: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let response = self.send(&Request::new(method, target).body(body));
        assert_eq!(response.status, status, "{method:?} {target}: {:?}", response.body);
        response.body.unwrap_or(Value::Null)
    }

    pub fn get(&mut self, status: u16, target: &str) -> Value {
        self.expect(status, Method::Get, target, &Value::Null)
    }

    pub fn post(&mut self, status: u16, target: &str, body: &Value) -> Value {
        self.expect(status, Method::Post, target, body)
    }

    pub fn put(&mut self, status: u16, target: &str, body: &Value) -> Value {
        self.expect(status, Method::Put, target, body)
    }

    pub fn patch(&mut self, status: u16, target: &str, operations: Value) -> Value {
        let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
        self.expect(status, Method::Patch, target, &body)
    }
}
