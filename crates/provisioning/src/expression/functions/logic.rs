//! Conditions and choices.

use super::arguments::Arguments;
use super::{Form, Function, Kind, Run, optional, required};
use crate::expression::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "CBool",
        description: "True if the comparison holds or the value is True or a number other than 0; otherwise False.",
        parameters: &[required("expression", Kind::Condition)],
        repeats: 0,
        returns: Kind::Boolean,
        example: "CBool([department] = \"Sales\") → True",
        run: Run::Form(Form::CBool),
        check: None,
    },
    Function {
        name: "Coalesce",
        description: "The first argument that has a value, an empty text counting as none; null if there is none.",
        parameters: &[required("source", Kind::Any)],
        repeats: 1,
        returns: Kind::Any,
        example: "Coalesce([mail], [userPrincipalName]) → j@x.com when mail is empty",
        run: Run::Form(Form::Coalesce),
        check: None,
    },
    Function {
        name: "IIF",
        description: "The second argument if the condition holds, otherwise the third. A condition on an attribute without a value does not hold.",
        parameters: &[
            required("condition", Kind::Condition),
            required("valueIfTrue", Kind::Any),
            required("valueIfFalse", Kind::Any),
        ],
        repeats: 0,
        returns: Kind::Any,
        example: "IIF([country] = \"USA\", [country], [department])",
        run: Run::Form(Form::Iif),
        check: None,
    },
    Function {
        name: "IsNull",
        description: "True if the value is null. An empty text is not null.",
        parameters: &[required("expression", Kind::Any)],
        repeats: 0,
        returns: Kind::Boolean,
        example: "IsNull([mail]) → True when there is no mail",
        run: Run::Values(is_null),
        check: None,
    },
    Function {
        name: "IsNullOrEmpty",
        description: "True if the value is null or an empty text.",
        parameters: &[required("expression", Kind::Any)],
        repeats: 0,
        returns: Kind::Boolean,
        example: "IsNullOrEmpty([displayName]) → False when there is one",
        run: Run::Values(is_null_or_empty),
        check: None,
    },
    Function {
        name: "IsPresent",
        description: "True if there is a value that is not empty.",
        parameters: &[required("expression", Kind::Any)],
        repeats: 0,
        returns: Kind::Boolean,
        example: "IsPresent([directReports])",
        run: Run::Values(is_present),
        check: None,
    },
    Function {
        name: "IsString",
        description: "True if the value is a single text.",
        parameters: &[required("expression", Kind::Any)],
        repeats: 0,
        returns: Kind::Boolean,
        example: "IsString([mail]) → True",
        run: Run::Values(is_string),
        check: None,
    },
    Function {
        name: "IgnoreFlowIfNullOrEmpty",
        description: "Leaves the target attribute alone when the value is null or empty, even on creation.",
        parameters: &[required("expression", Kind::Any)],
        repeats: 0,
        returns: Kind::Any,
        example: "IgnoreFlowIfNullOrEmpty([department])",
        run: Run::Form(Form::IgnoreFlowIfNullOrEmpty),
        check: None,
    },
    Function {
        name: "Not",
        description: "False if the value is True, otherwise True.",
        parameters: &[required("source", Kind::Boolean)],
        repeats: 0,
        returns: Kind::Boolean,
        example: "Not([IsSoftDeleted]) → True for an active person",
        run: Run::Values(not),
        check: None,
    },
    Function {
        name: "Redact",
        description: "The value itself; the log shows [Redact] instead of it.",
        parameters: &[required("value", Kind::Any)],
        repeats: 0,
        returns: Kind::Any,
        example: "Redact([employeeId])",
        run: Run::Form(Form::Redact),
        check: None,
    },
    Function {
        name: "SelectUniqueValue",
        description: "The first of several rules that gives a value; the next ones are tried when the target says that a value is taken.",
        parameters: &[required("uniqueValueRule", Kind::Any), required("uniqueValueRule", Kind::Any)],
        repeats: 1,
        returns: Kind::Any,
        example: "SelectUniqueValue(Join(\".\", [givenName], [surname]), Join(\".\", Left([givenName], 1), [surname]))",
        run: Run::Form(Form::SelectUniqueValue),
        check: None,
    },
    Function {
        name: "Switch",
        description: "The value behind the first key that equals the source, with regard to case; the default if there is none. An empty key also stands for null.",
        parameters: &[
            required("source", Kind::String),
            optional("defaultValue", Kind::Any),
            required("key", Kind::String),
            required("value", Kind::Any),
        ],
        repeats: 2,
        returns: Kind::Any,
        example: "Switch([state], \"Australia/Sydney\", \"QLD\", \"Australia/Brisbane\") → Australia/Brisbane for QLD",
        run: Run::Form(Form::Switch),
        check: None,
    },
];

fn is_null(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(*arguments.value(0) == Value::Null))
}

fn is_null_or_empty(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(arguments.value(0).is_empty()))
}

fn is_present(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(!arguments.value(0).is_empty()))
}

fn is_string(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(matches!(arguments.value(0), Value::Text(_))))
}

fn not(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::Boolean(!arguments.value(0).is_true()))
}
