//! A Worker for tests alone: runs the contract of the directory's store over the SQLite of a real Durable Object,
//! each case in an object of its own. The host's tests run the same cases over rusqlite.
//!
//! `GET /cases` answers the names; `POST /cases/{number}` runs one and answers `{"failure"}`, null if it holds.
//! `POST /raw/{operation}/{key}` does one of the raw operations that benches compare with.

// What the attribute generates has no documentation, and is reached from JavaScript only.
#![allow(missing_docs, unreachable_pub)]

mod raw;

use rollcall_worker::platform::sql::ObjectSql;
use serde_json::json;
use store::directory::contract::CASES;
use worker::{Context, DurableObject, Env, Request, Response, Result, State, durable_object, event};

/// An empty database for one case.
#[durable_object]
pub struct Contract {
    sql: ObjectSql,
}

impl DurableObject for Contract {
    fn new(state: State, _env: Env) -> Self {
        Self { sql: ObjectSql::new(&state) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        if let Some(rest) = request.path().strip_prefix("/raw/") {
            let (operation, key) = rest.split_once('/').unwrap_or((rest, "0"));
            return match raw::run(&self.sql, operation, key.parse().unwrap_or(0)) {
                Some(Ok(text)) => Response::ok(text),
                Some(Err(error)) => Response::error(error.message, 500),
                None => Response::error("no such operation", 404),
            };
        }
        let Some((_, case)) = number(&request.path()).and_then(|number| CASES.get(number)) else {
            return Response::error("no such case", 404);
        };
        let failure = case(&self.sql).err().map(|failure| failure.0);
        Response::from_json(&json!({ "failure": failure }))
    }
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let path = request.path();
    match path.as_str() {
        "/healthz" => Response::ok("ok"),
        "/cases" => {
            let names: Vec<&str> = CASES.iter().map(|(name, _)| *name).collect();
            Response::from_json(&names)
        }
        raw if raw.starts_with("/raw/") => {
            env.durable_object("CONTRACT")?.get_by_name("raw")?.fetch_with_request(request).await
        }
        _ => env.durable_object("CONTRACT")?.get_by_name(&path)?.fetch_with_request(request).await,
    }
}

fn number(path: &str) -> Option<usize> {
    path.strip_prefix("/cases/")?.parse().ok()
}
