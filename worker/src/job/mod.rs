//! A synchronization job at the edge: its settings, the reader of its source, the sender to its target, and
//! the driver that runs the engine's machine in slices.

pub mod access;
pub mod capabilities;
mod changes;
mod commit;
pub mod configuration;
pub mod control;
pub mod diagnosis;
pub mod driver;
pub mod expiry;
pub mod keys;
pub mod log;
mod members;
pub mod notify;
pub mod on_demand;
pub mod pace;
pub mod plan;
pub mod probes;
pub mod record;
mod references;
pub mod report;
pub mod run;
pub mod secrets;
pub mod settings;
pub mod source;
pub mod status;
pub mod target;
pub mod webhook;
