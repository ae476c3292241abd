//! The target's side: SCIM 2.0 paths, resources, requests and answers (RFC 7643, RFC 7644).
//!
//! Requests are exact: real booleans, typed numbers, value paths, URNs of every used schema in
//! `schemas`. Answers are read leniently: names in any case, `"True"` for `true`, a manager as a
//! bare string. What cannot be read is an error with a code of the provisioning log, a reason and
//! something to do about it.

pub mod capabilities;
mod difference;
mod failure;
pub mod filter;
mod lookup;
pub mod members;
pub mod oauth;
pub mod patch;
mod path;
pub mod probe;
mod quirks;
mod request;
mod resource;
mod response;
pub mod uri;
mod value;

pub use difference::{Difference, REDACTED, compare, created_properties};
pub use failure::{Failure, classify, classify_transport};
pub use lookup::{current_value, equal_values, has_value};
pub use path::{ElementFilter, ElementValue, PathError, TargetPath, endpoint};
pub use quirks::Quirks;
pub use request::{Method, Purpose, ScimRequest};
pub use resource::{build_resource, core_schema};
pub use response::{Outcome, Resource, accepted, read_list, read_resource};
pub use value::{ValueError, typed};

pub(crate) use lookup::reference_id;

#[cfg(test)]
mod tests;
