//! The functions, one file a group. Each function is a row of a table: name, parameters, types,
//! text for people, and what it does. The same table resolves names, checks arguments and answers
//! `GET …/schema/functions`.

mod arguments;
mod dates;
mod encode;
mod list;
mod logic;
mod random;
mod replace;
mod roles;
mod text;

use serde::Serialize;
use serde_json::{Value as Json, json};

pub(crate) use arguments::Arguments;

use super::ast::Node;
use super::error::ExpressionError;
use super::value::Value;

/// A function of mapping expressions.
#[derive(Debug)]
pub struct Function {
    /// Its name, case-sensitive.
    pub name: &'static str,
    /// What it does, in a sentence or two.
    pub description: &'static str,
    /// Its parameters by position.
    pub parameters: &'static [Parameter],
    /// How many of the last parameters may be repeated, together: 1 for `Join(separator, source…)`,
    /// 2 for the pairs of `Switch`.
    pub repeats: usize,
    /// Type of the result.
    pub returns: Kind,
    /// A call and its result.
    pub example: &'static str,
    pub(crate) run: Run,
    pub(crate) check: Option<Check>,
}

/// A parameter of a function.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name; `key` in Graph's tree of a mapping.
    pub name: &'static str,
    /// Type of the argument.
    pub kind: Kind,
    /// Whether it must be given.
    pub required: bool,
}

/// Type of an argument or a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Kind {
    /// One text; numbers and booleans are taken as text.
    String,
    /// One whole number, or a text that reads as one.
    Integer,
    /// `True` or `False`.
    Boolean,
    /// A point in time, as text.
    DateTime,
    /// Several texts; a single one is taken as a list of one.
    List,
    /// App role assignments.
    Complex,
    /// A comparison, or anything that is true or false.
    Condition,
    /// `vbTextCompare` or `vbBinaryCompare`.
    CompareMode,
    /// Anything.
    Any,
}

/// Further checks on the arguments that types cannot express.
pub(crate) type Check = fn(&[Option<Node>]) -> Result<(), ExpressionError>;

/// What a function does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Run {
    /// Computes from the values of its arguments.
    Values(fn(&Arguments<'_>) -> Result<Value, String>),
    /// Decides itself which arguments are evaluated.
    Form(Form),
}

/// Functions that do not evaluate all of their arguments, or that mark their result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `IIF(condition, then, else)`.
    Iif,
    /// `CBool(condition)`.
    CBool,
    /// `Switch(source, default, key, value, …)`.
    Switch,
    /// `Coalesce(source, …)`.
    Coalesce,
    /// `SelectUniqueValue(rule, …)`.
    SelectUniqueValue,
    /// `IgnoreFlowIfNullOrEmpty(expression)`.
    IgnoreFlowIfNullOrEmpty,
    /// `Redact(value)`.
    Redact,
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Function {
    /// The parameter that the argument at this position belongs to.
    pub fn parameter(&self, position: usize) -> Option<&'static Parameter> {
        let fixed = self.parameters.len() - self.repeats;
        if position < fixed || self.repeats == 0 {
            return self.parameters.get(position);
        }
        self.parameters.get(fixed + (position - fixed) % self.repeats)
    }

    /// Name of the parameter at this position, numbered where it repeats: `source1`, `key2`.
    pub fn parameter_name(&self, position: usize) -> String {
        let fixed = self.parameters.len() - self.repeats;
        let name = self.parameter(position).map_or("", |parameter| parameter.name);
        if position < fixed || self.repeats == 0 {
            return name.to_owned();
        }
        format!("{name}{}", (position - fixed) / self.repeats + 1)
    }

    /// The call's shape, for error messages: `Switch(source, default?, key, value, …)`.
    pub fn signature(&self) -> String {
        let mut names: Vec<String> = self
            .parameters
            .iter()
            .map(|parameter| format!("{}{}", parameter.name, if parameter.required { "" } else { "?" }))
            .collect();
        if self.repeats > 0 {
            names.push("…".to_owned());
        }
        format!("{}({})", self.name, names.join(", "))
    }

    /// The function as `GET …/schema/functions` lists it.
    pub fn to_json(&self) -> Json {
        let parameters: Vec<Json> = self
            .parameters
            .iter()
            .map(|p| json!({"name": p.name, "type": p.kind, "required": p.required}))
            .collect();
        json!({
            "name": self.name,
            "description": self.description,
            "signature": self.signature(),
            "parameters": parameters,
            "returnType": self.returns,
            "example": self.example,
        })
    }
}

const GROUPS: &[&[Function]] = &[
    logic::FUNCTIONS,
    text::FUNCTIONS,
    list::FUNCTIONS,
    replace::FUNCTIONS,
    dates::FUNCTIONS,
    encode::FUNCTIONS,
    random::FUNCTIONS,
    roles::FUNCTIONS,
];

/// All functions, in alphabetical order.
pub fn functions() -> Vec<&'static Function> {
    let mut all: Vec<&'static Function> = GROUPS.iter().flat_map(|group| group.iter()).collect();
    all.sort_by_key(|function| function.name);
    all
}

/// The function of this name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    GROUPS.iter().flat_map(|group| group.iter()).find(|function| function.name == name)
}

/// The function whose name differs from this one only in case.
pub(super) fn similar(name: &str) -> Option<&'static str> {
    GROUPS
        .iter()
        .flat_map(|group| group.iter())
        .map(|function| function.name)
        .find(|known| known.eq_ignore_ascii_case(name))
}

const fn required(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, required: true }
}

const fn optional(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, required: false }
}

#[cfg(test)]
pub(super) mod tests;
