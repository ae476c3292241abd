//! One dialog that asks before anything is destroyed: it names the object and the effect.

use super::button::Button;
use super::dialog::Dialog;
use super::state::message;
use super::toast::use_toasts;
use crate::ui::live::{live_text, memo, on_change};
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
    /// Tells it from others: what it comes to may be known when another one is on the screen.
    number: u32,
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
        let number = self.number().wrapping_add(1);
        let (title, effect) = (title.into(), effect.into());
        self.question.set(Some(Question { title, effect, verb, act: Rc::new(act), number }));
        self.open.set(true);
    }

    /// The number of the last question; 0 when there was none.
    fn number(self) -> u32 {
        self.question.with_untracked(|question| question.as_ref().map_or(0, |question| question.number))
    }
}

/// The dialog of this application.
pub(crate) fn use_confirm() -> Confirm {
    use_context::<Confirm>().unwrap_or_else(Confirm::new)
}

/// Where the dialog is.
#[component]
pub(crate) fn ConfirmDialog() -> impl IntoView {
    let (confirm, toasts) = (use_confirm(), use_toasts());
    let Confirm { question, open } = confirm;
    // The question whose action is under way; 0 for none.
    let acting = RwSignal::new(0_u32);
    let busy = memo(move || {
        let number = question.read().as_ref().map_or(0, |question| question.number);
        number > 0 && number == acting.get()
    });
    let error = RwSignal::new(String::new());
    on_change(move || {
        if open.get() {
            error.set(String::new());
        }
    });
    let agree = Callback::new(move |()| {
        let Some(asked) = question.get_untracked() else { return };
        acting.set(asked.number);
        spawn_local(async move {
            let outcome = (asked.act)().await;
            let is_shown = confirm.number() == asked.number && open.get_untracked();
            match outcome {
                Ok(()) if is_shown => open.set(false),
                Ok(()) => {}
                Err(why) if is_shown => error.set(why),
                // The dialog was closed meanwhile, or asks something else.
                Err(why) => toasts.fail(format!("{}\n{why}", asked.title)),
            }
            if acting.get_untracked() == asked.number {
                acting.set(0);
            }
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
