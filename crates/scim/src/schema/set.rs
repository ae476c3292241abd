//! All schemas of one directory.

use super::attribute::{Attribute, AttributeType, MAX_NAME, Mutability, Returned, Schema, Uniqueness, find};
use super::custom::CustomExtension;
use super::{core_group, core_user, enterprise};
use crate::resource::ResourceType;

/// The schemas of one directory, and the look-up of attributes by every name that clients use.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaSet {
    user: Schema,
    group: Schema,
    user_extensions: Vec<Schema>,
    common: Vec<Attribute>,
}

/// An attribute that was found by a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Located<'a> {
    /// The URN of the extension that it belongs to; `None` for core and common attributes.
    pub extension: Option<&'a str>,
    /// The attribute.
    pub attribute: &'a Attribute,
}

impl SchemaSet {
    /// The core schemas, the enterprise extension and the directory's own extension. An extension under a URN
    /// that is taken already is left out.
    pub fn new(custom: Option<&CustomExtension>) -> Self {
        let mut set = SchemaSet {
            user: core_user::schema(),
            group: core_group::schema(),
            user_extensions: vec![enterprise::schema()],
            common: common(),
        };
        if let Some(custom) = custom
            && set.schema(&custom.urn).is_none()
        {
            set.user_extensions.push(custom.schema());
        }
        set
    }

    /// The core schema of a type.
    pub fn core(&self, kind: ResourceType) -> &Schema {
        match kind {
            ResourceType::User => &self.user,
            ResourceType::Group => &self.group,
        }
    }

    /// The extensions of a type.
    pub fn extensions(&self, kind: ResourceType) -> &[Schema] {
        match kind {
            ResourceType::User => &self.user_extensions,
            ResourceType::Group => &[],
        }
    }

    /// The attributes that every resource has (RFC 7643 section 3.1).
    pub fn common(&self) -> &[Attribute] {
        &self.common
    }

    /// All schemas, in the order of `/Schemas`.
    pub fn all(&self) -> impl Iterator<Item = &Schema> {
        [&self.user, &self.group].into_iter().chain(&self.user_extensions)
    }

    /// The schema with this URN, in any case.
    pub fn schema(&self, urn: &str) -> Option<&Schema> {
        self.all().find(|schema| schema.urn.eq_ignore_ascii_case(urn))
    }

    /// The extension of a type with this URN, in any case.
    pub fn extension(&self, kind: ResourceType, urn: &str) -> Option<&Schema> {
        self.extensions(kind).iter().find(|schema| schema.urn.eq_ignore_ascii_case(urn))
    }

    /// The attribute of a type with this name, in any case (RFC 7644 section 3.10). A name without a URN is
    /// looked for in the core schema first and then in the extensions, because clients write plain `manager`.
    pub fn locate(&self, kind: ResourceType, urn: Option<&str>, name: &str) -> Option<Located<'_>> {
        let core = || find(&self.core(kind).attributes, name).or_else(|| find(&self.common, name));
        let core = |()| core().map(|attribute| Located { extension: None, attribute });
        let of = |schema: &'_ Schema| -> Option<usize> {
            schema.attributes.iter().position(|attribute| attribute.name.eq_ignore_ascii_case(name))
        };
        match urn {
            Some(urn) if urn.eq_ignore_ascii_case(kind.schema_urn()) => core(()),
            Some(urn) => self.extension(kind, urn).and_then(|schema| located(schema, of(schema)?)),
            None => core(())
                .or_else(|| self.extensions(kind).iter().find_map(|schema| located(schema, of(schema)?))),
        }
    }
}

fn located(schema: &Schema, index: usize) -> Option<Located<'_>> {
    let attribute = schema.attributes.get(index)?;
    Some(Located { extension: Some(schema.urn.as_ref()), attribute })
}

/// `id`, `externalId`, `meta` and `schemas` (RFC 7643 sections 3 and 3.1).
fn common() -> Vec<Attribute> {
    let date = |name: &'static str, description: &'static str| {
        Attribute::new(name, AttributeType::DateTime, description).read_only()
    };
    vec![
        Attribute {
            returned: Returned::Always,
            uniqueness: Uniqueness::Server,
            ..Attribute::string("id", "The id given by the directory").case_exact().read_only()
        },
        Attribute {
            max_length: Some(MAX_NAME),
            ..Attribute::string("externalId", "The id given by the client").case_exact()
        },
        Attribute::complex(
            "meta",
            "About the resource",
            vec![
                Attribute::string("resourceType", "The name of the type").case_exact().read_only(),
                date("created", "When it was created"),
                date("lastModified", "When it was last changed"),
                Attribute::reference("location", &["uri"], "Its address").read_only(),
                Attribute::string("version", "Its ETag").case_exact().read_only(),
            ],
        )
        .read_only(),
        Attribute {
            multi_valued: true,
            returned: Returned::Always,
            mutability: Mutability::ReadOnly,
            ..Attribute::reference("schemas", &["uri"], "The schemas that it has attributes of")
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{CustomAttribute, CustomType};
    use crate::urn;

    #[test]
    fn attributes_are_found_by_every_name() {
        let attributes = vec![CustomAttribute::new("Business Unit", CustomType::String).unwrap()];
        let custom = CustomExtension { urn: urn::PEAKON_USER.into(), name: "Peakon".into(), attributes };
        let set = SchemaSet::new(Some(&custom));
        let check = |urn: Option<&str>, name: &str, expected: Option<(Option<&str>, &str)>| {
            let found = set.locate(ResourceType::User, urn, name);
            let found = found.map(|found| (found.extension, found.attribute.name.as_ref()));
            assert_eq!(found, expected, "{urn:?} {name}");
        };
        check(None, "USERNAME", Some((None, "userName")));
        check(Some(urn::USER), "username", Some((None, "userName")));
        check(Some(urn::USER), "meta", Some((None, "meta")));
        check(None, "manager", Some((Some(urn::ENTERPRISE_USER), "manager")));
        check(
            Some(&urn::PEAKON_USER.to_lowercase()),
            "business unit",
            Some((Some(urn::PEAKON_USER), "Business Unit")),
        );
        check(Some(urn::ENTERPRISE_USER), "userName", None);
        check(Some(urn::GROUP), "displayName", None);
        check(None, "members", None);
    }
}
