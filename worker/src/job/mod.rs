//! A synchronization job at the edge: its settings, the reader of its source, the sender to its target, and
//! the driver that runs the engine's machine in slices.

pub mod access;
pub mod capabilities;
mod changes;
mod chosen;
mod commit;
pub mod configuration;
pub mod control;
pub mod diagnosis;
pub mod drift;
pub mod driver;
pub mod expiry;
pub mod keys;
pub mod log;
mod members;
mod nested;
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
pub mod staged;
pub mod status;
pub mod target;
mod thresholds;
pub mod webhook;
