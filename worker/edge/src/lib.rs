//! The Worker `rollcall`: everything from outside arrives here, HTTP requests and cron's ticks. It keeps nothing;
//! directories and the organization are in `rollcall-store`, synchronization jobs in `rollcall-jobs`.

use rollcall_worker::{cron, router};
use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

/// Entry point of every HTTP request that is not a static asset.
#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> Result<Response> {
    router::route(request, env, &context).await
}

/// Entry point of cron, each minute.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    cron::tick(&env).await;
}
