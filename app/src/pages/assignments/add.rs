//! The dialog that assigns.

use crate::api::ApiError;
use crate::cache::use_client;
use crate::parts::create::{Sending, dialog_end};
use crate::parts::picker::{Choice, Pick, Picker};
use crate::text::count;
use crate::ui::field::SelectField;
use crate::ui::live::live_text;
use crate::ui::toast::use_toasts;
use api::application::AppRoleAssignmentRequest;
use leptos::prelude::*;

/// Chooses users and groups and a role.
#[component]
pub(crate) fn AddAssignments(
    /// The application.
    application: String,
    /// The directory that is searched.
    directory: String,
    /// Where assignments are sent.
    address: StoredValue<String>,
    /// Roles and their names.
    roles: Vec<(String, String)>,
    /// The dialog.
    open: RwSignal<bool>,
) -> impl IntoView {
    let client = use_client();
    let toasts = use_toasts();
    let sending = Sending::new();
    let chosen = RwSignal::new(Vec::<Choice>::new());
    let progress = RwSignal::new(String::new());
    let role = RwSignal::new(roles.first().map(|(id, _)| id.clone()).unwrap_or_default());
    let assign = Callback::new(move |()| {
        let principals = chosen.get_untracked();
        if principals.is_empty() {
            sending.error.set("Choose at least one user or group.".to_owned());
            return;
        }
        // Read before anything is waited for: the dialog and its page may be left meanwhile.
        let (application, role, address) = (application.clone(), role.get_untracked(), address.get_value());
        let (total, mut at) = (principals.len(), 0_usize);
        sending.run(async move {
            let mut failures = Vec::new();
            let mut done = 0;
            for choice in principals {
                at += 1;
                if total > 1 {
                    let _ = progress.try_set(format!("{at} of {total}…"));
                }
                let request = AppRoleAssignmentRequest {
                    principal_id: choice.id.clone(),
                    resource_id: application.clone(),
                    app_role_id: role.clone(),
                };
                match client.post(&address, &request).await {
                    Ok(_) => {
                        done += 1;
                        let _ = chosen.try_update(|chosen| chosen.retain(|other| other.id != choice.id));
                    }
                    Err(error) => failures.push(explain(&choice.name, &error)),
                }
            }
            let is_there = progress.try_set(String::new()).is_none();
            client.invalidate(&address);
            if done > 0 {
                toasts.show(format!("{} added", count(done, "assignment", "assignments")));
            }
            if !failures.is_empty() {
                return Err(failures.join("\n"));
            }
            // Closed and opened again, it is another one.
            if is_there {
                open.set(false);
            }
            Ok(())
        });
    });
    view! {
        <Picker label="Search users and groups" directory=directory pick=Pick::All chosen=chosen />
        <SelectField label="Role" value=role options=roles />
        <p class="hint" role="status">{live_text(move || progress.get())}</p>
        {dialog_end("Assign", sending, open, assign)}
    }
    .into_any()
}

fn explain(name: &str, error: &ApiError) -> String {
    if error.status == 409 {
        format!("{name} has this role already.")
    } else {
        format!("{name}: {}", error.text())
    }
}
