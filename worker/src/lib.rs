//! The edge: routing, Durable Objects, KV, cron and alarms. Thin: adapters only; what is decided is decided
//! in `crates/`.
//!
//! Four Workers are made of it, each with its entry points in a crate of its own beside this one: `edge` (what
//! arrives from outside), `jobs` (synchronization jobs), `inlets` (what fills the workforce directory) and `store`
//! (directories and the organization).

// Nothing outside of these Workers uses it: `pub` marks what a module offers to the others.
#![allow(unreachable_pub)]

mod api;
mod audit;
mod auth;
mod changes;
pub mod cron;
mod error;
mod exchange;
mod inlet;
mod job;
mod json;
mod oauth;
pub mod objects;
mod permission;
pub mod platform;
pub mod router;
mod scim_gate;
mod sign_in;
