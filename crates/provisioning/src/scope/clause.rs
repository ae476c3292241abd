//! One clause of a scoping filter.

use regex_lite::Regex;
use serde_json::{Map, Value as Json};

use crate::expression::Value;
use crate::regex;
use crate::schema::{FilterClause, FilterOperator};

/// A clause ready to run.
#[derive(Debug, Clone)]
pub struct CompiledClause {
    /// Source attribute.
    pub attribute: String,
    /// Operator.
    pub operator: FilterOperator,
    /// Right side.
    pub values: Vec<String>,
    regexes: Vec<Regex>,
}

impl CompiledClause {
    /// Makes a clause ready to run.
    ///
    /// # Errors
    /// The member of the clause that is wrong and why.
    pub(super) fn compile(clause: &FilterClause) -> Result<Self, (&'static str, String)> {
        let operator = FilterOperator::parse(&clause.operator_name)
            .ok_or_else(|| ("operatorName", format!("there is no operator \"{}\"", clause.operator_name)))?;
        let values = clause.target_operand.values.clone();
        if operator.is_unary() && values.iter().any(|value| !value.is_empty()) {
            return Err(("targetOperand", format!("{} takes no value", operator.as_str())));
        }
        if !operator.is_unary() && values.is_empty() {
            return Err(("targetOperand", format!("{} takes a value", operator.as_str())));
        }
        let numeric = matches!(
            operator,
            FilterOperator::GreaterThan
                | FilterOperator::GreaterThanOrEquals
                | FilterOperator::BitsSet
                | FilterOperator::BitsClear
        );
        if let Some(value) = values.iter().find(|value| numeric && number(value).is_none()) {
            return Err(("targetOperand", format!("\"{value}\" is not a whole number")));
        }
        let regexes = match operator {
            FilterOperator::RegexMatch | FilterOperator::NotRegexMatch => values
                .iter()
                .map(|value| regex::compile_anchored(value))
                .collect::<Result<_, _>>()
                .map_err(|message| ("targetOperand", message))?,
            _ => Vec::new(),
        };
        Ok(Self { attribute: clause.source_operand_name.clone(), operator, values, regexes })
    }

    /// Whether the clause holds. Several values on the right mean "one of them", for negated
    /// operators "none of them".
    pub fn holds(&self, attributes: &Map<String, Json>) -> bool {
        let value = attributes.get(&self.attribute).map_or(Value::Null, Value::from_json);
        match self.operator {
            FilterOperator::IsNull => return value.is_empty(),
            FilterOperator::IsNotNull => return !value.is_empty(),
            _ if value.is_empty() => return false,
            FilterOperator::IsTrue => return value.is_true(),
            FilterOperator::IsFalse => return !value.is_true(),
            _ => {}
        }
        let Some(text) = value.as_text() else { return false };
        let any = |test: &dyn Fn(&str) -> bool| self.values.iter().any(|value| test(value));
        let numbers = |test: &dyn Fn(i64, i64) -> bool| {
            any(&|right| match (value.as_number(), number(right)) {
                (Some(left), Some(right)) => test(left, right),
                _ => false,
            })
        };
        match self.operator {
            FilterOperator::Equals => any(&|right| text == right),
            FilterOperator::NotEquals => !any(&|right| text == right),
            FilterOperator::Includes => any(&|right| text.contains(right)),
            FilterOperator::EndsWith => any(&|right| text.ends_with(right)),
            FilterOperator::RegexMatch => self.regexes.iter().any(|regex| regex.is_match(&text)),
            FilterOperator::NotRegexMatch => !self.regexes.iter().any(|regex| regex.is_match(&text)),
            FilterOperator::GreaterThan => numbers(&|left, right| left > right),
            FilterOperator::GreaterThanOrEquals => numbers(&|left, right| left >= right),
            FilterOperator::BitsSet => numbers(&|left, right| left & right != 0),
            FilterOperator::BitsClear => numbers(&|left, right| left & right == 0),
            FilterOperator::IsNull
            | FilterOperator::IsNotNull
            | FilterOperator::IsTrue
            | FilterOperator::IsFalse => false,
        }
    }

    /// The clause for people: `department EQUALS Sales`.
    pub fn describe(&self) -> String {
        let text = format!("{} {} {}", self.attribute, self.operator.as_str(), self.values.join(", "));
        text.trim_end().to_owned()
    }
}

fn number(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}
