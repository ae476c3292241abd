//! The evaluated arguments of a call.

use super::super::evaluate::Environment;
use super::super::value::Value;

/// Arguments by position. What was left empty and what is beyond the end are the same.
pub(crate) struct Arguments<'a> {
    values: Vec<Option<Value>>,
    environment: &'a Environment<'a>,
}

impl<'a> Arguments<'a> {
    pub(crate) fn new(values: Vec<Option<Value>>, environment: &'a Environment<'a>) -> Self {
        Self { values, environment }
    }

    /// Number of positions, empty ones included.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// What surrounds the expression.
    pub(crate) fn environment(&self) -> &'a Environment<'a> {
        self.environment
    }

    /// Whether something was given there, even if it is null.
    pub(crate) fn supplied(&self, position: usize) -> bool {
        self.values.get(position).is_some_and(Option::is_some)
    }

    /// The value; null when nothing was given.
    pub(crate) fn value(&self, position: usize) -> &Value {
        const NULL: &Value = &Value::Null;
        self.values.get(position).and_then(Option::as_ref).unwrap_or(NULL)
    }

    /// The value as one text; `None` for null.
    ///
    /// # Errors
    /// When it holds several values.
    pub(crate) fn text(&self, position: usize) -> Result<Option<String>, String> {
        match self.value(position) {
            Value::List(items) if items.len() > 1 => {
                Err(format!("argument {} holds {} values, one is expected", position + 1, items.len()))
            }
            Value::Objects(_) => {
                Err(format!("argument {} is a complex value, a text is expected", position + 1))
            }
            value => Ok(value.as_text()),
        }
    }

    /// The value as a whole number; `None` for null.
    ///
    /// # Errors
    /// When it is something else.
    pub(crate) fn number(&self, position: usize) -> Result<Option<i64>, String> {
        match self.value(position) {
            value if value.is_empty() => Ok(None),
            value => match value.as_number() {
                Some(number) => Ok(Some(number)),
                None => Err(format!(
                    "argument {} is \"{}\", a whole number is expected",
                    position + 1,
                    value.display()
                )),
            },
        }
    }

    /// All values as texts.
    pub(crate) fn texts(&self, position: usize) -> Vec<String> {
        self.value(position).texts()
    }
}

/// Makes a value of a function of one text: null in, null out.
pub(crate) fn map_text(
    arguments: &Arguments<'_>,
    change: impl FnOnce(String) -> String,
) -> Result<Value, String> {
    Ok(arguments.text(0)?.map_or(Value::Null, |text| Value::Text(change(text))))
}
