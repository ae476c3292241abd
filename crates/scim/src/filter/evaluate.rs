//! Whether a resource fulfils a condition.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::ast::Operator;
use super::resolve::{Check, Condition, Operand, Target};
use crate::time;

/// Lower case, character by character: how values are compared where case does not matter. Stores keep their
/// index columns in this form.
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Whether a resource, as JSON in canonical names, fulfils a condition. `meta`, `members` and `groups` are
/// seen only if they are part of the JSON.
pub fn matches(condition: &Condition, object: &Map<String, Value>) -> bool {
    match condition {
        Condition::And(parts) => parts.iter().all(|part| matches(part, object)),
        Condition::Or(parts) => parts.iter().any(|part| matches(part, object)),
        Condition::Not(inner) => !matches(inner, object),
        Condition::Constant(constant) => *constant,
        Condition::Test { target, check } => test(check, target, object),
        Condition::Element { target, condition } => {
            elements(target, object).iter().any(|element| match element {
                Value::Object(element) => matches(condition, element),
                simple => matches(condition, &Map::from_iter([("value".to_owned(), (*simple).clone())])),
            })
        }
    }
}

/// The values that a target names: none, one, or those of all elements.
fn elements<'a>(target: &Target, object: &'a Map<String, Value>) -> Vec<&'a Value> {
    let container = match &target.extension {
        Some(urn) => object.get(urn).and_then(Value::as_object),
        None => Some(object),
    };
    let values = match container.and_then(|container| container.get(&target.attribute)) {
        None => Vec::new(),
        Some(Value::Array(elements)) => elements.iter().collect(),
        Some(single) => vec![single],
    };
    match &target.sub {
        None => values,
        Some(sub) => values.into_iter().filter_map(|value| value.get(sub)).collect(),
    }
}

fn test(check: &Check, target: &Target, object: &Map<String, Value>) -> bool {
    let mut values = elements(target, object).into_iter().filter(|value| is_present(value)).peekable();
    match check {
        Check::Present => values.peek().is_some(),
        // A value that is not there is not equal to anything (RFC 7643 section 2.5).
        Check::Compare { operator: Operator::Ne, operand } => {
            values.peek().is_none() || values.any(|value| !equals(operand, value))
        }
        Check::Compare { operator, operand } => values.any(|value| compare(*operator, operand, value)),
    }
}

/// `pr` (RFC 7644 table 3): neither null nor empty.
fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(string) => !string.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(object) => object.values().any(is_present),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn equals(operand: &Operand, value: &Value) -> bool {
    compare(Operator::Eq, operand, value)
}

fn compare(operator: Operator, operand: &Operand, value: &Value) -> bool {
    match (operand, value) {
        (Operand::Text { text, exact }, Value::String(string)) => {
            if *exact {
                compare_text(operator, string, text)
            } else {
                compare_text(operator, &fold(string), text)
            }
        }
        (Operand::Boolean(wanted), Value::Bool(boolean)) => order(operator, boolean.cmp(wanted)),
        (Operand::Number(wanted), Value::Number(number)) => {
            let ordering = number.as_f64().and_then(|number| number.partial_cmp(wanted));
            ordering.is_some_and(|ordering| order(operator, ordering))
        }
        (Operand::Instant(wanted), Value::String(string)) => {
            time::parse(string).is_some_and(|instant| order(operator, instant.cmp(wanted)))
        }
        _ => false,
    }
}

fn compare_text(operator: Operator, value: &str, wanted: &str) -> bool {
    match operator {
        Operator::Co => value.contains(wanted),
        Operator::Sw => value.starts_with(wanted),
        Operator::Ew => value.ends_with(wanted),
        _ => order(operator, value.cmp(wanted)),
    }
}

fn order(operator: Operator, ordering: Ordering) -> bool {
    match operator {
        Operator::Eq => ordering.is_eq(),
        Operator::Ne => ordering.is_ne(),
        Operator::Gt => ordering.is_gt(),
        Operator::Ge => ordering.is_ge(),
        Operator::Lt => ordering.is_lt(),
        Operator::Le => ordering.is_le(),
        Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}
