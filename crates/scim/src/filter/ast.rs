//! The tree of a filter. Its `Display` is a filter again, and reads back as the same tree.

use std::fmt;

use serde_json::Number;

/// Where something stands in the text, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// The name of an attribute: `urn:…:User:name.sub` (RFC 7644 section 3.10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributePath {
    /// What stands before the last colon.
    pub urn: Option<String>,
    /// The attribute. After a URN it may hold spaces.
    pub name: String,
    /// The sub-attribute.
    pub sub: Option<String>,
}

impl AttributePath {
    /// Splits a name at the last colon of its URN and the first dot after it.
    pub fn split(text: &str) -> Self {
        let (urn, rest) = match text.rsplit_once(':') {
            Some((urn, rest)) if crate::urn::is_urn(text) => (Some(urn.to_owned()), rest),
            _ => (None, text),
        };
        let (name, sub) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub.to_owned())),
            None => (rest, None),
        };
        AttributePath { urn, name: name.to_owned(), sub }
    }

    /// The path read as the URN of a schema, which has the same shape: `urn:…:2.0:User`.
    pub fn as_schema_urn(&self) -> Option<String> {
        self.urn.as_ref().map(|urn| format!("{urn}:{}", self.name))
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.name)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// How an attribute is compared (RFC 7644 table 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
}

impl Operator {
    /// All operators that take a value.
    pub const ALL: [Operator; 9] = [
        Operator::Eq,
        Operator::Ne,
        Operator::Co,
        Operator::Sw,
        Operator::Ew,
        Operator::Gt,
        Operator::Ge,
        Operator::Lt,
        Operator::Le,
    ];

    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Operator::Eq => "eq",
            Operator::Ne => "ne",
            Operator::Co => "co",
            Operator::Sw => "sw",
            Operator::Ew => "ew",
            Operator::Gt => "gt",
            Operator::Ge => "ge",
            Operator::Lt => "lt",
            Operator::Le => "le",
        }
    }

    /// The operator with this word, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operator| operator.as_str().eq_ignore_ascii_case(word))
    }
}

/// A value as it is written in a filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A JSON number.
    Number(Number),
    /// A JSON string.
    String(String),
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Null => f.write_str("null"),
            Literal::Boolean(boolean) => write!(f, "{boolean}"),
            Literal::Number(number) => write!(f, "{number}"),
            Literal::String(string) => write!(f, "{}", serde_json::Value::from(string.as_str())),
        }
    }
}

/// What is asked of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// `pr`: it has a value.
    Present,
    /// Its value compares like this.
    Compare {
        /// How.
        operator: Operator,
        /// With what.
        value: Literal,
    },
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Present => f.write_str("pr"),
            Test::Compare { operator, value } => write!(f, "{} {value}", operator.as_str()),
        }
    }
}

/// One term of a filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// `title pr`, `userName eq "x"`.
    Test {
        /// The attribute.
        path: AttributePath,
        /// What is asked.
        test: Test,
        /// The attribute's place.
        span: Span,
    },
    /// `emails[type eq "work"]`, and as Entra writes it `emails[type eq "work"].value eq "x"`.
    Element {
        /// The attribute.
        path: AttributePath,
        /// What one of its values fulfils.
        filter: Box<Filter>,
        /// What a sub-attribute of the same value fulfils as well.
        rest: Option<(String, Test)>,
        /// The attribute's place.
        span: Span,
    },
}

/// A filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of at least two.
    And(Vec<Filter>),
    /// One of at least two.
    Or(Vec<Filter>),
    /// The opposite.
    Not(Box<Filter>),
    /// One term.
    Term(Term),
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::And(parts) => {
                join(f, parts, " and ", |part| matches!(part, Filter::And(_) | Filter::Or(_)))
            }
            Filter::Or(parts) => join(f, parts, " or ", |part| matches!(part, Filter::Or(_))),
            Filter::Not(inner) => write!(f, "not ({inner})"),
            Filter::Term(Term::Test { path, test, .. }) => write!(f, "{path} {test}"),
            Filter::Term(Term::Element { path, filter, rest, .. }) => {
                write!(f, "{path}[{filter}]")?;
                match rest {
                    Some((sub, test)) => write!(f, ".{sub} {test}"),
                    None => Ok(()),
                }
            }
        }
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    parts: &[Filter],
    word: &str,
    grouped: impl Fn(&Filter) -> bool,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        if grouped(part) {
            write!(f, "({part})")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}
