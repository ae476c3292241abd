//! The Worker `rollcall-store`: the objects of directories, and in them the SCIM service provider, and of the
//! organization. No requests from outside.

// What the attribute generates has no documentation, and is reached from JavaScript only.
#![allow(missing_docs, unreachable_pub)]

use rollcall_worker::objects::{directory, organization};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

/// A directory's object: [`directory::Directory`].
#[durable_object]
pub struct Directory(directory::Directory);

impl DurableObject for Directory {
    fn new(state: State, env: Env) -> Self {
        Self(directory::Directory::new(state, env))
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        self.0.fetch(request).await
    }

    async fn alarm(&self) -> Result<Response> {
        self.0.alarm().await
    }
}

/// The organization's object: [`organization::Organization`].
#[durable_object]
pub struct Organization(organization::Organization);

impl DurableObject for Organization {
    fn new(state: State, env: Env) -> Self {
        Self(organization::Organization::new(state, env))
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        self.0.fetch(request).await
    }
}
