//! `…/jobs/{jobId}/schema`: mappings and scoping filters.

use serde_json::{Value, json};
use store::organization::ServicePrincipalRecord;
use worker::{Method, Response};

use super::{expression, not_allowed, not_found, only, scope};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, no_content, ok};
use crate::objects::job::{self, JobCommand};

/// Answers a request under `schema`.
pub async fn handle(
    mut exchange: Exchange,
    principal: &ServicePrincipalRecord,
    rest: &[&str],
) -> Result<Response, ApiError> {
    let id = principal.id.as_str();
    match (rest, &exchange.method) {
        ([], Method::Get) => {
            let schema: Value = job::call(&exchange.env, id, &JobCommand::Schema).await?;
            ok(&schema)
        }
        ([], Method::Put) => {
            let schema = exchange.text().await?;
            job::call::<()>(&exchange.env, id, &JobCommand::PutSchema { schema }).await?;
            note(&exchange, principal).await?;
            no_content()
        }
        ([], Method::Delete) => {
            let template = super::jobs::template_texts(principal)?.1;
            job::call::<()>(&exchange.env, id, &JobCommand::ResetSchema { template }).await?;
            note(&exchange, principal).await?;
            no_content()
        }
        ([], _) => Err(not_allowed(&exchange)),
        (["functions"], _) => {
            only(&exchange, &Method::Get)?;
            ok(&json!({ "value": functions() }))
        }
        (["filterOperators"], _) => {
            only(&exchange, &Method::Get)?;
            ok(&json!({ "value": provisioning::schema::filter_operators() }))
        }
        (["parseExpression"], _) => {
            only(&exchange, &Method::Post)?;
            expression::parse(exchange, principal).await
        }
        (["evaluateScope"], _) => {
            only(&exchange, &Method::Post)?;
            scope::evaluate(exchange, id).await
        }
        _ => Err(not_found(&exchange)),
    }
}

/// Graph's `attributeMappingFunctionSchema`, with what a person needs besides.
fn functions() -> Vec<Value> {
    provisioning::expression::functions()
        .iter()
        .map(|function| {
            let first_repeated = function.parameters.len().saturating_sub(function.repeats);
            let parameters: Vec<Value> = function
                .parameters
                .iter()
                .enumerate()
                .map(|(index, parameter)| {
                    json!({
                        "name": parameter.name,
                        "type": parameter.kind,
                        "required": parameter.required,
                        "allowMultipleOccurrences": function.repeats > 0 && index >= first_repeated,
                    })
                })
                .collect();
            json!({
                "name": function.name,
                "description": function.description,
                "parameters": parameters,
                "returns": function.returns,
                "example": function.example,
            })
        })
        .collect()
}

async fn note(exchange: &Exchange, principal: &ServicePrincipalRecord) -> Result<(), ApiError> {
    let entry = audit::Entry::provisioning("Update attribute mappings or scope", principal);
    audit::record(exchange, entry).await
}
