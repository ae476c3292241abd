//! Runs the attribute mappings of one object.

use serde_json::Value as Json;

use super::attributes::references;
use super::desired::{Desired, DesiredAttribute, DesiredReference, MappingProblem};
use crate::expression::{Environment, Evaluation, Value};
use crate::log::ErrorCode;
use crate::schema::{CompiledAttribute, CompiledMapping};
use crate::target::typed;

/// What the wanted state is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A new account: every mapping, default values too.
    Create,
    /// An existing account: mappings that flow on updates.
    Update,
    /// An account whose person is no longer entitled: only mappings that read `IsSoftDeleted`.
    /// Nothing else about the person flows to the application any more.
    Deprovision,
}

impl Purpose {
    fn takes(self, attribute: &CompiledAttribute) -> bool {
        match self {
            Self::Create => true,
            Self::Update => attribute.flows_on_update(),
            Self::Deprovision => attribute.flows_on_update() && attribute.deprovisions,
        }
    }
}

/// The wanted state of the account.
pub fn desired(mapping: &CompiledMapping, environment: &Environment<'_>, purpose: Purpose) -> Desired {
    let mut desired = Desired::default();
    for attribute in mapping.attributes.iter().filter(|attribute| purpose.takes(attribute)) {
        if attribute.is_reference() {
            // Members are a queue of differences of their own; see `cycle::PendingReference`.
            if attribute.many {
                continue;
            }
            let name = attribute.source.as_ref().and_then(|expression| expression.as_attribute());
            let referenced = references(name.and_then(|name| environment.attributes.get(name)));
            if !referenced.is_empty() {
                desired.references.push(DesiredReference { mapping: attribute.clone(), referenced });
            }
            continue;
        }
        match value(attribute, environment, purpose) {
            Ok(Some((value, redacted))) => {
                desired.attributes.push(DesiredAttribute { mapping: attribute.clone(), value, redacted });
            }
            Ok(None) if purpose == Purpose::Create && attribute.required => {
                let message = "the attribute is required and has neither a value nor a default".to_owned();
                desired.problems.push(problem(attribute, ErrorCode::MandatoryFieldsMissing, message));
            }
            Ok(None) => {}
            Err((code, message)) => desired.problems.push(problem(attribute, code, message)),
        }
    }
    desired
}

fn problem(attribute: &CompiledAttribute, code: ErrorCode, message: String) -> MappingProblem {
    MappingProblem { attribute: attribute.name.clone(), required: attribute.required, code, message }
}

/// The value that a matching attribute has in the source, typed; `None` when there is none.
///
/// # Errors
/// Code and message when it cannot be computed.
pub fn matching_value(
    attribute: &CompiledAttribute,
    environment: &Environment<'_>,
) -> Result<Option<Json>, (ErrorCode, String)> {
    match value(attribute, environment, Purpose::Update)? {
        Some((value, _)) => Ok(value),
        None => Ok(None),
    }
}

type Flow = Option<(Option<Json>, bool)>;

/// `None`: the attribute does not flow. `Some((None, _))`: it is to be removed.
fn value(
    attribute: &CompiledAttribute,
    environment: &Environment<'_>,
    purpose: Purpose,
) -> Result<Flow, (ErrorCode, String)> {
    let evaluation = match &attribute.source {
        Some(source) => {
            source.evaluate(environment).map_err(|error| (ErrorCode::ExpressionFailed, error.message))?
        }
        None => Evaluation::default(),
    };
    if evaluation.ignored {
        return Ok(None);
    }
    let typed = |value: &Value| {
        typed(value, attribute.kind, attribute.many).map_err(|error| (error.code, error.message))
    };
    if !evaluation.value.is_empty() {
        return Ok(Some((Some(typed(&evaluation.value)?), evaluation.redacted)));
    }
    match (&attribute.default_value, purpose) {
        (Some(default), Purpose::Create) => {
            Ok(Some((Some(typed(&Value::from(default.as_str()))?), evaluation.redacted)))
        }
        (_, Purpose::Update) if attribute.clear_on_null && attribute.source.is_some() => {
            Ok(Some((None, evaluation.redacted)))
        }
        _ => Ok(None),
    }
}
