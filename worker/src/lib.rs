//! The edge: routing, Durable Objects, KV, cron and alarms. Thin: adapters only.

use worker::{Context, Env, Request, Response, Result, event};

mod objects;

/// Entry point of every HTTP request that is not a static asset.
#[event(fetch)]
async fn fetch(request: Request, _env: Env, _context: Context) -> Result<Response> {
    match request.path().as_str() {
        "/healthz" => Response::from_json(&serde_json::json!({"status": "ok"})),
        _ => Response::error("not found", 404),
    }
}
