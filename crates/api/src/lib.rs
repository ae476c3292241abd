//! Request and response types of the management API, shared by the Worker and the portal.
//!
//! The resources, property names and enums are those of Microsoft Graph v1.0 (`synchronizationJob`,
//! `provisioningObjectSummary`, `appRoleAssignment`, …) wherever Graph has them; what Graph does not
//! have (directories, tokens, sign-in links, cycles) says so. The crate holds data only: no I/O, no
//! validation beyond what the types express.

pub mod activity;
pub mod application;
pub mod audit;
pub mod collection;
pub mod cycle;
pub mod directory;
pub mod error;
pub mod inlet;
pub mod job;
pub mod log;
pub mod organization;
pub mod plan;
pub mod schema;
pub mod session;
