//! `/servicePrincipals/{id}/synchronization/secrets`: credentials and switches of a job.

use api::job::{SecretEntry, Secrets, secret_keys};
use worker::{Method, Response};

use super::{not_allowed, service_principals};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, no_content, ok};
use crate::objects::job::{self, JobCommand};

/// Reads (masked) and replaces the set.
pub async fn handle(mut exchange: Exchange, id: &str) -> Result<Response, ApiError> {
    let principal = service_principals::find(&exchange, id).await?;
    match exchange.method {
        Method::Get => {
            let secrets: Secrets = job::call(&exchange.env, id, &JobCommand::Secrets).await?;
            ok(&secrets)
        }
        Method::Put => {
            let secrets: Secrets = exchange.body().await?;
            let keys: Vec<&str> = secrets.value.iter().map(|entry| entry.key.as_str()).collect();
            let keys = keys.join(", ");
            let command = JobCommand::PutSecrets { entries: secrets.value, origin: exchange.origin.clone() };
            let made: Option<String> = job::call(&exchange.env, id, &command).await?;
            let entry = audit::Entry::provisioning("Update provisioning setting or credentials", &principal)
                .set("keys", &keys);
            audit::record(&exchange, entry).await?;
            match made {
                // The secret of the webhook is shown only here.
                Some(value) => {
                    let key = secret_keys::WEBHOOK_SECRET.to_owned();
                    ok(&Secrets { value: vec![SecretEntry { key, value }] })
                }
                None => no_content(),
            }
        }
        _ => Err(not_allowed(&exchange)),
    }
}
