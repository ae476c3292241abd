//! Mapping expressions: `Join(" ", [givenName], [surname])`.
//!
//! Layers, as in any small language: `lexer` → `parser` → `ast` → `check` (names, number
//! and types of arguments) → `evaluate`. Errors carry a byte span and a kind; their text is made
//! for the person who typed the expression.
//!
//! The grammar is Entra's: one function call, which may hold others; a source attribute in
//! brackets; text in double quotes with `\` as escape; whole numbers, also hexadecimal (`&HF7`);
//! arguments may be left empty. Comparisons stand only in the condition of `IIF` and `CBool`.
//! There is no arithmetic and no AND/OR. Everything is case-sensitive.
//!
//! Regular expressions are those of the `regex-lite` crate: Perl-like syntax without look-around
//! and back-references, `(?<name>…)` groups, ASCII classes, no Unicode case folding. A match costs
//! at most pattern size × text length, so no pattern can hang the service.

mod ast;
mod check;
mod error;
mod evaluate;
mod functions;
mod lexer;
mod parse_answer;
mod parser;
mod value;

pub use ast::{Comparison, Expression, Literal, Node};
pub use error::{ErrorKind, ExpressionError, Span};
pub use evaluate::{Environment, Evaluation, EvaluationError};
pub use functions::{Function, Kind, Parameter, functions};
pub use parse_answer::{
    AnswerError, ParseExpressionAnswer, ParseExpressionRequest, TestInput, TestProperty, TraceStep,
    parse_expression,
};
pub use value::Value;

/// Longest expression, in characters.
pub const MAX_LENGTH: usize = 10_000;

/// Deepest nesting of function calls.
pub const MAX_DEPTH: usize = 64;

/// Most intermediate values that `parseExpression` tells; those evaluated first are told.
pub const MAX_TRACE_STEPS: usize = 256;

/// Longest intermediate value that `parseExpression` tells, in characters; longer ones are cut.
pub const MAX_TRACE_VALUE: usize = 1_000;

#[cfg(test)]
mod tests;
