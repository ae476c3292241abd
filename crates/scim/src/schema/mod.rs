//! What a directory's resources look like (RFC 7643). Validation, filters, PATCH, projection and `/Schemas` all
//! read these definitions, so what is published is what is enforced.

mod attribute;
mod core_group;
mod core_user;
mod custom;
mod document;
mod enterprise;
mod set;

pub use attribute::{Attribute, AttributeType, Mutability, Returned, Schema, Uniqueness};
pub use custom::{
    CustomAttribute, CustomAttributeError, CustomExtension, CustomType, MAX_CUSTOM_NAME, MAX_CUSTOM_STRING,
    MAX_PEAKON_STRING,
};
pub use document::{resource_type_json, schema_json};
pub use set::{Located, SchemaSet};
