//! Scoping filters (Graph: `filter`, `filterGroup`, `filterClause`, `filterOperatorSchema`).

use serde::{Deserialize, Serialize};

use super::AttributeType;
use super::null_as_default;

/// The scope of an object mapping (Graph: `filter`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Filter {
    /// In scope when one of these passes, or when there is none. Leaving it deprovisions.
    #[serde(deserialize_with = "null_as_default")]
    pub groups: Vec<FilterGroup>,
    /// Read at all when one of these passes, or when there is none. Leaving it does *not*
    /// deprovision: the object is then not looked at.
    #[serde(deserialize_with = "null_as_default")]
    pub input_filter_groups: Vec<FilterGroup>,
    /// Kept, not used.
    #[serde(deserialize_with = "null_as_default")]
    pub category_filter_groups: Vec<FilterGroup>,
}

/// Clauses that must all hold (Graph: `filterGroup`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FilterGroup {
    /// The filter's title.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// Its clauses.
    #[serde(deserialize_with = "null_as_default")]
    pub clauses: Vec<FilterClause>,
}

/// One comparison (Graph: `filterClause`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FilterClause {
    /// Name of the operator, see [`FilterOperator`].
    pub operator_name: String,
    /// Source attribute.
    pub source_operand_name: String,
    /// What it is compared with; empty for unary operators.
    #[serde(deserialize_with = "null_as_default")]
    pub target_operand: FilterOperand,
}

/// The right side of a clause (Graph: `filterOperand`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FilterOperand {
    /// One value; the form allows several, and then one of them must fit.
    #[serde(deserialize_with = "null_as_default")]
    pub values: Vec<String>,
}

/// An operator as `filterOperators` lists it (Graph: `filterOperatorSchema`).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OperatorSchema {
    /// Id and name are the same.
    pub id: &'static str,
    /// Name that clauses use.
    pub name: &'static str,
    /// `Unary` or `Binary`.
    pub arity: &'static str,
    /// Always `All`.
    pub multivalued_comparison_type: &'static str,
    /// Types of the source attribute that it takes.
    pub supported_attribute_types: &'static [AttributeType],
}

macro_rules! operators {
    ($($(#[$meta:meta])* $variant:ident = $name:literal, $arity:literal, $types:expr;)*) => {
        /// A scoping operator.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum FilterOperator {
            $($(#[$meta])* $variant,)*
        }

        impl FilterOperator {
            /// Graph's name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The operator of this name, in any case; the portal's words are also understood.
            pub fn parse(name: &str) -> Option<Self> {
                $(if name.eq_ignore_ascii_case($name) { return Some(Self::$variant); })*
                match name.to_ascii_uppercase().replace('_', " ").as_str() {
                    "GREATER THAN" => Some(Self::GreaterThan),
                    "GREATER THAN OR EQUALS" => Some(Self::GreaterThanOrEquals),
                    "ENDS WITH" => Some(Self::EndsWith),
                    _ => None,
                }
            }

            /// Whether it takes no right side.
            pub fn is_unary(self) -> bool {
                match self { $(Self::$variant => $arity == "Unary",)* }
            }

            /// Types of the source attribute that it takes.
            pub fn types(self) -> &'static [AttributeType] {
                match self { $(Self::$variant => $types,)* }
            }
        }

        /// The operators, as `GET …/schema/filterOperators` lists them.
        pub fn filter_operators() -> Vec<OperatorSchema> {
            vec![$(OperatorSchema {
                id: $name,
                name: $name,
                arity: $arity,
                multivalued_comparison_type: "All",
                supported_attribute_types: $types,
            },)*]
        }
    };
}

use AttributeType::{Binary, Boolean, Integer, String as Text};

operators! {
    /// Equal, with regard to case.
    Equals = "EQUALS", "Binary", &[Text, Integer];
    /// Not equal, with regard to case; false when there is no value.
    NotEquals = "NOT EQUALS", "Binary", &[Text, Integer];
    /// True.
    IsTrue = "IS TRUE", "Unary", &[Boolean];
    /// False; a missing value is not false.
    IsFalse = "IS FALSE", "Unary", &[Boolean];
    /// No value, or an empty one.
    IsNull = "IS NULL", "Unary", &[Text, Integer, Binary, Boolean];
    /// A value that is not empty.
    IsNotNull = "IS NOT NULL", "Unary", &[Text, Integer, Binary, Boolean];
    /// The whole value fits the regular expression, with regard to case.
    RegexMatch = "REGEX MATCH", "Binary", &[Text, Integer];
    /// There is a value and it does not fit the regular expression as a whole.
    NotRegexMatch = "NOT REGEX MATCH", "Binary", &[Text, Integer];
    /// Whole numbers on both sides, left greater.
    GreaterThan = "Greater_Than", "Binary", &[Integer, Text];
    /// Whole numbers on both sides, left greater or equal.
    GreaterThanOrEquals = "Greater_Than_OR_EQUALS", "Binary", &[Integer, Text];
    /// The value contains the text, with regard to case.
    Includes = "Includes", "Binary", &[Text];
    /// The value ends with the text, with regard to case.
    EndsWith = "ENDS_WITH", "Binary", &[Text];
    /// Whole numbers whose common bits are not zero.
    BitsSet = "&", "Binary", &[Integer, Text];
    /// Whole numbers without common bits.
    BitsClear = "!&", "Binary", &[Integer, Text];
}
