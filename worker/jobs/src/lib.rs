//! The Worker `rollcall-jobs`: the object of synchronization jobs, and in it the engine. No requests from outside.

// What the attribute generates has no documentation, and is reached from JavaScript only.
#![allow(missing_docs, unreachable_pub)]

use rollcall_worker::objects::job;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// A synchronization job's object: [`job::Job`].
#[durable_object]
pub struct Job(job::Job);

impl DurableObject for Job {
    fn new(state: State, env: Env) -> Self {
        Self(job::Job::new(state, env))
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        self.0.fetch(request).await
    }

    async fn alarm(&self) -> Result<Response> {
        self.0.alarm().await
    }
}
