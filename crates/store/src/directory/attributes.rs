//! Custom attributes of the directory's own extension, and the schemas that follow from them.

use std::fmt;

use scim::filter::fold;
use scim::schema::{CustomAttribute, CustomAttributeError, CustomExtension, CustomType, SchemaSet};

use super::DirectoryStore;
use crate::sql::{SqlError, Value};

/// A custom attribute as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeRecord {
    /// Its id in the management API.
    pub id: String,
    /// The attribute.
    pub attribute: CustomAttribute,
    /// When it was created, in Unix milliseconds.
    pub created_ms: i64,
}

/// Why an attribute was not added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeError {
    /// The name cannot be an attribute's.
    Name(CustomAttributeError),
    /// There is one with this name, in any case.
    Exists,
    /// Ours.
    Sql(SqlError),
}

impl fmt::Display for AttributeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AttributeError::Name(error) => error.fmt(f),
            AttributeError::Exists => f.write_str("There is an attribute with this name already"),
            AttributeError::Sql(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AttributeError {}

impl DirectoryStore<'_> {
    /// The custom attributes in the order of their creation.
    pub fn custom_attributes(&self) -> Result<Vec<AttributeRecord>, SqlError> {
        let rows =
            self.sql.query("SELECT id, name, type, created FROM custom_attributes ORDER BY rowid", &[])?;
        rows.rows
            .iter()
            .map(|row| {
                let (name, kind) = (row.text("name")?, row.text("type")?);
                let kind = CustomType::from_name(kind)
                    .ok_or_else(|| SqlError::other(format!("{kind} is no type of a custom attribute")))?;
                let attribute = CustomAttribute::new(name, kind)
                    .map_err(|error| SqlError::other(format!("the custom attribute {name}: {error}")))?;
                Ok(AttributeRecord {
                    id: row.text("id")?.to_owned(),
                    attribute,
                    created_ms: row.integer("created")?,
                })
            })
            .collect()
    }

    /// Adds a custom attribute.
    pub fn add_custom_attribute(
        &self,
        id: &str,
        name: &str,
        kind: CustomType,
        now_ms: i64,
    ) -> Result<AttributeRecord, AttributeError> {
        let attribute = CustomAttribute::new(name, kind).map_err(AttributeError::Name)?;
        let inserted = self.sql.query(
            "INSERT INTO custom_attributes (id, name, name_key, type, created) VALUES (?, ?, ?, ?, ?)",
            &[
                Value::from(id),
                Value::from(name),
                Value::from(fold(name)),
                Value::from(kind.as_str()),
                Value::from(now_ms),
            ],
        );
        match inserted {
            Ok(_) => Ok(AttributeRecord { id: id.to_owned(), attribute, created_ms: now_ms }),
            Err(error) if error.is_unique_violation_of("name_key") => Err(AttributeError::Exists),
            Err(error) => Err(AttributeError::Sql(error)),
        }
    }

    /// Gives a custom attribute another type, which the caller has found to be possible
    /// ([`CustomType::becomes`]). Answers whether there was one.
    pub fn set_custom_attribute_type(&self, id: &str, kind: CustomType) -> Result<bool, SqlError> {
        let rows = self.sql.query(
            "UPDATE custom_attributes SET type = ? WHERE id = ? RETURNING id",
            &[Value::from(kind.as_str()), Value::from(id)],
        )?;
        Ok(rows.first().is_some())
    }

    /// Removes a custom attribute. Values that people have stay in their documents, but are no longer answered;
    /// they are back if an attribute of the same name is. Answers whether there was one.
    pub fn remove_custom_attribute(&self, id: &str) -> Result<bool, SqlError> {
        let rows =
            self.sql.query("DELETE FROM custom_attributes WHERE id = ? RETURNING id", &[Value::from(id)])?;
        Ok(rows.first().is_some())
    }

    /// The directory's schemas, with the custom attributes under the URN and name of their extension. To be kept
    /// as long as the attributes stay the same.
    pub fn schema_set(&self, urn: &str, name: &str) -> Result<SchemaSet, SqlError> {
        let attributes: Vec<CustomAttribute> =
            self.custom_attributes()?.into_iter().map(|record| record.attribute).collect();
        if attributes.is_empty() {
            return Ok(SchemaSet::new(None));
        }
        Ok(SchemaSet::new(Some(&CustomExtension { urn: urn.to_owned(), name: name.to_owned(), attributes })))
    }
}
