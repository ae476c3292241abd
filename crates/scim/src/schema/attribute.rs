//! The characteristics of an attribute (RFC 7643 sections 2.2 and 7).

use std::borrow::Cow;

/// Text that is usually part of the program, but not for attributes that an administrator defines.
pub(super) type Text = Cow<'static, str>;

/// How many characters a name may have by which resources are found: it is kept in indexes and cursors.
pub(super) const MAX_NAME: usize = 1_024;

/// The data type of an attribute (RFC 7643 section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeType {
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Decimal,
    /// A whole number.
    Integer,
    /// An `xsd:dateTime`.
    DateTime,
    /// Base64.
    Binary,
    /// A URI, or the id of another resource.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

impl AttributeType {
    /// The name in `/Schemas`.
    pub fn as_str(self) -> &'static str {
        match self {
            AttributeType::String => "string",
            AttributeType::Boolean => "boolean",
            AttributeType::Decimal => "decimal",
            AttributeType::Integer => "integer",
            AttributeType::DateTime => "dateTime",
            AttributeType::Binary => "binary",
            AttributeType::Reference => "reference",
            AttributeType::Complex => "complex",
        }
    }
}

/// When an attribute may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// Never by a client.
    ReadOnly,
    /// At any time.
    ReadWrite,
    /// Once.
    Immutable,
    /// At any time, but it cannot be read.
    WriteOnly,
}

impl Mutability {
    /// The name in `/Schemas`.
    pub fn as_str(self) -> &'static str {
        match self {
            Mutability::ReadOnly => "readOnly",
            Mutability::ReadWrite => "readWrite",
            Mutability::Immutable => "immutable",
            Mutability::WriteOnly => "writeOnly",
        }
    }
}

/// When an attribute is part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Whatever the request asks for.
    Always,
    /// Never.
    Never,
    /// Unless the request leaves it out.
    Default,
    /// Only if the request asks for it by name.
    Request,
}

impl Returned {
    /// The name in `/Schemas`.
    pub fn as_str(self) -> &'static str {
        match self {
            Returned::Always => "always",
            Returned::Never => "never",
            Returned::Default => "default",
            Returned::Request => "request",
        }
    }
}

/// Among what a value is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uniqueness {
    /// Not unique.
    None,
    /// In the directory.
    Server,
    /// In the world.
    Global,
}

impl Uniqueness {
    /// The name in `/Schemas`.
    pub fn as_str(self) -> &'static str {
        match self {
            Uniqueness::None => "none",
            Uniqueness::Server => "server",
            Uniqueness::Global => "global",
        }
    }
}

/// One attribute or sub-attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The canonical name.
    pub name: Text,
    /// The data type.
    pub kind: AttributeType,
    /// For people.
    pub description: Text,
    /// Whether the value is an array.
    pub multi_valued: bool,
    /// Whether a resource must have it.
    pub required: bool,
    /// Whether upper and lower case differ in comparisons.
    pub case_exact: bool,
    /// When it may be written.
    pub mutability: Mutability,
    /// When it is answered.
    pub returned: Returned,
    /// Among what it is unique.
    pub uniqueness: Uniqueness,
    /// Suggested values. Others are accepted: clients send their own types of e-mail addresses.
    pub canonical_values: &'static [&'static str],
    /// What a reference may point at: a resource type, `external` or `uri`.
    pub reference_types: &'static [&'static str],
    /// How many characters a string may have at most, where there is a narrower limit than for all strings.
    pub max_length: Option<usize>,
    /// The sub-attributes of a complex attribute.
    pub sub_attributes: Vec<Attribute>,
}

impl Attribute {
    /// An attribute with the defaults of RFC 7643 section 2.2.
    pub fn new(name: impl Into<Text>, kind: AttributeType, description: impl Into<Text>) -> Self {
        Attribute {
            name: name.into(),
            kind,
            description: description.into(),
            multi_valued: false,
            required: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            canonical_values: &[],
            reference_types: &[],
            max_length: None,
            sub_attributes: Vec::new(),
        }
    }

    /// A string.
    pub fn string(name: impl Into<Text>, description: impl Into<Text>) -> Self {
        Self::new(name, AttributeType::String, description)
    }

    /// A boolean.
    pub fn boolean(name: impl Into<Text>, description: impl Into<Text>) -> Self {
        Self::new(name, AttributeType::Boolean, description)
    }

    /// A reference to these types.
    pub fn reference(
        name: impl Into<Text>,
        types: &'static [&'static str],
        description: impl Into<Text>,
    ) -> Self {
        let reference = Self::new(name, AttributeType::Reference, description);
        Attribute { case_exact: true, reference_types: types, ..reference }
    }

    /// A complex attribute with these sub-attributes.
    pub fn complex(name: impl Into<Text>, description: impl Into<Text>, subs: Vec<Attribute>) -> Self {
        Attribute { sub_attributes: subs, ..Self::new(name, AttributeType::Complex, description) }
    }

    /// A multi-valued complex attribute with these sub-attributes.
    pub fn list(name: impl Into<Text>, description: impl Into<Text>, subs: Vec<Attribute>) -> Self {
        Attribute { multi_valued: true, ..Self::complex(name, description, subs) }
    }

    /// Makes it required.
    #[must_use]
    pub fn required(self) -> Self {
        Attribute { required: true, ..self }
    }

    /// Makes it read-only.
    #[must_use]
    pub fn read_only(self) -> Self {
        Attribute { mutability: Mutability::ReadOnly, ..self }
    }

    /// Makes case matter.
    #[must_use]
    pub fn case_exact(self) -> Self {
        Attribute { case_exact: true, ..self }
    }

    /// Suggests values.
    #[must_use]
    pub fn suggest(self, values: &'static [&'static str]) -> Self {
        Attribute { canonical_values: values, ..self }
    }

    /// The sub-attribute with this name, in any case (RFC 7643 section 2.1).
    pub fn sub_attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.sub_attributes, name)
    }

    /// The sub-attribute that stands for the whole value of a complex attribute: `value` (RFC 7643 section 2.4).
    pub fn value_attribute(&self) -> Option<&Attribute> {
        self.sub_attribute("value")
    }

    /// Whether the value names a person of the same directory by id, `userName`, e-mail address or location,
    /// as employee attributes of Peakon do.
    pub fn is_employee(&self) -> bool {
        self.kind == AttributeType::Reference && self.name != "$ref" && self.reference_types == ["User"]
    }
}

/// The attribute with this name, in any case.
pub(crate) fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// A schema (RFC 7643 section 7).
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Its URN.
    pub urn: Text,
    /// Its name.
    pub name: Text,
    /// For people.
    pub description: Text,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// The attribute with this name, in any case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.attributes, name)
    }
}
