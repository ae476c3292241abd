//! Errors of reading an expression.

use std::fmt;

use serde::Serialize;

/// Bytes `start..end` of the expression's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
}

impl Span {
    /// From the start of one span to the end of another.
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end }
    }
}

/// Why an expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpressionError {
    /// The kind, for programs.
    pub kind: ErrorKind,
    /// Where.
    pub span: Span,
    /// What was expected, for people.
    pub message: String,
}

/// Kind of an [`ExpressionError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ErrorKind {
    /// Longer than [`super::MAX_LENGTH`] characters.
    TooLong,
    /// Nested deeper than [`super::MAX_DEPTH`].
    TooDeep,
    /// A character that no token begins with.
    UnexpectedCharacter,
    /// A text or an attribute that is not closed.
    Unterminated,
    /// A number that is too large or malformed.
    BadNumber,
    /// A token that cannot stand there.
    UnexpectedToken,
    /// A function that does not exist.
    UnknownFunction,
    /// Too few, too many, or an odd number of arguments.
    WrongArgumentCount,
    /// An argument that must be given was left empty.
    MissingArgument,
    /// An argument of the wrong type.
    WrongType,
    /// A comparison outside a condition.
    MisplacedComparison,
    /// A regular expression that cannot be used.
    BadRegex,
    /// A combination of arguments that has no meaning.
    BadArguments,
    /// A source attribute that the schema does not have.
    UnknownAttribute,
}

impl ExpressionError {
    pub(super) fn new(kind: ErrorKind, span: Span, message: impl Into<String>) -> Self {
        Self { kind, span, message: message.into() }
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (position {})", self.message, self.span.start)
    }
}

impl std::error::Error for ExpressionError {}
