//! Reads JSON as the API's types.
//!
//! Their derived `Deserialize` compiles a parser for every type: a third of the portal. Here the text
//! becomes a [`Value`] once, and each type says below which property fills which field. A field that is
//! added, renamed or changed in the `api` crate does not compile here, and the tests hold this reading
//! against the derived one.

use super::ApiError;
use serde_json::{Map, Value};

/// Something that can be read from JSON.
pub(crate) trait FromJson: Sized {
    /// Reads it. What does not fit is noted in `misfit` and replaced, so that reading has one way through.
    fn from_json(value: &Value, misfit: &mut Misfit) -> Self;
}

/// The first property that was missing or of the wrong kind.
#[derive(Default)]
pub(crate) struct Misfit(pub(crate) Option<&'static str>);

impl Misfit {
    /// Whether everything fitted.
    pub(crate) fn verdict(&self) -> Result<(), ApiError> {
        self.0.map_or(Ok(()), |name| {
            Err(ApiError::unreadable(&["the property ", name, " is missing or of another kind"].concat()))
        })
    }

    fn kind(&mut self, kind: &'static str) {
        self.0.get_or_insert(kind);
    }
}

/// A property of an object; null where there is none.
fn get<T: FromJson>(value: &Value, name: &'static str, misfit: &mut Misfit) -> T {
    let was_good = misfit.0.is_none();
    let read = T::from_json(value.get(name).unwrap_or(&Value::Null), misfit);
    if was_good && misfit.0.is_some() {
        misfit.0 = Some(name);
    }
    read
}

/// The same for a property that has a default.
fn get_or_default<T: FromJson + Default>(value: &Value, name: &'static str, misfit: &mut Misfit) -> T {
    if value.get(name).is_none_or(Value::is_null) { T::default() } else { get(value, name, misfit) }
}

impl FromJson for Value {
    fn from_json(value: &Value, _: &mut Misfit) -> Self {
        value.clone()
    }
}

impl FromJson for String {
    fn from_json(value: &Value, misfit: &mut Misfit) -> Self {
        if let Value::String(text) = value {
            return text.clone();
        }
        misfit.kind("text");
        Self::new()
    }
}

impl FromJson for bool {
    fn from_json(value: &Value, misfit: &mut Misfit) -> Self {
        value.as_bool().unwrap_or_else(|| {
            misfit.kind("true or false");
            false
        })
    }
}

impl FromJson for u64 {
    fn from_json(value: &Value, misfit: &mut Misfit) -> Self {
        value.as_u64().unwrap_or_else(|| {
            misfit.kind("number");
            0
        })
    }
}

impl FromJson for u32 {
    fn from_json(value: &Value, misfit: &mut Misfit) -> Self {
        Self::try_from(u64::from_json(value, misfit)).unwrap_or_else(|_| {
            misfit.kind("number");
            0
        })
    }
}

impl FromJson for i64 {
    fn from_json(value: &Value, misfit: &mut Misfit) -> Self {
        value.as_i64().unwrap_or_else(|| {
            misfit.kind("number");
            0
        })
    }
}

impl FromJson for Map<String, Value> {
    fn from_json(value: &Value, misfit: &mut Misfit) -> Self {
        value.as_object().cloned().unwrap_or_else(|| {
            misfit.kind("object");
            Self::new()
        })
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json(value: &Value, misfit: &mut Misfit) -> Self {
        if value.is_null() { None } else { Some(T::from_json(value, misfit)) }
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: &Value, misfit: &mut Misfit) -> Self {
        match value {
            Value::Array(elements) => elements.iter().map(|element| T::from_json(element, misfit)).collect(),
            _ => {
                misfit.kind("list");
                Self::new()
            }
        }
    }
}

/// Which property fills which field; after the semicolon those that have a default.
macro_rules! read {
    ($type:ty { $($field:ident $name:literal),* $(; $($optional:ident $other:literal),*)? }) => {
        impl FromJson for $type {
            fn from_json(value: &Value, misfit: &mut Misfit) -> Self {
                Self {
                    $($field: get(value, $name, misfit),)*
                    $($($optional: get_or_default(value, $other, misfit),)*)?
                }
            }
        }
    };
}

/// The words of an enumeration.
macro_rules! read_words {
    ($type:ty { $($variant:ident $word:literal),* }) => {
        impl FromJson for $type {
            fn from_json(value: &Value, misfit: &mut Misfit) -> Self {
                match value.as_str() {
                    $(Some($word) => return Self::$variant,)*
                    _ => misfit.kind("word"),
                }
                // Any will do: the whole answer is refused.
                [$(Self::$variant),*][0]
            }
        }
    };
}

mod applications;
mod directories;
mod inlets;
mod jobs;
mod logs;
mod organization;

#[cfg(test)]
mod tests;
