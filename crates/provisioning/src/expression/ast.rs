//! The tree of an expression.

use std::fmt;

use super::error::{ExpressionError, Span};
use super::functions::Function;
use super::{check, parser};
use crate::schema::{MappingSource, MappingSourceType, SourceParameter};

/// An expression that was read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    root: Node,
}

/// A node of the tree.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// `[name]`.
    Attribute {
        /// Name of the source attribute.
        name: String,
        /// Its place.
        span: Span,
    },
    /// A text, a number or a named constant.
    Literal {
        /// The value.
        value: Literal,
        /// Its place.
        span: Span,
    },
    /// A function call.
    Call {
        /// The function.
        function: &'static Function,
        /// Arguments by position; `None` where one was left empty.
        arguments: Vec<Option<Node>>,
        /// From the name to the closing parenthesis.
        span: Span,
    },
    /// `left operator right`, in a condition.
    Compare {
        /// The operator.
        operator: Comparison,
        /// What stands left.
        left: Box<Node>,
        /// What stands right.
        right: Box<Node>,
        /// From left to right.
        span: Span,
    },
}

/// A literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// `"text"`.
    Text(String),
    /// `12`, `&HF7`.
    Number(i64),
    /// `vbTextCompare` or `vbBinaryCompare`.
    CompareMode {
        /// Whether case counts.
        binary: bool,
    },
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl Node {
    /// Its place in the text.
    pub fn span(&self) -> Span {
        match self {
            Self::Attribute { span, .. }
            | Self::Literal { span, .. }
            | Self::Call { span, .. }
            | Self::Compare { span, .. } => *span,
        }
    }

    fn visit(&self, found: &mut impl FnMut(&Node)) {
        found(self);
        match self {
            Self::Attribute { .. } | Self::Literal { .. } => {}
            Self::Call { arguments, .. } => arguments.iter().flatten().for_each(|node| node.visit(found)),
            Self::Compare { left, right, .. } => {
                left.visit(found);
                right.visit(found);
            }
        }
    }

    /// The node as Graph writes it. A comparison becomes an attribute-less constant with its text,
    /// because Graph's tree has no form for it.
    fn to_source(&self) -> MappingSource {
        let (kind, name, parameters) = match self {
            Self::Attribute { name, .. } => (MappingSourceType::Attribute, name.clone(), Vec::new()),
            Self::Literal { value, .. } => (MappingSourceType::Constant, value.plain(), Vec::new()),
            Self::Compare { .. } => (MappingSourceType::Constant, self.to_string(), Vec::new()),
            Self::Call { function, arguments, .. } => {
                let parameters = arguments
                    .iter()
                    .enumerate()
                    .filter_map(|(position, argument)| {
                        let value = argument.as_ref()?.to_source();
                        Some(SourceParameter { key: function.parameter_name(position), value })
                    })
                    .collect();
                (MappingSourceType::Function, function.name.to_owned(), parameters)
            }
        };
        MappingSource { expression: self.to_string(), name: Some(name), parameters, kind }
    }
}

impl Literal {
    fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::CompareMode { .. } => self.to_string(),
        }
    }
}

impl Expression {
    /// Reads and checks an expression.
    ///
    /// # Errors
    /// The first [`ExpressionError`]: grammar, unknown function, number or type of arguments.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let root = parser::parse(text)?;
        check::check(&root)?;
        Ok(Self { root })
    }

    /// The tree.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Source attributes that it reads, each once with the first place.
    pub fn attributes(&self) -> Vec<(&str, Span)> {
        let mut names: Vec<(&str, Span)> = Vec::new();
        collect(&self.root, &mut names);
        names
    }

    /// Whether it reads this source attribute.
    pub fn reads(&self, attribute: &str) -> bool {
        self.attributes().iter().any(|(name, _)| *name == attribute)
    }

    /// Whether it calls this function anywhere.
    pub fn calls(&self, function: &str) -> bool {
        let mut found = false;
        self.root.visit(&mut |node| {
            found |= matches!(node, Node::Call { function: called, .. } if called.name == function);
        });
        found
    }

    /// The name of the attribute when the expression is nothing but one: a direct mapping.
    pub fn as_attribute(&self) -> Option<&str> {
        match &self.root {
            Node::Attribute { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The expression in Graph's form, with its tree of parameters.
    pub fn to_source(&self) -> MappingSource {
        self.root.to_source()
    }
}

fn collect<'a>(node: &'a Node, names: &mut Vec<(&'a str, Span)>) {
    match node {
        Node::Attribute { name, span } => {
            if !names.iter().any(|(known, _)| known == name) {
                names.push((name, *span));
            }
        }
        Node::Literal { .. } => {}
        Node::Call { arguments, .. } => arguments.iter().flatten().for_each(|node| collect(node, names)),
        Node::Compare { left, right, .. } => {
            collect(left, names);
            collect(right, names);
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
            Self::Number(number) => write!(f, "{number}"),
            Self::CompareMode { binary: true } => f.write_str("vbBinaryCompare"),
            Self::CompareMode { binary: false } => f.write_str("vbTextCompare"),
        }
    }
}

/// Prints text that reads back as the same tree.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute { name, .. } => write!(f, "[{name}]"),
            Self::Literal { value, .. } => write!(f, "{value}"),
            Self::Compare { operator, left, right, .. } => write!(f, "{left} {} {right}", operator.as_str()),
            Self::Call { function, arguments, .. } => {
                write!(f, "{}(", function.name)?;
                for (position, argument) in arguments.iter().enumerate() {
                    if position > 0 {
                        f.write_str(", ")?;
                    }
                    if let Some(argument) = argument {
                        write!(f, "{argument}")?;
                    }
                }
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}
