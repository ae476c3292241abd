//! The audit log: who changed the configuration.

use crate::api::endpoints;
use crate::api::odata::{skip_token, with_query};
use crate::cache::Remote;
use crate::parts::paging::older;
use crate::parts::query::use_query;
use crate::parts::remote::show;
use crate::parts::words::status_badge;
use crate::text::words;
use crate::ui::button::Button;
use crate::ui::page::PageHead;
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use crate::ui::time::time;
use api::application::{AppRole, DEFAULT_ACCESS_ROLE, ServicePrincipal};
use api::audit::{AuditTarget, DirectoryAudit};
use api::collection::Collection;
use api::log::ModifiedProperty;
use leptos::prelude::*;

/// The list of changes, newest first.
#[component]
pub(crate) fn Audit() -> impl IntoView {
    let query = use_query();
    let applications = Remote::<Collection<ServicePrincipal>>::new(endpoints::applications);
    let audits = Remote::<Collection<DirectoryAudit>>::keeping(move || {
        with_query(&endpoints::directory_audits(), &[("$top", "50"), ("$skiptoken", &query.get("skiptoken"))])
    });
    let reload = Callback::new(move |()| audits.reload());
    let actions = view! { <Button label="Refresh" icon_name="sync" on_click=reload /> };
    let list = show(audits, move |list: Collection<DirectoryAudit>| {
        if list.value.is_empty() {
            return empty(
                "Nothing was changed yet",
                "Every change of the configuration will be listed here.",
                None,
            );
        }
        let applications = applications.value().map(|list| list.value).unwrap_or_default();
        let rows = list.value.iter().map(|audit| audit_row(audit, &applications)).collect();
        let next = list.next_link.as_deref().and_then(skip_token);
        let columns = &["Date", "Activity", "Target", "Changes", "By", "Result"];
        view! { {table::table("Configuration changes", columns, rows)} {older(query, next)} }.into_any()
    });
    view! {
        <PageHead title="Audit log" actions=actions.into_any() />
        <Panel title="Configuration changes">{list}</Panel>
    }
    .into_any()
}

/// Properties with their names in words; an id is left out where the entry has the name too, and a role is called
/// by its own.
fn readable(target: &AuditTarget, applications: &[ServicePrincipal]) -> Vec<ModifiedProperty> {
    let all = &target.modified_properties;
    let has = |name: &str| all.iter().any(|property| property.display_name == name);
    let told = all.iter().filter(|property| match property.display_name.as_str() {
        "principalId" => !has("principal"),
        "tokenId" | "clientId" => !has("label"),
        "objectId" => !has("displayName"),
        _ => true,
    });
    let roles = applications.iter().filter(|application| application.id == target.id);
    let roles: Vec<&AppRole> = roles.flat_map(|application| &application.app_roles).collect();
    let told = told.map(|property| {
        let mut property = property.clone();
        if property.display_name == "appRoleId" {
            property.display_name = "role".to_owned();
            for value in [&mut property.old_value, &mut property.new_value].into_iter().flatten() {
                if let Some(role) = roles.iter().find(|role| role.id == *value) {
                    value.clone_from(&role.display_name);
                } else if value == DEFAULT_ACCESS_ROLE {
                    "Default Access".clone_into(value);
                }
            }
        }
        if property.display_name == "keys" {
            property.display_name = "settings".to_owned();
            let keys = property.new_value.iter().flat_map(|keys| keys.split(", ")).map(words);
            property.new_value = Some(keys.collect::<Vec<_>>().join(", "));
        }
        property.display_name = words(&property.display_name);
        property
    });
    told.collect()
}

fn audit_row(audit: &DirectoryAudit, applications: &[ServicePrincipal]) -> AnyView {
    let targets = audit.target_resources.iter().map(|target| target.display_name.clone()).collect::<Vec<_>>();
    let mut changes = Vec::new();
    for target in &audit.target_resources {
        changes.extend(readable(target, applications));
    }
    table::row(vec![
        table::cell(time(&audit.activity_date_time)),
        table::heading(audit.activity_display_name.clone()),
        table::text(targets.join(", ")),
        table::cell(change_list(&changes.iter().collect::<Vec<_>>())),
        table::text(audit.initiated_by.display_name.clone()),
        table::cell(status_badge(&audit.result)),
    ])
}

/// `property: old → new`, one a line.
pub(crate) fn change_list(changes: &[&ModifiedProperty]) -> AnyView {
    let lines = changes.iter().map(|change| {
        let name = change.display_name.clone();
        let (old, new) = (change.old_value.clone(), change.new_value.clone());
        view! {
            <li class="change">
                {table::technical(&name)}": "
                {old.filter(|old| !old.is_empty()).map(|old| view! { <del>{old}</del>" → " }.into_any())}
                <ins>{new.unwrap_or_else(|| "(empty)".to_owned())}</ins>
            </li>
        }
        .into_any()
    });
    let lines = lines.collect::<Vec<_>>();
    view! { <ul>{lines}</ul> }.into_any()
}
