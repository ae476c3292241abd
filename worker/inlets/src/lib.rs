//! The Worker `rollcall-inlets`: the object of inlets, which fill the workforce directory. No requests from outside.

// What the attribute generates has no documentation, and is reached from JavaScript only.
#![allow(missing_docs, unreachable_pub)]

use rollcall_worker::objects::inlet;
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// An inlet's object: [`inlet::Inlet`].
#[durable_object]
pub struct Inlet(inlet::Inlet);

impl DurableObject for Inlet {
    fn new(state: State, env: Env) -> Self {
        Self(inlet::Inlet::new(state, env))
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        self.0.fetch(request).await
    }

    async fn alarm(&self) -> Result<Response> {
        self.0.alarm().await
    }
}
