//! Who is provisioned: assignment and role first, then the scoping filters, then whether the
//! object is active in the source.
//!
//! Filters are clauses joined by AND, in groups joined by OR. A clause on an attribute without a
//! value is false, `IS NULL` excepted. Regular expressions must fit the whole value: the original
//! service does not say whether they do, and its examples only make sense so.

mod clause;
mod decision;
mod entitlement;
mod explain;
mod filter;

pub use clause::CompiledClause;
pub use decision::{ScopeDecision, ScopeFailure, decide};
pub use entitlement::{Entitlement, entitlement, role_values};
pub use explain::{ClauseResult, explain};
pub use filter::{CompiledFilter, CompiledGroup, compile};

#[cfg(test)]
mod tests;
