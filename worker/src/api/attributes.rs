//! `/directories/{id}/attributes`: custom attributes; `/directories/{id}/sourceAttributes`: names that mappings
//! can use.

use api::collection::Collection;
use api::directory::{CustomAttribute, CustomAttributeUpdate};
use serde_json::json;
use worker::{Method, Response};

use super::{directories, not_allowed, not_found, only};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, created, no_content, ok};
use crate::objects::directory::{self, DirectoryCommand};

/// Answers a request under `attributes`.
pub async fn handle(mut exchange: Exchange, id: &str, rest: &[&str]) -> Result<Response, ApiError> {
    let record = directories::find(&exchange, id).await?;
    match (rest, &exchange.method) {
        ([], Method::Get) => ok(&Collection::of(list(&exchange, id).await?)),
        ([], Method::Post) => {
            let request: CustomAttribute = exchange.body().await?;
            let command = DirectoryCommand::CreateAttribute {
                name: request.name.trim().to_owned(),
                kind: request.kind,
            };
            let attribute: CustomAttribute = directory::call(&exchange.env, id, &command).await?;
            let entry = audit::Entry::directory("Add custom attribute", id, &record.display_name)
                .set("name", &attribute.name);
            audit::record(&exchange, entry).await?;
            created(&attribute)
        }
        ([attribute], Method::Get) => {
            let found = list(&exchange, id).await?.into_iter().find(|found| found.id == *attribute);
            ok(&found.ok_or_else(|| ApiError::not_found("custom attribute", attribute))?)
        }
        ([attribute], Method::Patch) => {
            let request: CustomAttributeUpdate = exchange.body().await?;
            if request.name.is_some() {
                // Mappings and clients address it by its name, and values are kept under it.
                return Err(ApiError::bad_request(
                    "A custom attribute cannot be renamed. Add one with the new name, and remove this one when nothing writes it any more.",
                ));
            }
            let command =
                DirectoryCommand::UpdateAttribute { id: (*attribute).to_owned(), kind: request.kind };
            let updated: Option<CustomAttribute> = directory::call(&exchange.env, id, &command).await?;
            let updated = updated.ok_or_else(|| ApiError::not_found("custom attribute", attribute))?;
            let entry = audit::Entry::directory("Update custom attribute", id, &record.display_name)
                .set("name", &updated.name);
            audit::record(&exchange, entry).await?;
            ok(&updated)
        }
        ([attribute], Method::Delete) => {
            let command = DirectoryCommand::DeleteAttribute { id: (*attribute).to_owned() };
            if !directory::call::<bool>(&exchange.env, id, &command).await? {
                return Err(ApiError::not_found("custom attribute", attribute));
            }
            let entry = audit::Entry::directory("Remove custom attribute", id, &record.display_name)
                .set("attributeId", attribute);
            audit::record(&exchange, entry).await?;
            no_content()
        }
        ([] | [_], _) => Err(not_allowed(&exchange)),
        _ => Err(not_found(&exchange)),
    }
}

async fn list(exchange: &Exchange, id: &str) -> Result<Vec<CustomAttribute>, ApiError> {
    directory::call(&exchange.env, id, &DirectoryCommand::Attributes).await
}

/// Entra's names of the attributes that a mapping can read, with the directory's own ones.
pub async fn source(exchange: Exchange, id: &str) -> Result<Response, ApiError> {
    only(&exchange, &Method::Get)?;
    directories::find(&exchange, id).await?;
    let mut value = Vec::new();
    for attribute in inlets::attributes::source_attributes() {
        value.push(crate::json::value(attribute)?);
    }
    for attribute in list(&exchange, id).await? {
        if inlets::attributes::find(&attribute.name).is_none() {
            value.push(json!({
                "name": attribute.name,
                "type": "String",
                "origin": "Directory",
                "description": "A custom attribute of the directory.",
            }));
        }
    }
    ok(&json!({ "value": value }))
}
