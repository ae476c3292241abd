//! What an account should look like.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::id::SourceId;
use crate::log::{ErrorCode, ErrorInformation};
use crate::schema::CompiledAttribute;
use crate::target::REDACTED;

/// The wanted state of an account, as far as the mappings say.
#[derive(Debug, Clone, Default)]
pub struct Desired {
    /// Values, in the order of the mappings.
    pub attributes: Vec<DesiredAttribute>,
    /// References.
    pub references: Vec<DesiredReference>,
    /// What could not be computed.
    pub problems: Vec<MappingProblem>,
}

/// The wanted value of one attribute.
#[derive(Debug, Clone)]
pub struct DesiredAttribute {
    /// The mapping that it comes from.
    pub mapping: Arc<CompiledAttribute>,
    /// The value, typed; `None` asks for removal.
    pub value: Option<Json>,
    /// Whether the log must not show it.
    pub redacted: bool,
}

/// A reference that the account should have.
#[derive(Debug, Clone)]
pub struct DesiredReference {
    /// The mapping that it comes from.
    pub mapping: Arc<CompiledAttribute>,
    /// Source ids of the objects that are referred to.
    pub referenced: Vec<SourceId>,
}

/// A value that could not be computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingProblem {
    /// Target attribute.
    pub attribute: String,
    /// Whether a new account cannot do without it.
    pub required: bool,
    /// Code of the log.
    pub code: ErrorCode,
    /// What went wrong.
    pub message: String,
}

impl Desired {
    /// The first problem that a creation cannot do without.
    pub fn fatal(&self) -> Option<&MappingProblem> {
        self.problems.iter().find(|problem| problem.required)
    }

    /// All problems as one piece of error information; none when there is no problem.
    pub fn error(&self) -> Option<ErrorInformation> {
        let first = self.fatal().or_else(|| self.problems.first())?;
        let reasons: Vec<String> = self
            .problems
            .iter()
            .map(|problem| format!("{}: {}", problem.attribute, problem.message))
            .collect();
        Some(first.code.because(reasons.join("; "), None))
    }

    /// The values without those that the log must not show.
    pub fn masked(&self) -> Vec<DesiredAttribute> {
        let mut masked = self.attributes.clone();
        for attribute in masked.iter_mut().filter(|attribute| attribute.redacted) {
            attribute.value = attribute.value.as_ref().map(|_| Json::from(REDACTED));
        }
        masked
    }

    /// The wanted value of `active`, when the mappings set it.
    pub fn active(&self) -> Option<bool> {
        let attribute = self.attributes.iter().find(|attribute| attribute.mapping.path.is_core("active"))?;
        attribute.value.as_ref()?.as_bool()
    }
}
