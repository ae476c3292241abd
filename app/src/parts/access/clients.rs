//! OAuth clients: an id and a secret, for which a SCIM client gets access tokens of one hour.

use super::{HINT, RIGHTS, rights, scope};
use crate::api::endpoints;
use crate::cache::Remote;
use crate::parts::act::{Asking, Change, Question, asking};
use crate::parts::credential::{Making, create};
use crate::parts::remote::show;
use crate::ui::button::opener;
use crate::ui::copy::CopyField;
use crate::ui::dialog::Dialog;
use crate::ui::live::live;
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use crate::ui::time::{time, time_or};
use api::collection::Collection;
use api::directory::{OauthClient, OauthClientRequest};
use leptos::prelude::*;

/// The clients of a directory.
pub(super) fn panel(directory: &str) -> AnyView {
    let address = endpoints::directory_part(directory, "oauthClients");
    let fetched = address.clone();
    let clients = Remote::<Collection<OauthClient>>::new(move || fetched.clone());
    let open = RwSignal::new(false);
    let address = StoredValue::new(address);
    let button = opener("Create OAuth client", "add", "", open);
    view! {
        <Panel title="OAuth clients" actions=button>
            {show(clients, move |list| client_table(list, address))}
        </Panel>
        <Dialog open=open title="Create OAuth client">{live(move || create_client(address, open))}</Dialog>
    }
    .into_any()
}

fn client_table(list: Collection<OauthClient>, address: StoredValue<String>) -> AnyView {
    let Some(first) = list.value.first() else {
        let why =
            "For an identity provider that asks for a client ID and a client secret instead of a token.";
        return empty("No OAuth client yet", why, None);
    };
    let token_url = first.token_url.clone();
    let rows = list.value.into_iter().map(|client| client_row(client, address)).collect();
    let columns = &["Label", "Client ID", "Rights", "Created", "Last used", ""];
    view! {
        {table::table("OAuth clients", columns, rows)}
        <CopyField label="Token URL" value=token_url />
    }
    .into_any()
}

fn client_row(client: OauthClient, address: StoredValue<String>) -> AnyView {
    let OauthClient { client_id, label, .. } = client;
    let list = address.get_value();
    let effect = "It gets no more access tokens, and those that it has are refused from the next request on. This \
                  cannot be undone.";
    let button = asking(Asking {
        label: "Remove",
        name: Some(format!("Remove {label}")),
        class: "small danger",
        icon: "",
        question: Question {
            title: format!("Remove the OAuth client {label}?"),
            effect: effect.to_owned(),
            verb: "Remove",
        },
        change: Change::delete(format!("{list}/{}", crate::text::encode(&client_id)))
            .said(format!("{label} was removed"))
            .stale(list),
    });
    table::row(vec![
        table::heading(label),
        table::code(client_id),
        table::text(rights(client.scope)),
        table::cell(time(&client.created_date_time)),
        table::cell(time_or(client.last_used_date_time.as_deref(), "never")),
        table::buttons(button),
    ])
}

/// Asks for a label and rights.
fn create_client(address: StoredValue<String>, open: RwSignal<bool>) -> AnyView {
    let making = Making {
        hint: HINT,
        needs_label: "",
        choice: RIGHTS,
        warning: "Copy the client secret now. You will not see it again: only its fingerprint is kept.",
        shown: &[("Client ID", "clientId"), ("Client secret", "clientSecret"), ("Token URL", "tokenUrl")],
    };
    create(making, ().into_any(), open, move |label, chosen| {
        let request = OauthClientRequest { label: Some(label), scope: scope(chosen) };
        Change::post(address.get_value(), &request).stale(address.get_value())
    })
}
