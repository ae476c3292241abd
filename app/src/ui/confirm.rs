//! One dialog that asks before anything is destroyed: it names the object and the effect.

use super::button::Button;
use super::dialog::Dialog;
use super::state::message;
use crate::ui::live::{live_text, on_change};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::pin::Pin;
use std::rc::Rc;

/// What an action comes to: nothing, or why it failed.
pub(crate) type Outcome = Pin<Box<dyn Future<Output = Result<(), String>>>>;

#[derive(Clone)]
struct Question {
    title: String,
    effect: String,
    verb: &'static str,
    act: Rc<dyn Fn() -> Outcome>,
}

/// Asks and acts.
#[derive(Clone, Copy)]
pub(crate) struct Confirm {
    question: RwSignal<Option<Question>, LocalStorage>,
    open: RwSignal<bool>,
}

impl Confirm {
    /// To be called once, by the application.
    pub(crate) fn new() -> Self {
        Self { question: RwSignal::new_local(None), open: RwSignal::new(false) }
    }

    /// Opens the dialog; `act` runs when the person agrees.
    pub(crate) fn ask(
        self,
        title: impl Into<String>,
        effect: impl Into<String>,
        verb: &'static str,
        act: impl Fn() -> Outcome + 'static,
    ) {
        self.question.set(Some(Question {
            title: title.into(),
            effect: effect.into(),
            verb,
            act: Rc::new(act),
        }));
        self.open.set(true);
    }
}

/// The dialog of this application.
pub(crate) fn use_confirm() -> Confirm {
    use_context::<Confirm>().unwrap_or_else(Confirm::new)
}

/// Where the dialog is.
#[component]
pub(crate) fn ConfirmDialog() -> impl IntoView {
    let Confirm { question, open } = use_confirm();
    let busy = RwSignal::new(false);
    let error = RwSignal::new(String::new());
    on_change(move || {
        if open.get() {
            error.set(String::new());
        }
    });
    let agree = Callback::new(move |()| {
        let Some(question) = question.get_untracked() else { return };
        busy.set(true);
        spawn_local(async move {
            match (question.act)().await {
                Ok(()) => open.set(false),
                Err(why) => error.set(why),
            }
            busy.set(false);
        });
    });
    let title = Signal::derive(move || question.get().map(|question| question.title).unwrap_or_default());
    let effect = move || question.get().map(|question| question.effect).unwrap_or_default();
    let verb = Signal::derive(move || question.get().map_or("", |question| question.verb).to_owned());
    view! {
        <Dialog open=open title=title>
            <p class="pre">{live_text(effect)}</p>
            {message("bad", move || error.get())}
            <div class="actions">
                <Button label=verb class="danger" on_click=agree busy=busy />
                <Button label="Cancel" on_click=Callback::new(move |()| open.set(false)) />
            </div>
        </Dialog>
    }
    .into_any()
}
