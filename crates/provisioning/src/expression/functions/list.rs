//! Several values at once.

use super::arguments::Arguments;
use super::{Function, Kind, Run, optional, required};
use crate::expression::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "Count",
        description: "Number of values.",
        parameters: &[required("attribute", Kind::List)],
        repeats: 0,
        returns: Kind::Integer,
        example: "Count([proxyAddresses]) → 3",
        run: Run::Values(|arguments| Ok(Value::Number(arguments.texts(0).len() as i64))),
        check: None,
    },
    Function {
        name: "Item",
        description: "The value at an index, beginning with 1; null beyond the end.",
        parameters: &[required("attribute", Kind::List), required("index", Kind::Integer)],
        repeats: 0,
        returns: Kind::String,
        example: "Item([proxyAddresses], 1) → the first address",
        run: Run::Values(item),
        check: None,
    },
    Function {
        name: "Join",
        description: "All values with the separator between them. Values without a text are left out.",
        parameters: &[required("separator", Kind::String), optional("source", Kind::List)],
        repeats: 1,
        returns: Kind::String,
        example: "Join(\", \", \"\", [surname], [givenName]) → Doe, John",
        run: Run::Values(join),
        check: None,
    },
    Function {
        name: "RemoveDuplicates",
        description: "Each value once, at its first place.",
        parameters: &[required("attribute", Kind::List)],
        repeats: 0,
        returns: Kind::List,
        example: "RemoveDuplicates([proxyAddresses])",
        run: Run::Values(remove_duplicates),
        check: None,
    },
    Function {
        name: "Split",
        description: "The parts between the delimiters, without spaces around them.",
        parameters: &[required("source", Kind::String), required("delimiter", Kind::String)],
        repeats: 0,
        returns: Kind::List,
        example: "Split(\"A, B\", \",\") → A and B",
        run: Run::Values(split),
        check: None,
    },
];

fn item(arguments: &Arguments<'_>) -> Result<Value, String> {
    let index = arguments.number(1)?.unwrap_or(0);
    let Some(at) = index.checked_sub(1).and_then(|index| usize::try_from(index).ok()) else {
        return Err(format!("the index is {index}, the first one is 1"));
    };
    Ok(arguments.texts(0).into_iter().nth(at).map_or(Value::Null, Value::Text))
}

fn join(arguments: &Arguments<'_>) -> Result<Value, String> {
    let separator = arguments.text(0)?.unwrap_or_default();
    let parts: Vec<String> = (1..arguments.len())
        .flat_map(|position| arguments.texts(position))
        .filter(|text| !text.is_empty())
        .collect();
    Ok(if parts.is_empty() { Value::Null } else { Value::Text(parts.join(&separator)) })
}

fn remove_duplicates(arguments: &Arguments<'_>) -> Result<Value, String> {
    let mut seen = std::collections::BTreeSet::new();
    let mut texts = arguments.texts(0);
    texts.retain(|text| seen.insert(text.clone()));
    Ok(Value::List(texts))
}

fn split(arguments: &Arguments<'_>) -> Result<Value, String> {
    let Some(text) = arguments.text(0)? else { return Ok(Value::Null) };
    let delimiter = arguments.text(1)?.unwrap_or_default();
    if delimiter.is_empty() {
        return Ok(Value::List(vec![text]));
    }
    Ok(Value::List(text.split(delimiter.as_str()).map(|part| part.trim().to_owned()).collect()))
}
