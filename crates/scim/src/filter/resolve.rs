//! A filter with its attributes found in the schema and its values brought into their types.

use super::ast::{AttributePath, Filter, Literal, Operator, Span, Term, Test};
use super::error::{FilterError, FilterErrorKind};
use super::evaluate::fold;
use crate::resource::ResourceType;
use crate::schema::{Attribute, AttributeType, Returned, SchemaSet};
use crate::time;

/// An attribute by its canonical names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The URN of the extension; `None` for core and common attributes.
    pub extension: Option<String>,
    /// The attribute.
    pub attribute: String,
    /// The sub-attribute.
    pub sub: Option<String>,
}

impl Target {
    /// Whether this is the core or common attribute `name`, or its sub-attribute `sub`.
    pub fn is(&self, name: &str, sub: Option<&str>) -> bool {
        self.extension.is_none() && self.attribute == name && self.sub.as_deref() == sub
    }
}

/// A value of a comparison, in the type of the attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// Text, folded unless case matters.
    Text {
        /// The text.
        text: String,
        /// Whether case matters.
        exact: bool,
    },
    /// A truth value.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// An instant in Unix milliseconds.
    Instant(i64),
}

/// What is asked of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// It has a value.
    Present,
    /// One of its values compares like this; with `ne`, also if there is none.
    Compare {
        /// How.
        operator: Operator,
        /// With what.
        operand: Operand,
    },
}

/// A filter that can be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All.
    And(Vec<Condition>),
    /// At least one.
    Or(Vec<Condition>),
    /// The opposite.
    Not(Box<Condition>),
    /// Always or never.
    Constant(bool),
    /// An attribute passes a check.
    Test {
        /// The attribute.
        target: Target,
        /// The check.
        check: Check,
    },
    /// One and the same value of an attribute fulfils a condition over its sub-attributes.
    Element {
        /// The attribute, without a sub-attribute.
        target: Target,
        /// The condition; its targets are the sub-attributes.
        condition: Box<Condition>,
    },
}

impl Condition {
    /// All of `parts`. Constants are folded: a long filter over several types is short for each of them.
    fn all(parts: Vec<Condition>) -> Self {
        Self::folded(parts, false, Condition::And)
    }

    /// At least one of `parts`, folded as well.
    fn any(parts: Vec<Condition>) -> Self {
        Self::folded(parts, true, Condition::Or)
    }

    /// The opposite, folded as well.
    fn negated(self) -> Self {
        match self {
            Condition::Constant(constant) => Condition::Constant(!constant),
            condition => Condition::Not(Box::new(condition)),
        }
    }

    /// One part that is `decisive` decides; those that are the opposite say nothing.
    fn folded(mut parts: Vec<Condition>, decisive: bool, node: fn(Vec<Condition>) -> Condition) -> Self {
        if parts.contains(&Condition::Constant(decisive)) {
            return Condition::Constant(decisive);
        }
        parts.retain(|part| !matches!(part, Condition::Constant(_)));
        match (parts.len(), parts.pop()) {
            (1, Some(only)) => only,
            (_, Some(last)) => {
                parts.push(last);
                node(parts)
            }
            (_, None) => Condition::Constant(!decisive),
        }
    }

    /// Whether a stored document and its id are enough to evaluate the condition, without what is computed.
    pub fn is_over_document(&self) -> bool {
        match self {
            Condition::And(parts) | Condition::Or(parts) => parts.iter().all(Condition::is_over_document),
            Condition::Not(inner) => inner.is_over_document(),
            Condition::Constant(_) => true,
            Condition::Test { target, .. } | Condition::Element { target, .. } => {
                let is_computed =
                    matches!(target.attribute.as_str(), "meta" | "schemas" | "members" | "groups");
                // The address of a manager is computed.
                !(target.extension.is_none() && is_computed) && target.attribute != "manager"
            }
        }
    }

    /// Whether the condition depends on this core or common attribute.
    pub fn mentions(&self, name: &str) -> bool {
        match self {
            Condition::And(parts) | Condition::Or(parts) => parts.iter().any(|part| part.mentions(name)),
            Condition::Not(inner) => inner.mentions(name),
            Condition::Constant(_) => false,
            Condition::Test { target, .. } | Condition::Element { target, .. } => {
                target.extension.is_none() && target.attribute == name
            }
        }
    }
}

/// Resolves a filter for a type. An attribute that only one of `others` has makes its term never true, so that
/// one filter can go over several types (RFC 7644 section 3.4.2.1). What is true or false because of that is
/// folded, so that [`Condition::Constant`] is the whole condition or no part of it.
pub fn resolve(
    filter: &Filter,
    kind: ResourceType,
    others: &[ResourceType],
    schemas: &SchemaSet,
) -> Result<Condition, FilterError> {
    Resolver::Resource { kind, others, schemas }.filter(filter)
}

/// Resolves a filter over the sub-attributes of an attribute: what stands in brackets.
pub fn resolve_element(filter: &Filter, attribute: &Attribute) -> Result<Condition, FilterError> {
    Resolver::Element { attribute }.filter(filter)
}

/// Finds the attribute that a sort or a reference names.
pub fn resolve_target<'a>(
    path: &AttributePath,
    kind: ResourceType,
    schemas: &'a SchemaSet,
) -> Option<(Target, &'a Attribute)> {
    let found = schemas.locate(kind, path.urn.as_deref(), &path.name)?;
    let target = |sub: Option<&Attribute>| Target {
        extension: found.extension.map(str::to_owned),
        attribute: found.attribute.name.to_string(),
        sub: sub.map(|sub| sub.name.to_string()),
    };
    match &path.sub {
        Some(sub) => found.attribute.sub_attribute(sub).map(|sub| (target(Some(sub)), sub)),
        None => Some((target(None), found.attribute)),
    }
}

/// Where the names of a filter are looked for.
#[derive(Clone, Copy)]
enum Resolver<'a> {
    Resource { kind: ResourceType, others: &'a [ResourceType], schemas: &'a SchemaSet },
    Element { attribute: &'a Attribute },
}

impl<'a> Resolver<'a> {
    fn filter(self, filter: &Filter) -> Result<Condition, FilterError> {
        let all = |parts: &[Filter]| parts.iter().map(|part| self.filter(part)).collect::<Result<_, _>>();
        Ok(match filter {
            Filter::And(parts) => Condition::all(all(parts)?),
            Filter::Or(parts) => Condition::any(all(parts)?),
            Filter::Not(inner) => self.filter(inner)?.negated(),
            Filter::Term(Term::Test { path, test, span }) => match self.locate(path, *span)? {
                Some((target, attribute)) => test_of(target, attribute, test, *span)?,
                None => Condition::Constant(false),
            },
            Filter::Term(Term::Element { path, filter, rest, span }) => match self.locate(path, *span)? {
                Some((target, attribute)) => element_of(target, attribute, filter, rest.as_ref(), *span)?,
                None => Condition::Constant(false),
            },
        })
    }

    /// The attribute of a term. `None` if only another type has it.
    fn locate(
        self,
        path: &AttributePath,
        span: Span,
    ) -> Result<Option<(Target, &'a Attribute)>, FilterError> {
        let unknown = || FilterError::new(FilterErrorKind::UnknownAttribute(path.to_string()), span);
        match self {
            Resolver::Resource { kind, others, schemas } => match resolve_target(path, kind, schemas) {
                Some((_, attribute)) if attribute.returned == Returned::Never => Err(unknown()),
                Some(found) => Ok(Some(found)),
                None if others.iter().any(|other| resolve_target(path, *other, schemas).is_some()) => {
                    Ok(None)
                }
                None => Err(unknown()),
            },
            Resolver::Element { attribute } => {
                if path.urn.is_some() || path.sub.is_some() {
                    return Err(unknown());
                }
                let sub = attribute.sub_attribute(&path.name).ok_or_else(unknown)?;
                Ok(Some((Target { extension: None, attribute: sub.name.to_string(), sub: None }, sub)))
            }
        }
    }
}

fn element_of(
    target: Target,
    attribute: &Attribute,
    filter: &Filter,
    rest: Option<&(String, Test)>,
    span: Span,
) -> Result<Condition, FilterError> {
    if attribute.kind != AttributeType::Complex || target.sub.is_some() {
        return Err(FilterError::new(FilterErrorKind::NotComplex(target.attribute), span));
    }
    let mut condition = resolve_element(filter, attribute)?;
    if let Some((sub, test)) = rest {
        let path = AttributePath { urn: None, name: sub.clone(), sub: None };
        let term = Filter::Term(Term::Test { path, test: test.clone(), span });
        condition = Condition::And(vec![condition, resolve_element(&term, attribute)?]);
    }
    Ok(Condition::Element { target, condition: Box::new(condition) })
}

fn test_of(
    mut target: Target,
    attribute: &Attribute,
    test: &Test,
    span: Span,
) -> Result<Condition, FilterError> {
    let Test::Compare { operator, value } = test else {
        return Ok(Condition::Test { target, check: Check::Present });
    };
    match (operator, value) {
        (Operator::Ne, Literal::Null) => return Ok(Condition::Test { target, check: Check::Present }),
        (Operator::Eq, Literal::Null) => {
            return Ok(Condition::Not(Box::new(Condition::Test { target, check: Check::Present })));
        }
        _ => {}
    }
    let mut compared = attribute;
    if attribute.kind == AttributeType::Complex {
        let Some(value) = attribute.value_attribute() else {
            return Err(FilterError::new(FilterErrorKind::Complex(target.attribute), span));
        };
        target.sub = Some(value.name.to_string());
        compared = value;
    }
    let operand = operand(compared, *operator, value).map_err(|kind| FilterError::new(kind, span))?;
    Ok(Condition::Test { target, check: Check::Compare { operator: *operator, operand } })
}

/// Brings a value into the type of an attribute, if the operator goes with that type.
fn operand(attribute: &Attribute, operator: Operator, value: &Literal) -> Result<Operand, FilterErrorKind> {
    let kind = attribute.kind;
    let is_equality = matches!(operator, Operator::Eq | Operator::Ne);
    let is_text_search = matches!(operator, Operator::Co | Operator::Sw | Operator::Ew);
    let text = |string: &str, exact: bool| Operand::Text {
        text: if exact { string.to_owned() } else { fold(string) },
        exact,
    };
    let refused = FilterErrorKind::Operator(operator, kind);
    let mismatch = FilterErrorKind::Value(kind);
    match (kind, value) {
        (AttributeType::Boolean, _) if !is_equality => Err(refused),
        (AttributeType::Boolean, Literal::Boolean(boolean)) => Ok(Operand::Boolean(*boolean)),
        (AttributeType::Boolean, Literal::String(string)) => {
            boolean(string).map(Operand::Boolean).ok_or(mismatch)
        }
        (AttributeType::Integer | AttributeType::Decimal, _) if is_text_search => Err(refused),
        (AttributeType::Integer | AttributeType::Decimal, Literal::Number(number)) => {
            number.as_f64().map(Operand::Number).ok_or(mismatch)
        }
        (AttributeType::Integer | AttributeType::Decimal, Literal::String(string)) => {
            string.parse().ok().filter(|number: &f64| number.is_finite()).map(Operand::Number).ok_or(mismatch)
        }
        (AttributeType::DateTime, Literal::String(string)) if !is_text_search => {
            time::parse(string).map(Operand::Instant).ok_or(mismatch)
        }
        (AttributeType::DateTime, Literal::String(string)) => Ok(text(string, false)),
        (AttributeType::Binary, _) if !is_equality => Err(refused),
        (
            AttributeType::String | AttributeType::Reference | AttributeType::Binary,
            Literal::String(string),
        ) => Ok(text(string, attribute.case_exact)),
        _ => Err(mismatch),
    }
}

/// A boolean that came as a string, as Entra sends it.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}
