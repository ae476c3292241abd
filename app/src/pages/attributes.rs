//! Custom attributes of a Peakon tenant: what its extension schema has beside the standard.

use crate::api::endpoints;
use crate::cache::Remote;
use crate::parts::act::{Asking, Change, Question, asking, use_act};
use crate::parts::create::{Sending, form_end};
use crate::parts::directory_list::options;
use crate::parts::remote::show;
use crate::parts::tenant::{TenantHead, directory};
use crate::paths::TenantTab;
use crate::ui::button::opener;
use crate::ui::dialog::Dialog;
use crate::ui::field::{SelectField, TextField};
use crate::ui::live::handler;
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use api::collection::Collection;
use api::directory::{CustomAttribute, CustomAttributeType};
use leptos::prelude::*;

/// The schema that the attributes belong to.
const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:peakon:2.0:User";

const KINDS: [(CustomAttributeType, &str, &str); 6] = [
    (CustomAttributeType::String, "string", "Text"),
    (CustomAttributeType::Option, "option", "Option"),
    (CustomAttributeType::Date, "date", "Date"),
    (CustomAttributeType::Number, "number", "Number"),
    (CustomAttributeType::Boolean, "boolean", "Yes or no"),
    (CustomAttributeType::Employee, "employee", "Employee"),
];

/// The list of attributes.
#[component]
pub(crate) fn Attributes(
    /// The directory's id.
    id: String,
) -> impl IntoView {
    let remote = directory(&id);
    let address = endpoints::directory_part(&id, "attributes");
    let fetched = address.clone();
    let attributes = Remote::<Collection<CustomAttribute>>::new(move || fetched.clone());
    let address = StoredValue::new(address);
    let open = RwSignal::new(false);
    let add = opener("Add attribute", "add", "primary", open);
    view! {
        <TenantHead id=id directory=remote tab=TenantTab::Attributes />
        <Panel title="Custom attributes" actions=add>
            <p class="faint">"Mappings reach them as "<code>{EXTENSION}":…"</code>"."</p>
            {show(attributes, move |list| attribute_table(list, address))}
        </Panel>
        <Dialog open=open title="Add attribute"><AddAttribute address=address open=open /></Dialog>
    }
    .into_any()
}

fn attribute_table(list: Collection<CustomAttribute>, address: StoredValue<String>) -> AnyView {
    if list.value.is_empty() {
        return empty(
            "No custom attributes yet",
            "Add one for what the standard schema does not have.",
            None,
        );
    }
    let rows = list.value.into_iter().map(|attribute| attribute_row(attribute, address)).collect();
    table::table("Custom attributes", &["Name", "Type", "SCIM path", ""], rows)
}

fn attribute_row(attribute: CustomAttribute, address: StoredValue<String>) -> AnyView {
    let CustomAttribute { id, name, kind } = attribute;
    let kind = KINDS.iter().find(|(known, ..)| *known == kind).map_or("Text", |(.., word)| word);
    let list = address.get_value();
    let effect =
        "Its values are no longer accepted nor shown, and mappings to it fail until they are removed too.";
    let button = asking(Asking {
        label: "Remove",
        name: Some(format!("Remove {name}")),
        class: "small",
        icon: "",
        question: Question {
            title: format!("Remove the attribute {name}?"),
            effect: effect.to_owned(),
            verb: "Remove",
        },
        change: Change::delete(format!("{list}/{}", crate::text::encode(&id)))
            .said(format!("{name} was removed"))
            .stale(list),
    });
    let path = format!("{EXTENSION}:{name}");
    table::row(vec![table::heading(name), table::text(kind), table::code(path), table::buttons(button)])
}

#[component]
fn AddAttribute(address: StoredValue<String>, open: RwSignal<bool>) -> impl IntoView {
    let act = use_act();
    let sending = Sending::new();
    let (name, kind) = (RwSignal::new(String::new()), RwSignal::new("string".to_owned()));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let chosen = kind.get_untracked();
        let kind = KINDS
            .iter()
            .find(|(_, value, _)| *value == chosen)
            .map_or(CustomAttributeType::String, |(kind, ..)| *kind);
        let attribute =
            CustomAttribute { id: String::new(), name: name.get_untracked().trim().to_owned(), kind };
        let list = address.get_value();
        act.send(sending, Change::post(list.clone(), &attribute).stale(list).close(open));
    };
    let kinds = options(&KINDS.map(|(_, value, word)| (value, word)));
    view! {
        <form on:submit=handler(submit) class="stack">
            <TextField label="Name" value=name required=true hint="May contain spaces, e.g. Business Unit." />
            <SelectField label="Type" value=kind options=kinds />
            {form_end("Add attribute", sending, open)}
        </form>
    }
    .into_any()
}
