//! What is wrong with a schema.

use serde::Serialize;

use super::SynchronizationSchema;
use super::build::build;
use crate::expression::Span;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Place in the JSON, such as
    /// `synchronizationRules[0].objectMappings[0].attributeMappings[2].source.expression`.
    pub path: String,
    /// What is wrong and what was expected, for people.
    pub message: String,
    /// Whether the schema can be used in spite of it.
    pub severity: Severity,
    /// Place inside of an expression.
    pub span: Option<Span>,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// The schema cannot be saved.
    Error,
    /// It can, but probably does not do what is wanted.
    Warning,
}

/// All problems of a schema, in the order of its JSON. A schema without errors compiles.
pub fn validate(schema: &SynchronizationSchema) -> Vec<Problem> {
    build(schema).1
}
