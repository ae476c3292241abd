//! The sync engine: expressions, mappings, scoping, plan, and the cycle as a state machine.
//!
//! It decides what an application's accounts should look like and in which order to ask, create,
//! change and delete; it does none of it. There is no I/O here, no clock, no randomness and no
//! platform type: a driver feeds [`cycle::step`] with events and carries out the effects.
//!
//! - [`schema`]: what an administrator configures, in Microsoft Graph's form (resource
//!   `synchronizationSchema`), checked and compiled.
//! - [`template`]: the gallery, with default schemas.
//! - [`expression`]: the mapping language.
//! - [`scope`], [`mapping`], [`target`]: who is provisioned; what the account should look like;
//!   how that is said in SCIM 2.0 (RFC 7643, RFC 7644).
//! - [`cycle`]: the state machine. [`outbox`]: which of its requests go together. [`log`]: its record of every object. [`quarantine`] and
//!   [`escrow`]: what follows from failures.
//!
//! Behaviour, names and numbers are those of Microsoft Entra ID's provisioning service, where they
//! are documented; differences are said where they are made.

pub mod cycle;
mod date;
mod date_format;
pub mod escrow;
pub mod expression;
mod id;
mod job;
pub mod log;
pub mod mapping;
pub mod outbox;
pub mod quarantine;
mod regex;
pub mod schedule;
pub mod schema;
pub mod scope;
#[cfg(any(test, feature = "test-utils"))]
pub mod simulate;
pub mod target;
pub mod template;
mod time;

pub use id::{Cursor, CycleId, DEFAULT_ACCESS, Random, SourceId, TargetId, guid_at, new_guid, random_guid};
pub use job::{Context, DeletionThreshold, Deprovisioning, Job, JobSettings};
