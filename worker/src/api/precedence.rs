//! `/directories/{id}/attributePrecedence`: for single attributes another order of the inlets.

use api::inlet::{AttributeConflicts, AttributePrecedence, AttributePrecedences};
use inlets::order::Orders;
use store::directory::mirror::Reordered;
use worker::{Method, Response};

use super::{directories, inlets as inlets_api, not_allowed};
use crate::audit;
use crate::error::ApiError;
use crate::exchange::{Exchange, ok};
use crate::inlet::status::Described;
use crate::objects::directory::{self, AttributeOrders, DirectoryCommand};

/// Portions of people that are gone through while the caller waits; the directory's alarm goes on with the rest.
const PORTIONS_AT_ONCE: usize = 25;

/// Answers a request.
pub async fn handle(mut exchange: Exchange, id: &str) -> Result<Response, ApiError> {
    let record = directories::find(&exchange, id).await?;
    inlets_api::check_profile(&record)?;
    match exchange.method {
        Method::Get => ok(&read(&exchange, id).await?),
        Method::Put => {
            let body: AttributePrecedences = exchange.body().await?;
            let known = inlets_api::described(&exchange, id).await?;
            let orders = checked(&exchange, id, body, &known).await?;
            let before: AttributeOrders =
                directory::call(&exchange.env, id, &DirectoryCommand::AttributeOrders).await?;
            let command = DirectoryCommand::SetAttributeOrders { orders: orders.clone() };
            directory::call::<()>(&exchange.env, id, &command).await?;
            let mut entry = audit::Entry::directory("Update attribute precedence", id, &record.display_name);
            for attribute in orders.changed(&before.orders) {
                let text = |orders: &Orders| names(orders, attribute, &known);
                entry = entry.changed(attribute, &text(&before.orders), &text(&orders));
            }
            // Before people follow: the order counts by now, whether or not the request gets to its end.
            audit::record(&exchange, entry).await?;
            follow(&exchange, id).await;
            ok(&read(&exchange, id).await?)
        }
        _ => Err(not_allowed(&exchange)),
    }
}

/// Goes through people whom another order concerns, as far as a request may. The order is kept by now: what cannot
/// be done here is the alarm's, so that an error is no answer.
pub(super) async fn follow(exchange: &Exchange, id: &str) {
    for _ in 0..PORTIONS_AT_ONCE {
        match directory::call::<Reordered>(&exchange.env, id, &DirectoryCommand::Reorder).await {
            Ok(done) if done.more => {}
            Ok(_) => return,
            Err(error) => return error.log("order of inlets"),
        }
    }
}

async fn read(exchange: &Exchange, id: &str) -> Result<AttributePrecedences, ApiError> {
    let found: AttributeOrders =
        directory::call(&exchange.env, id, &DirectoryCommand::AttributeOrders).await?;
    let orders = found.orders.iter().map(|(attribute, inlets)| AttributePrecedence {
        attribute: attribute.to_owned(),
        inlets: inlets.to_vec(),
    });
    let conflicts = found.disputes.into_iter();
    Ok(AttributePrecedences {
        value: orders.collect(),
        conflicts: conflicts.map(|(attribute, people)| AttributeConflicts { attribute, people }).collect(),
        state: if found.due { "running" } else { "idle" }.to_owned(),
    })
}

/// What a body says, as orders. Extension attributes are those of the directory and of its inlets: one that is only
/// about to be read for the first time counts as well.
async fn checked(
    exchange: &Exchange,
    id: &str,
    body: AttributePrecedences,
    known: &[Described],
) -> Result<Orders, ApiError> {
    let own: Vec<api::directory::CustomAttribute> =
        directory::call(&exchange.env, id, &DirectoryCommand::Attributes).await?;
    let mut extensions: Vec<String> = own.into_iter().map(|attribute| attribute.name).collect();
    extensions.extend(known.iter().flat_map(|known| known.inlet.extension_attributes.iter().cloned()));
    let ids: Vec<String> = known.iter().map(|known| known.inlet.id.clone()).collect();
    let given = body.value.into_iter().map(|given| (given.attribute, given.inlets)).collect();
    Orders::new(given, &ids, &extensions).map_err(|error| ApiError::bad_request(error.to_string()))
}

/// The inlets of an attribute by their names, for the audit log; `-` when it has no order of its own.
fn names(orders: &Orders, attribute: &str, known: &[Described]) -> String {
    let Some((_, named)) = orders.iter().find(|(name, _)| *name == attribute) else { return "-".to_owned() };
    let name = |id: &String| {
        let found = known.iter().find(|known| known.inlet.id == *id);
        found.map_or_else(|| id.clone(), |found| found.inlet.display_name.clone())
    };
    named.iter().map(name).collect::<Vec<_>>().join(", ")
}
