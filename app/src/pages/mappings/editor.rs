//! The editor of a schema: everything on the page is a draft until it was reviewed and saved.

use super::review::{difference_table, differences};
use super::{Work, attributes, mapping_panel, schema, scope, transfer};
use crate::api::endpoints;
use crate::api::scim::text;
use crate::app::use_session;
use crate::cache::{Client, Remote, use_client};
use crate::parts::application::ApplicationData;
use crate::parts::create::{Sending, dialog_end};
use crate::parts::guard::guard;
use crate::text::count;
use crate::ui::button::Button;
use crate::ui::confirm::use_confirm;
use crate::ui::dialog::Dialog;
use crate::ui::icon::icon;
use crate::ui::live::{live, live_option, live_text, memo};
use crate::ui::panel::Panel;
use crate::ui::state::message;
use crate::ui::toast::use_toasts;
use api::collection::Collection;
use leptos::prelude::*;
use serde_json::Value;

/// The schema on the screen, and the one that is stored.
#[derive(Clone, Copy)]
struct Sides {
    client: Client,
    address: StoredValue<String>,
    draft: RwSignal<Value>,
    saved: RwSignal<Value>,
    /// Counts up when the draft is replaced as a whole: then the forms begin anew.
    revision: RwSignal<u32>,
    /// What the server said when somebody else had saved; empty otherwise.
    conflict: RwSignal<String>,
}

impl Sides {
    async fn stored(self) -> Result<Value, String> {
        let address = self.address.try_get_value().unwrap_or_default();
        self.client.invalidate(&address);
        self.client.get(&address).await.map_err(|error| error.text())
    }

    /// Shows a whole schema.
    fn show(self, draft: Value) {
        self.draft.set(draft);
        self.revision.update(|revision| *revision = revision.wrapping_add(1));
    }

    /// Shows what is stored; all changes are gone.
    async fn reload(self) -> Result<(), String> {
        let stored = self.stored().await?;
        self.saved.set(stored.clone());
        self.show(stored);
        self.conflict.set(String::new());
        Ok(())
    }

    /// Keeps the changes, and compares them with what is stored now: a save then goes over it.
    async fn rebase(self) -> Result<(), String> {
        let stored = self.stored().await?;
        let version = stored.get("version").cloned().unwrap_or_default();
        self.draft.update(|draft| {
            if let Some(members) = draft.as_object_mut() {
                members.insert("version".to_owned(), version);
            }
        });
        self.saved.set(stored);
        self.conflict.set(String::new());
        Ok(())
    }

    /// Saves; a save over somebody else's is told in `conflict`.
    async fn save(self) -> Result<bool, String> {
        let schema = self.draft.get_untracked();
        match self.client.put(&self.address.get_value(), &schema).await {
            Ok(_) => {}
            Err(error) if error.status == 409 => {
                self.conflict.set(error.text());
                return Ok(false);
            }
            Err(error) => return Err(error.text()),
        }
        // The stored schema has a new version, and the server's reading of the expressions.
        self.reload().await.map(|()| true)
    }
}

/// The page's panels, and what is done with all of them.
#[component]
pub(crate) fn Editor(schema: Value, address: StoredValue<String>, data: ApplicationData) -> impl IntoView {
    let toasts = use_toasts();
    let confirm = use_confirm();
    let (sending, discarding) = (Sending::new(), Sending::new());
    let sides = Sides {
        client: use_client(),
        address,
        draft: RwSignal::new(schema.clone()),
        saved: RwSignal::new(schema),
        revision: RwSignal::new(0),
        conflict: RwSignal::new(String::new()),
    };
    let reviewing = RwSignal::new(false);
    let changes = memo(move || differences(&sides.saved.read(), &sides.draft.read()));
    let changed = memo(move || !changes.read().is_empty());
    guard(changed.into());
    let save = Callback::new(move |()| {
        sending.run(async move {
            let saved = sides.save().await?;
            reviewing.set(false);
            if saved {
                toasts.show("Mappings saved. The next cycle looks at everybody again.");
            }
            Ok(())
        });
    });
    let discard = Callback::new(move |()| discarding.run(sides.reload()));
    let overwrite = Callback::new(move |()| {
        discarding.run(async move {
            sides.rebase().await?;
            reviewing.set(true);
            Ok(())
        });
    });
    let restore = Callback::new(move |()| {
        let effect = "All changes of the mappings, the scoping filters and the target attributes are lost, saved or not. The \
                      next cycle looks at everybody again with the defaults.";
        confirm.ask(
            format!("Restore the default mappings of {}?", untrack(|| data.name())),
            effect,
            "Restore defaults",
            move || {
                Box::pin(async move {
                    // The page may be left while the question stands.
                    let Some(address) = sides.address.try_get_value() else { return Ok(()) };
                    sides.client.delete(&address).await.map_err(|error| error.text())?;
                    sides.reload().await?;
                    toasts.show("The default mappings are back");
                    Ok(())
                })
            },
        );
    });
    let nothing = memo(move || if changed.get() { "" } else { "Nothing was changed" }.to_owned());
    let how_many = live_text(move || match changes.read().len() {
        0 => "Everything is saved.".to_owned(),
        number => {
            format!("{} not saved.", count(u64::try_from(number).unwrap_or_default(), "change", "changes"))
        }
    });
    let name = memo(move || data.name());
    let review = move || {
        view! {
            <p>"Nothing is saved yet. After a save the next cycle looks at everybody again."</p>
            {live(move || difference_table(&changes.read()))}
            {dialog_end("Save changes", sending, reviewing, save)}
        }
        .into_any()
    };
    let open_review = Callback::new(move |()| {
        sending.error.set(String::new());
        reviewing.set(true);
    });
    view! {
        {panels(sides)}
        <Panel title="File">
            <transfer::Transfer draft=sides.draft name=name on_read=Callback::new(move |read| sides.show(read)) />
        </Panel>
        <div class="unsaved">
            {conflict_notice(sides, discard, overwrite)}
            {message("bad", move || discarding.error.get())}
            <Button label="Review and save" class="primary" on_click=open_review blocked=nothing changes=true />
            <Button label="Discard changes" on_click=discard busy=discarding.busy blocked=nothing />
            <Button label="Restore defaults" class="danger" icon_name="restart" on_click=restore changes=true />
            <span class="faint" role="status">{how_many}</span>
        </div>
        <Dialog open=reviewing title="Review changes" class="wide">{live(review)}</Dialog>
    }
    .into_any()
}

/// The panels of all object mappings.
fn panels(sides: Sides) -> AnyView {
    let directory = use_session().workforce_directory_id;
    let own = endpoints::directory_part(&directory, "sourceAttributes");
    let own = Remote::<Collection<Value>>::new(move || own.clone());
    live(move || {
        sides.revision.track();
        let names: Vec<String> = sides.draft.with_untracked(|schema| {
            schema::objects(schema).into_iter().map(|object| text(object, &["name"])).collect()
        });
        let panels = names.into_iter().enumerate().map(|(at, name)| {
            let work = Work {
                draft: sides.draft,
                chosen: at,
                editing: RwSignal::new(0),
                open: RwSignal::new(false),
                address: sides.address,
            };
            view! {
                {mapping_panel(name.clone(), work)}
                <scope::Scope work=work own=own />
                <attributes::TargetAttributes work=work saved=sides.saved name=name />
            }
            .into_any()
        });
        panels.collect::<Vec<_>>().into_any()
    })
}

/// Somebody else saved: what can be done, and what each choice loses.
fn conflict_notice(sides: Sides, discard: Callback<()>, overwrite: Callback<()>) -> AnyView {
    let notice = live_option(move || {
        let text = sides.conflict.get();
        (!text.is_empty()).then(|| {
            view! {
                <div class="notice warning">
                    {icon("error")}
                    <div>
                        <p><strong>"Somebody else saved these mappings."</strong>" Your changes are still here."</p>
                        <p class="pre">{text}</p>
                        <div class="actions">
                            <Button label="Load what is stored" on_click=discard />
                            <Button label="Compare and overwrite" class="danger" on_click=overwrite />
                        </div>
                        <p class="hint">
                            "Loading loses your changes. Comparing shows how your mappings differ from what is stored now; saving \
                            them then undoes the other changes."
                        </p>
                    </div>
                </div>
            }
            .into_any()
        })
    });
    view! { <div role="alert">{notice}</div> }.into_any()
}
