//! `/directories/{id}/oauthClients`: OAuth 2.0 clients of a directory.

use api::collection::Collection;
use api::directory::{OauthClient, OauthClientCreated, OauthClientRequest, TokenScope};
use worker::{Method, Response};

use super::{directories, label, not_allowed, not_found, only};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, created, no_content, ok};
use crate::objects::directory::{self, ClientRecord, DirectoryCommand};
use crate::platform::secret::digest;
use crate::platform::{clock, random};

/// Answers a request under `oauthClients`.
pub async fn handle(exchange: Exchange, id: &str, rest: &[&str]) -> Result<Response, ApiError> {
    let record = directories::find(&exchange, id).await?;
    match (rest, &exchange.method) {
        ([], Method::Get) => {
            let clients: Vec<ClientRecord> =
                directory::call(&exchange.env, id, &DirectoryCommand::Clients).await?;
            ok(&Collection::of(clients.iter().map(|client| to_api(client, &exchange.origin, id)).collect()))
        }
        ([], Method::Post) => create(exchange, id, &record.display_name).await,
        ([client], _) => {
            only(&exchange, &Method::Delete)?;
            let command = DirectoryCommand::RemoveClient { id: (*client).to_owned() };
            if !directory::call::<bool>(&exchange.env, id, &command).await? {
                return Err(ApiError::not_found("OAuth client", client));
            }
            let entry = audit::Entry::directory("Remove OAuth client", id, &record.display_name)
                .set("clientId", client);
            audit::record(&exchange, entry).await?;
            no_content()
        }
        ([], _) => Err(not_allowed(&exchange)),
        _ => Err(not_found(&exchange)),
    }
}

async fn create(mut exchange: Exchange, id: &str, name: &str) -> Result<Response, ApiError> {
    let request: OauthClientRequest = exchange.optional_body().await?;
    let secret = random::secret()?;
    let client = ClientRecord {
        id: random::uuid()?,
        label: label(request.label.as_deref(), "Unnamed client")?,
        read_only: request.scope == TokenScope::Read,
        created_at: clock::now_ms(),
        last_used_at: None,
    };
    let command = DirectoryCommand::CreateClient { client: client.clone(), digest: digest(&secret) };
    directory::call::<()>(&exchange.env, id, &command).await?;
    let entry = audit::Entry::directory("Create OAuth client", id, name)
        .set("clientId", &client.id)
        .set("label", &client.label);
    audit::record(&exchange, entry).await?;
    created(&OauthClientCreated { client_secret: secret, client: to_api(&client, &exchange.origin, id) })
}

fn to_api(client: &ClientRecord, origin: &str, directory_id: &str) -> OauthClient {
    OauthClient {
        client_id: client.id.clone(),
        label: client.label.clone(),
        scope: if client.read_only { TokenScope::Read } else { TokenScope::ReadWrite },
        token_url: format!("{origin}/scim/{directory_id}/oauth/token"),
        created_date_time: clock::rfc3339(client.created_at),
        last_used_date_time: client.last_used_at.map(clock::rfc3339),
    }
}
