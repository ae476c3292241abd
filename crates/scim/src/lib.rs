//! SCIM 2.0 (RFC 7643, RFC 7644, RFC 9865): schema, filter, path, patch, projection, validation and the service
//! provider as a pure function.
//!
//! Nothing here does I/O, reads a clock, draws randomness or knows a platform: [`service::handle`] takes a
//! request as plain data, a [`repository::Repository`] and a context with time and ids, and answers a response
//! as plain data. The parts are used by the synchronization engine as well: it compares, patches and projects
//! with the same code that the service provider enforces.
//!
//! Reading order: [`schema`] says what resources look like; [`value`] and [`validation`] bring what clients send
//! into that form; [`filter`], [`path`] and [`patch`] are the languages of RFC 7644; [`projection`] and [`sort`]
//! shape answers; [`service`] puts them together.

pub mod error;
pub mod etag;
pub mod filter;
pub mod patch;
pub mod path;
pub mod projection;
pub mod repository;
pub mod resource;
pub mod schema;
pub mod service;
pub mod sort;
#[cfg(any(test, feature = "test-utils"))]
pub mod test_utils;
pub mod time;
pub mod uri;
pub mod urn;
pub mod validation;
pub mod value;

pub use error::{ScimError, ScimType};
pub use resource::{GroupReference, Member, Resource, ResourceType};
pub use service::{Context, Method, Request, Response, handle};
