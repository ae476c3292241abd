//! What can be wrong with a filter, and where.

use std::fmt;

use super::ast::{Operator, Span};
use super::parser::{MAX_DEPTH, MAX_LENGTH, MAX_TERMS};
use crate::error::{ScimError, ScimType};
use crate::schema::AttributeType;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterErrorKind {
    /// Longer than [`MAX_LENGTH`] bytes.
    TooLong,
    /// Nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// More than [`MAX_TERMS`] comparisons.
    TooManyTerms,
    /// A string without its closing quote.
    UnterminatedString,
    /// A string that is not JSON.
    InvalidString,
    /// A word that cannot be the name of an attribute.
    InvalidName,
    /// Brackets inside of brackets.
    NestedBrackets,
    /// Something else had to come here.
    Expected(&'static str),
    /// The type has no such attribute.
    UnknownAttribute(String),
    /// The attribute has parts, and one of them has to be named.
    Complex(String),
    /// The operator does not go with the type of the attribute.
    Operator(Operator, AttributeType),
    /// The value is not of the attribute's type.
    Value(AttributeType),
    /// Brackets after an attribute without parts.
    NotComplex(String),
}

impl fmt::Display for FilterErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilterErrorKind::TooLong => write!(f, "a filter has at most {MAX_LENGTH} bytes"),
            FilterErrorKind::TooDeep => write!(f, "a filter is nested at most {MAX_DEPTH} deep"),
            FilterErrorKind::TooManyTerms => write!(f, "a filter has at most {MAX_TERMS} comparisons"),
            FilterErrorKind::UnterminatedString => f.write_str("the closing quote is missing"),
            FilterErrorKind::InvalidString => f.write_str("this is not a JSON string"),
            FilterErrorKind::InvalidName => f.write_str("this is not the name of an attribute"),
            FilterErrorKind::NestedBrackets => f.write_str("brackets cannot stand in brackets"),
            FilterErrorKind::Expected(what) => write!(f, "{what} was expected"),
            FilterErrorKind::UnknownAttribute(name) => write!(f, "there is no attribute {name}"),
            FilterErrorKind::Complex(name) => {
                write!(f, "{name} has sub-attributes; name one of them, as in {name}.type")
            }
            FilterErrorKind::Operator(operator, kind) => {
                write!(f, "{} does not go with an attribute of type {}", operator.as_str(), kind.as_str())
            }
            FilterErrorKind::Value(kind) => write!(f, "a value of type {} was expected", kind.as_str()),
            FilterErrorKind::NotComplex(name) => write!(f, "{name} has no sub-attributes"),
        }
    }
}

/// An error in a filter or in the path of a PATCH operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// What is wrong.
    pub kind: FilterErrorKind,
    /// Where.
    pub span: Span,
}

impl FilterError {
    pub(crate) fn new(kind: FilterErrorKind, span: Span) -> Self {
        FilterError { kind, span }
    }

    /// The error as one of a PATCH operation's path.
    pub fn into_path_error(self) -> ScimError {
        ScimError::bad_request(ScimType::InvalidPath, format!("The path is not understood {self}"))
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at position {}: {}", self.span.start + 1, self.kind)
    }
}

impl std::error::Error for FilterError {}

impl From<FilterError> for ScimError {
    fn from(error: FilterError) -> Self {
        ScimError::bad_request(ScimType::InvalidFilter, format!("The filter is not understood {error}"))
    }
}
