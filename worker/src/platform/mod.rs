//! What the platform gives, one file a service: thin adapters without decisions.

pub mod address;
pub mod clock;
pub mod random;
pub mod secret;
pub mod settings;
pub mod sql;
pub mod stub;
pub mod webcrypto;
