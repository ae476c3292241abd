//! Values that expressions compute with.

use serde_json::Value as Json;

/// A value. Most are texts; `True` and `False` are what booleans become when they are used as
/// text, as in Entra.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing: the attribute has no value.
    #[default]
    Null,
    /// One text.
    Text(String),
    /// One whole number.
    Number(i64),
    /// True or false.
    Boolean(bool),
    /// Several texts.
    List(Vec<String>),
    /// Complex values, such as app roles.
    Objects(Vec<Json>),
}

impl Value {
    /// The value of a source attribute.
    pub fn from_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Boolean(*value),
            Json::Number(number) => match number.as_i64() {
                Some(number) => Self::Number(number),
                None => Self::Text(number.to_string()),
            },
            Json::String(text) => Self::Text(text.clone()),
            Json::Array(items) if items.iter().any(Json::is_object) => Self::Objects(items.clone()),
            Json::Array(items) => {
                Self::List(items.iter().filter_map(|item| Self::from_json(item).as_text()).collect())
            }
            Json::Object(_) => Self::Objects(vec![json.clone()]),
        }
    }

    /// The value as JSON, untyped: a target attribute's type is applied elsewhere.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Text(text) => Json::from(text.as_str()),
            Self::Number(number) => Json::from(*number),
            Self::Boolean(value) => Json::from(*value),
            Self::List(items) => Json::from(items.clone()),
            Self::Objects(items) => Json::from(items.clone()),
        }
    }

    /// Whether there is nothing in it: null, an empty text, an empty list.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Objects(items) => items.is_empty(),
            Self::Number(_) | Self::Boolean(_) => false,
        }
    }

    /// Whether it is `True`: the boolean or the text in any case. Everything else is not.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Boolean(value) => *value,
            Self::Text(text) => text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// A single value as text; `None` for null, for an empty list and for anything that has no
    /// text of its own.
    pub fn as_text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            Self::Boolean(true) => Some("True".to_owned()),
            Self::Boolean(false) => Some("False".to_owned()),
            Self::List(items) if items.len() == 1 => items.first().cloned(),
            Self::Null | Self::List(_) | Self::Objects(_) => None,
        }
    }

    /// A single value as a whole number, if it is one or reads as one.
    pub fn as_number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            other => other.as_text()?.trim().parse().ok(),
        }
    }

    /// Every value as text: none for null, one for a single value.
    pub fn texts(&self) -> Vec<String> {
        match self {
            Self::List(items) => items.clone(),
            Self::Objects(items) => items.iter().map(Json::to_string).collect(),
            other => other.as_text().into_iter().collect(),
        }
    }

    /// The value for people: in a trace, in a log.
    pub fn display(&self) -> String {
        match self {
            Self::Null => "(null)".to_owned(),
            Self::List(_) | Self::Objects(_) => self.to_json().to_string(),
            other => other.as_text().unwrap_or_default(),
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}
