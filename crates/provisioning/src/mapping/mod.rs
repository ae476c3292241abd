//! From a source object to what its account should look like.
//!
//! The result is a list of typed values for the target attributes, the references apart (they need
//! the target's ids), and the list of what could not be computed: one bad value does not keep the
//! others from flowing.

mod attributes;
mod desired;
mod evaluate;

pub use attributes::source_attributes;
pub use desired::{Desired, DesiredAttribute, DesiredReference, MappingProblem};
pub use evaluate::{Purpose, desired, matching_value};
