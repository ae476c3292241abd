//! Evaluating an expression on one object.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::ast::{Comparison, Expression, Literal, Node};
use super::error::Span;
use super::functions::{Arguments, Form, Function, Run};
use super::value::Value;
use super::{MAX_TRACE_STEPS, MAX_TRACE_VALUE};
use crate::id::Random;

/// What an expression can see.
pub struct Environment<'a> {
    /// Source attributes, the computed ones included.
    pub attributes: &'a Map<String, Json>,
    /// Now, in Unix milliseconds.
    pub now: i64,
    /// For `Guid` and `RandomString`.
    pub random: &'a dyn Random,
    /// Result of `DefaultDomain()`.
    pub default_domain: &'a str,
    /// How many rules of `SelectUniqueValue` the target refused already.
    pub refused_rules: usize,
}

/// The result of an expression.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// The value.
    pub value: Value,
    /// `Redact` was called: the log must not show the value.
    pub redacted: bool,
    /// `IgnoreFlowIfNullOrEmpty` met nothing: the target attribute is left alone.
    pub ignored: bool,
}

/// One intermediate value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Traced {
    /// Place of the part.
    pub(super) span: Span,
    /// Its value for people, `[Redact]` when it must not be shown.
    pub(super) value: String,
}

/// Why an expression has no result on this object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvaluationError {
    /// Place of the part that failed.
    pub span: Span,
    /// What went wrong.
    pub message: String,
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EvaluationError {}

impl Expression {
    /// The expression's result.
    ///
    /// # Errors
    /// The part that failed and why, such as a text where a number is needed.
    pub fn evaluate(&self, environment: &Environment<'_>) -> Result<Evaluation, EvaluationError> {
        let mut evaluator = Evaluator { environment, trace: None, result: Evaluation::default() };
        let value = evaluator.node(self.root())?;
        Ok(Evaluation { value, ..evaluator.result })
    }

    /// The expression's result, and the values of its parts in the order in which they were evaluated: innermost
    /// first, up to the part that failed if one did, at most [`MAX_TRACE_STEPS`].
    pub(super) fn trace(
        &self,
        environment: &Environment<'_>,
    ) -> (Result<Evaluation, EvaluationError>, Vec<Traced>) {
        let trace = Some(Vec::new());
        let mut evaluator = Evaluator { environment, trace, result: Evaluation::default() };
        let value = evaluator.node(self.root());
        let mut trace = evaluator.trace.unwrap_or_default();
        // What failed before it came to `Redact` shows nothing either.
        if self.calls("Redact") {
            for step in &mut trace {
                "[Redact]".clone_into(&mut step.value);
            }
        }
        (value.map(|value| Evaluation { value, ..evaluator.result }), trace)
    }
}

struct Evaluator<'a> {
    environment: &'a Environment<'a>,
    /// Where values of parts are noted, if anybody asks for them.
    trace: Option<Vec<Traced>>,
    result: Evaluation,
}

impl Evaluator<'_> {
    fn node(&mut self, node: &Node) -> Result<Value, EvaluationError> {
        let value = match node {
            Node::Literal { value, .. } => return Ok(literal(value)),
            Node::Attribute { name, .. } => self.attribute(name),
            Node::Compare { operator, left, right, .. } => {
                let (left, right) = (self.node(left)?, self.node(right)?);
                Value::Boolean(compare(*operator, &left, &right))
            }
            Node::Call { function, arguments, span } => self.call(function, arguments, *span)?,
        };
        if let Some(trace) = &mut self.trace
            && trace.len() < MAX_TRACE_STEPS
        {
            trace.push(Traced { span: node.span(), value: shortened(value.display()) });
        }
        Ok(value)
    }

    /// Exact name first; then without regard to case, except for directory extensions.
    fn attribute(&self, name: &str) -> Value {
        let attributes = self.environment.attributes;
        let found = attributes.get(name).or_else(|| {
            let loose = !name.starts_with("extension_");
            attributes.iter().find(|(known, _)| loose && known.eq_ignore_ascii_case(name)).map(|(_, v)| v)
        });
        found.map_or(Value::Null, Value::from_json)
    }

    fn call(
        &mut self,
        function: &Function,
        arguments: &[Option<Node>],
        span: Span,
    ) -> Result<Value, EvaluationError> {
        match function.run {
            Run::Form(form) => self.form(form, arguments),
            Run::Values(run) => {
                let values =
                    arguments.iter().map(|argument| self.optional(argument)).collect::<Result<_, _>>()?;
                run(&Arguments::new(values, self.environment)).map_err(|message| EvaluationError {
                    span,
                    message: format!("{}: {message}", function.name),
                })
            }
        }
    }

    fn optional(&mut self, argument: &Option<Node>) -> Result<Option<Value>, EvaluationError> {
        argument.as_ref().map(|node| self.node(node)).transpose()
    }

    fn at(&mut self, arguments: &[Option<Node>], position: usize) -> Result<Value, EvaluationError> {
        match arguments.get(position) {
            Some(argument) => Ok(self.optional(argument)?.unwrap_or_default()),
            None => Ok(Value::Null),
        }
    }

    fn form(&mut self, form: Form, arguments: &[Option<Node>]) -> Result<Value, EvaluationError> {
        match form {
            Form::Iif => {
                let condition = holds(&self.at(arguments, 0)?);
                self.at(arguments, if condition { 1 } else { 2 })
            }
            Form::CBool => Ok(Value::Boolean(holds(&self.at(arguments, 0)?))),
            Form::Switch => self.switch(arguments),
            Form::Coalesce => self.first_present(arguments, 0),
            Form::SelectUniqueValue => self.first_present(arguments, self.environment.refused_rules),
            Form::Redact => {
                self.result.redacted = true;
                self.at(arguments, 0)
            }
            Form::IgnoreFlowIfNullOrEmpty => {
                let value = self.at(arguments, 0)?;
                self.result.ignored |= value.is_empty();
                Ok(value)
            }
        }
    }

    fn first_present(&mut self, arguments: &[Option<Node>], skip: usize) -> Result<Value, EvaluationError> {
        let mut skipped = 0;
        for position in 0..arguments.len() {
            let value = self.at(arguments, position)?;
            if value.is_empty() {
                continue;
            }
            if skipped == skip {
                return Ok(value);
            }
            skipped += 1;
        }
        Ok(Value::Null)
    }

    fn switch(&mut self, arguments: &[Option<Node>]) -> Result<Value, EvaluationError> {
        let source = self.at(arguments, 0)?.as_text().unwrap_or_default();
        for key in (2..arguments.len()).step_by(2) {
            if self.at(arguments, key)?.as_text().unwrap_or_default() == source {
                return self.at(arguments, key + 1);
            }
        }
        self.at(arguments, 1)
    }
}

/// At most [`MAX_TRACE_VALUE`] characters of a value, and `…` for the rest.
fn shortened(mut value: String) -> String {
    if let Some((end, _)) = value.char_indices().nth(MAX_TRACE_VALUE) {
        value.truncate(end);
        value.push('…');
    }
    value
}

fn literal(literal: &Literal) -> Value {
    match literal {
        Literal::Text(text) => Value::from(text.as_str()),
        Literal::Number(number) => Value::Number(*number),
        Literal::CompareMode { binary } => Value::Number(i64::from(!binary)),
    }
}

/// A condition that is not a comparison holds if it is true or a number other than 0.
fn holds(value: &Value) -> bool {
    value.is_true() || value.as_number().is_some_and(|number| number != 0)
}

/// Nothing compares with a missing value, as documented for `IIF`. Numbers compare as numbers when
/// both sides are, everything else by character.
fn compare(operator: Comparison, left: &Value, right: &Value) -> bool {
    let (Some(left_text), Some(right_text)) = (left.as_text(), right.as_text()) else { return false };
    if left_text.is_empty() && !matches!(left, Value::Number(_) | Value::Boolean(_)) {
        return false;
    }
    let numeric = matches!(left, Value::Number(_)) || matches!(right, Value::Number(_));
    let ordered = !matches!(operator, Comparison::Equal | Comparison::NotEqual);
    let order = match (left.as_number(), right.as_number()) {
        (Some(left), Some(right)) if numeric || ordered => left.cmp(&right),
        _ => left_text.cmp(&right_text),
    };
    match operator {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}
