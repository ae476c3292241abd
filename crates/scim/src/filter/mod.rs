//! Filters (RFC 7644 section 3.4.2.2): `lexer` → `parser` → `ast` → `resolve` against the schema → `evaluate`.
//!
//! Parsing knows the grammar only; resolving finds the attributes and brings the values into their types, so
//! that evaluation, here or as SQL, cannot fail. A filter that is not understood is an error with a position,
//! never a filter that matches everything.

mod ast;
mod error;
mod evaluate;
mod lexer;
mod parser;
mod resolve;

pub use ast::{AttributePath, Filter, Literal, Operator, Span, Term, Test};
pub use error::{FilterError, FilterErrorKind};
pub use evaluate::{fold, matches};
pub use parser::{MAX_DEPTH, MAX_LENGTH, MAX_TERMS};
pub(crate) use resolve::boolean;
pub use resolve::{Check, Condition, Operand, Target, resolve, resolve_element, resolve_target};

pub(crate) use parser::parse_path;

#[cfg(test)]
mod tests;
