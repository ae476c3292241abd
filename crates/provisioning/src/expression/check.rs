//! Number and types of arguments, checked when a mapping is saved.

use super::ast::{Literal, Node};
use super::error::{ErrorKind, ExpressionError};
use super::functions::{Function, Kind, Parameter};
use super::parser::misplaced;

/// Checks the whole tree.
pub(super) fn check(node: &Node) -> Result<(), ExpressionError> {
    match node {
        Node::Attribute { .. } | Node::Literal { .. } => Ok(()),
        Node::Compare { left, right, .. } => {
            check(left)?;
            check(right)
        }
        Node::Call { function, arguments, .. } => {
            count(function, arguments.len(), node)?;
            for (position, argument) in arguments.iter().enumerate() {
                let Some(parameter) = function.parameter(position) else { continue };
                match argument {
                    None => missing(function, parameter, position, node)?,
                    Some(argument) => {
                        fits(function, parameter, argument)?;
                        check(argument)?;
                    }
                }
            }
            function.check.map_or(Ok(()), |check| check(arguments))
        }
    }
}

fn count(function: &Function, given: usize, node: &Node) -> Result<(), ExpressionError> {
    let least =
        function.parameters.iter().rposition(|parameter| parameter.required).map_or(0, |last| last + 1);
    let most = function.parameters.len();
    let fits = if function.repeats == 0 {
        (least..=most).contains(&given)
    } else {
        given >= least && (given.saturating_sub(most)).is_multiple_of(function.repeats)
    };
    if fits {
        return Ok(());
    }
    let expected = match (function.repeats, least == most) {
        (0, true) => least.to_string(),
        (0, false) => format!("{least} to {most}"),
        (1, _) => format!("at least {least}"),
        _ => format!("at least {least}, and an even number"),
    };
    let message =
        format!("{} takes {expected} arguments, {given} are given: {}", function.name, function.signature());
    Err(ExpressionError::new(ErrorKind::WrongArgumentCount, node.span(), message))
}

fn missing(
    function: &Function,
    parameter: &Parameter,
    position: usize,
    node: &Node,
) -> Result<(), ExpressionError> {
    if !parameter.required || (function.repeats > 0 && position >= function.parameters.len()) {
        return Ok(());
    }
    let message = format!("{} of {} must be given", parameter.name, function.signature());
    Err(ExpressionError::new(ErrorKind::MissingArgument, node.span(), message))
}

fn fits(function: &Function, parameter: &Parameter, argument: &Node) -> Result<(), ExpressionError> {
    if matches!(argument, Node::Compare { .. }) {
        return if parameter.kind == Kind::Condition { Ok(()) } else { Err(misplaced(argument.span())) };
    }
    let given = match argument {
        Node::Attribute { .. } => return Ok(()),
        Node::Literal { value: Literal::Text(text), .. } => match parameter.kind {
            Kind::Integer if text.trim().parse::<i64>().is_ok() => Kind::Integer,
            Kind::Boolean if matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "") => {
                Kind::Boolean
            }
            Kind::DateTime => Kind::DateTime,
            _ => Kind::String,
        },
        Node::Literal { value: Literal::Number(_), .. } => Kind::Integer,
        Node::Literal { value: Literal::CompareMode { .. }, .. } => Kind::CompareMode,
        Node::Call { function, .. } => function.returns,
        Node::Compare { .. } => Kind::Condition,
    };
    if accepts(parameter.kind, given) {
        return Ok(());
    }
    let message = format!(
        "{} of {} takes {}, {} is given",
        parameter.name,
        function.name,
        words(parameter.kind),
        words(given)
    );
    Err(ExpressionError::new(ErrorKind::WrongType, argument.span(), message))
}

fn accepts(wanted: Kind, given: Kind) -> bool {
    use Kind::{Any, Boolean, CompareMode, Complex, Condition, DateTime, Integer, List, String};
    if wanted == given || given == Any {
        return given != CompareMode || wanted == CompareMode;
    }
    match wanted {
        Any => given != CompareMode,
        String => matches!(given, Integer | Boolean | DateTime),
        List => matches!(given, String | Integer | Boolean | DateTime),
        Condition => matches!(given, Boolean | Integer | String),
        DateTime | Boolean | Integer => given == String && !matches!(wanted, Integer),
        CompareMode | Complex => false,
    }
}

fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "a text",
        Kind::Integer => "a whole number",
        Kind::Boolean => "True or False",
        Kind::DateTime => "a date",
        Kind::List => "a list",
        Kind::Complex => "app role assignments",
        Kind::Condition => "a condition",
        Kind::CompareMode => "vbTextCompare or vbBinaryCompare",
        Kind::Any => "a value",
    }
}
