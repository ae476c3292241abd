//! The edge: routing, Durable Objects, KV, cron and alarms. Thin: adapters only; what is decided is decided
//! in `crates/`.

// Nothing outside of this crate uses it: `pub` marks what a module offers to the others.
#![allow(unreachable_pub)]

mod api;
mod audit;
mod auth;
mod cron;
mod error;
mod exchange;
mod job;
mod json;
mod oauth;
mod objects;
mod platform;
mod router;
mod scim_gate;
mod sign_in;

use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

/// Entry point of every HTTP request that is not a static asset.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    router::route(request, env).await
}

/// Entry point of cron, each minute.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    if let Err(error) = cron::sweep(&env, platform::clock::now_ms()).await {
        error.log("cron");
    }
}
