//! The directory's own attributes: its extension schema.

use api::directory::{CustomAttribute, CustomAttributeType};
use inlets::attributes::OWN_EXTENSION;
use scim::schema::{CustomAttribute as ScimAttribute, CustomExtension, CustomType, SchemaSet};
use scim::urn;
use store::directory::AttributeError;

use super::{Directory, Profile};
use crate::error::ApiError;
use crate::platform::{clock, random};

/// Attributes of a directory at most.
const MAXIMUM_ATTRIBUTES: usize = 500;

/// Attributes that every workforce directory has besides the standard's.
const WORKFORCE_ATTRIBUTES: [&str; 3] = ["usageLocation", "officeLocation", "mailNickname"];

impl Directory {
    /// The custom attributes.
    pub(super) fn attributes(&self) -> Result<Vec<CustomAttribute>, ApiError> {
        let kept = self.store()?.custom_attributes()?;
        Ok(kept
            .into_iter()
            .map(|attribute| CustomAttribute {
                kind: to_api(attribute.attribute.kind()),
                name: attribute.attribute.name().to_owned(),
                id: attribute.id,
            })
            .collect())
    }

    /// Adds a custom attribute.
    pub(super) fn create_attribute(
        &self,
        name: &str,
        kind: CustomAttributeType,
    ) -> Result<CustomAttribute, ApiError> {
        check_new(&self.attributes()?, name, kind)?;
        self.add_attribute(name, kind)
    }

    fn add_attribute(&self, name: &str, kind: CustomAttributeType) -> Result<CustomAttribute, ApiError> {
        let attribute = CustomAttribute { id: random::uuid()?, name: name.to_owned(), kind };
        self.store()?
            .add_custom_attribute(&attribute.id, &attribute.name, to_scim(kind), clock::now_ms())
            .map_err(|error| match error {
                AttributeError::Sql(error) => ApiError::from(error),
                other => ApiError::bad_request(other.to_string()),
            })?;
        *self.schemas.borrow_mut() = None;
        Ok(attribute)
    }

    /// Changes the type of a custom attribute, if what people have stays valid.
    pub(super) fn update_attribute(
        &self,
        id: &str,
        kind: CustomAttributeType,
    ) -> Result<Option<CustomAttribute>, ApiError> {
        let Some(mut attribute) = self.attributes()?.into_iter().find(|attribute| attribute.id == id) else {
            return Ok(None);
        };
        if !to_scim(attribute.kind).becomes(to_scim(kind)) {
            return Err(ApiError::bad_request(format!(
                "`{}` cannot become another type: values that people have would be lost. Only string and option change into each other; else remove the attribute and add another.",
                attribute.name
            )));
        }
        self.store()?.set_custom_attribute_type(id, to_scim(kind))?;
        *self.schemas.borrow_mut() = None;
        attribute.kind = kind;
        Ok(Some(attribute))
    }

    /// Removes a custom attribute; whether there was one.
    pub(super) fn delete_attribute(&self, id: &str) -> Result<bool, ApiError> {
        let removed = self.store()?.remove_custom_attribute(id)?;
        *self.schemas.borrow_mut() = None;
        Ok(removed)
    }

    /// Adds text attributes that are missing, or says why one cannot be added.
    pub(super) fn ensure_text_attributes(&self, names: &[&str]) -> Result<(), ApiError> {
        match self.add_text_attributes(names)?.into_iter().next() {
            Some((_, reason)) => Err(ApiError::bad_request(reason)),
            None => Ok(()),
        }
    }

    /// Adds text attributes that are missing; answers which of them cannot be added, and why.
    pub(super) fn add_text_attributes(&self, names: &[&str]) -> Result<Vec<(String, String)>, ApiError> {
        let kind = CustomAttributeType::String;
        let mut known = self.attributes()?;
        let mut refused = Vec::new();
        for name in names {
            if is_known(&known, name) {
                continue;
            }
            match check_new(&known, name, kind) {
                Ok(()) => known.push(self.add_attribute(name, kind)?),
                Err(error) => refused.push(((*name).to_owned(), error.message)),
            }
        }
        Ok(refused)
    }

    /// The schemas: the standard's with the directory's extension.
    pub(super) fn load_schemas(&self) -> Result<SchemaSet, ApiError> {
        let workforce = self.setup()?.profile == Profile::Workforce;
        let mut attributes = Vec::new();
        let invalid =
            |error: &dyn std::fmt::Display| ApiError::internal(format!("a custom attribute: {error}"));
        if workforce {
            for name in WORKFORCE_ATTRIBUTES {
                attributes
                    .push(ScimAttribute::new(name, CustomType::String).map_err(|error| invalid(&error))?);
            }
        }
        for attribute in self.attributes()? {
            attributes.push(
                ScimAttribute::new(&attribute.name, to_scim(attribute.kind))
                    .map_err(|error| invalid(&error))?,
            );
        }
        // An extension without attributes is not published: there is nothing that a client could write.
        if attributes.is_empty() {
            return Ok(SchemaSet::new(None));
        }
        let (urn, name) =
            if workforce { (OWN_EXTENSION, "Rollcall User") } else { (urn::PEAKON_USER, "Peakon User") };
        Ok(SchemaSet::new(Some(&CustomExtension { urn: urn.to_owned(), name: name.to_owned(), attributes })))
    }
}

fn is_known(known: &[CustomAttribute], name: &str) -> bool {
    known.iter().any(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// Whether an attribute may be added to those that there are.
fn check_new(known: &[CustomAttribute], name: &str, kind: CustomAttributeType) -> Result<(), ApiError> {
    if known.len() >= MAXIMUM_ATTRIBUTES {
        return Err(ApiError::bad_request(format!(
            "The directory has {MAXIMUM_ATTRIBUTES} custom attributes; remove one first."
        )));
    }
    ScimAttribute::new(name, to_scim(kind)).map_err(|error| ApiError::bad_request(error.to_string()))?;
    if is_known(known, name) {
        return Err(ApiError::new(
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            format!("The directory has an attribute `{name}` already."),
        ));
    }
    Ok(())
}

fn to_scim(kind: CustomAttributeType) -> CustomType {
    match kind {
        CustomAttributeType::String => CustomType::String,
        CustomAttributeType::Option => CustomType::Option,
        CustomAttributeType::Date => CustomType::Date,
        CustomAttributeType::Number => CustomType::Number,
        CustomAttributeType::Boolean => CustomType::Boolean,
        CustomAttributeType::Employee => CustomType::Employee,
    }
}

fn to_api(kind: CustomType) -> CustomAttributeType {
    match kind {
        CustomType::String => CustomAttributeType::String,
        CustomType::Option => CustomAttributeType::Option,
        CustomType::Date => CustomAttributeType::Date,
        CustomType::Number => CustomAttributeType::Number,
        CustomType::Boolean => CustomAttributeType::Boolean,
        CustomType::Employee => CustomAttributeType::Employee,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_attributes_has_an_end_and_names_are_checked() {
        let all = |count: usize| -> Vec<CustomAttribute> {
            (0..count)
                .map(|at| CustomAttribute {
                    id: at.to_string(),
                    name: format!("a{at}"),
                    kind: CustomAttributeType::String,
                })
                .collect()
        };
        let check = |count: usize, name: &str, expected: Option<u16>| {
            let told = check_new(&all(count), name, CustomAttributeType::String);
            assert_eq!(told.err().map(|error| error.status), expected, "{count} {name}");
        };
        check(MAXIMUM_ATTRIBUTES - 1, "extension_0a_badge", None);
        check(MAXIMUM_ATTRIBUTES, "extension_0a_badge", Some(400));
        check(1, "a:b", Some(400));
        check(1, "A0", Some(409));
    }
}
