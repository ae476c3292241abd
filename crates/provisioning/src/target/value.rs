//! Values of expressions as values of target attributes, typed.

use std::fmt;

use serde_json::{Value as Json, json};

use crate::date;
use crate::expression::Value;
use crate::log::ErrorCode;
use crate::schema::AttributeType;
use crate::time;

/// A value that the target attribute cannot hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError {
    /// Code of the log.
    pub code: ErrorCode,
    /// What is wrong, for people.
    pub message: String,
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ValueError {}

/// The value with the target attribute's type (RFC 7643, section 2.3): real booleans, integers,
/// ISO 8601 for dates; an array when the attribute takes `many`. Null stays null.
///
/// # Errors
/// [`ErrorCode::InvalidValue`] when it has another type, and
/// [`ErrorCode::SchemaPropertyCanOnlyAcceptValue`] when it holds several values and the attribute
/// takes one.
pub fn typed(value: &Value, kind: AttributeType, many: bool) -> Result<Json, ValueError> {
    match value {
        Value::Null => Ok(Json::Null),
        Value::Objects(items) if many => Ok(json!(items)),
        Value::Objects(items) => match items.as_slice() {
            [item] => Ok(item.clone()),
            _ => Err(several(items.len())),
        },
        Value::List(items) if many => {
            items.iter().map(|item| single(item, kind)).collect::<Result<Vec<_>, _>>().map(Json::from)
        }
        Value::List(items) if items.len() > 1 => Err(several(items.len())),
        value => match value.as_text() {
            None => Ok(Json::Null),
            Some(text) if many => Ok(json!([single(&text, kind)?])),
            Some(text) => single(&text, kind),
        },
    }
}

fn several(count: usize) -> ValueError {
    ValueError {
        code: ErrorCode::SchemaPropertyCanOnlyAcceptValue,
        message: format!("there are {count} values, the target attribute takes one"),
    }
}

fn single(text: &str, kind: AttributeType) -> Result<Json, ValueError> {
    let wrong = |wanted: &str| ValueError {
        code: ErrorCode::InvalidValue,
        message: format!("\"{text}\" is not {wanted}"),
    };
    match kind {
        AttributeType::String | AttributeType::Reference | AttributeType::Binary => Ok(Json::from(text)),
        AttributeType::Boolean => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Ok(Json::from(true)),
            "false" | "0" => Ok(Json::from(false)),
            _ => Err(wrong("True or False")),
        },
        AttributeType::Integer => match text.trim().parse::<i64>() {
            Ok(number) => Ok(Json::from(number)),
            Err(_) => Err(wrong("a whole number")),
        },
        AttributeType::DateTime => match date::parse(text) {
            Some(unix_ms) => Ok(Json::from(time::scim_date_time(unix_ms))),
            None => Err(wrong("a date")),
        },
    }
}
