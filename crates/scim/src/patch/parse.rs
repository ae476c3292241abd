//! The body of a PATCH request as operations.

use serde_json::Value;

use crate::error::ScimError;
use crate::urn;
use crate::value::{member, message};

/// How many operations one request may have.
pub const MAX_OPERATIONS: usize = 1_000;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// RFC 7644 section 3.5.2.1.
    Add,
    /// RFC 7644 section 3.5.2.2.
    Remove,
    /// RFC 7644 section 3.5.2.3.
    Replace,
}

/// One operation as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// What it does.
    pub op: Op,
    /// To what; without a path to the resource itself.
    pub path: Option<String>,
    /// With what.
    pub value: Option<Value>,
}

/// Reads the body of a PATCH request. Names of members and operations are found in any case.
pub fn parse(body: &Value) -> Result<Vec<Operation>, ScimError> {
    let body = message(body, urn::PATCH_OP)?;
    let operations = member(body, "Operations")
        .and_then(Value::as_array)
        .filter(|operations| !operations.is_empty())
        .ok_or_else(|| ScimError::invalid_syntax("Operations must be an array of at least one operation"))?;
    if operations.len() > MAX_OPERATIONS {
        return Err(ScimError::invalid_syntax(format!(
            "Operations has more than {MAX_OPERATIONS} operations"
        )));
    }
    operations.iter().map(operation).collect()
}

fn operation(value: &Value) -> Result<Operation, ScimError> {
    let object =
        value.as_object().ok_or_else(|| ScimError::invalid_syntax("An operation must be an object"))?;
    let op = match member(object, "op").and_then(Value::as_str) {
        Some(op) if op.eq_ignore_ascii_case("add") => Op::Add,
        Some(op) if op.eq_ignore_ascii_case("remove") => Op::Remove,
        Some(op) if op.eq_ignore_ascii_case("replace") => Op::Replace,
        _ => return Err(ScimError::invalid_syntax("op must be add, remove or replace")),
    };
    let path = match member(object, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) if path.trim().is_empty() => None,
        Some(Value::String(path)) => Some(path.clone()),
        Some(_) => return Err(ScimError::invalid_syntax("path must be a string")),
    };
    let value = member(object, "value").cloned();
    if op != Op::Remove && value.is_none() {
        return Err(ScimError::invalid_value("add and replace need a value"));
    }
    Ok(Operation { op, path, value })
}
