//! A dialog's form with one name in it.

use crate::ui::button::{Button, Submit};
use crate::ui::confirm::Outcome;
use crate::ui::field::TextField;
use crate::ui::live::handler;
use crate::ui::state::message;
use crate::ui::toast::{Toasts, use_toasts};
use leptos::prelude::*;

/// What the form says while and after it is sent.
#[derive(Clone, Copy)]
pub(crate) struct Sending {
    /// Whether it is under way.
    pub(crate) busy: RwSignal<bool>,
    /// Why it failed.
    pub(crate) error: RwSignal<String>,
    toasts: Toasts,
    /// The dialog in which the error is shown, when it is hidden and not gone once it is closed.
    dialog: Option<RwSignal<bool>>,
}

impl Sending {
    /// Nothing was sent yet.
    pub(crate) fn new() -> Self {
        let toasts = use_toasts();
        Self { busy: RwSignal::new(false), error: RwSignal::new(String::new()), toasts, dialog: None }
    }

    /// Nothing was sent yet, by a dialog that outlives its being closed.
    pub(crate) fn within(dialog: RwSignal<bool>) -> Self {
        Self { dialog: Some(dialog), ..Self::new() }
    }

    /// Runs a request and keeps its error. When the form was left meanwhile, the error is told where it can be seen.
    pub(crate) fn run(self, request: impl Future<Output = Result<(), String>> + 'static) {
        self.run_boxed(Box::pin(request));
    }

    fn run_boxed(self, request: Outcome) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.error.set(String::new());
        leptos::task::spawn_local(async move {
            let hidden = |dialog: RwSignal<bool>| dialog.try_get_untracked() == Some(false);
            let unseen = request.await.err().and_then(|why| match self.dialog {
                Some(dialog) if hidden(dialog) => Some(why),
                _ => self.error.try_set(why),
            });
            if let Some(why) = unseen {
                self.toasts.fail(why);
            }
            let _ = self.busy.try_set(false);
        });
    }
}

/// Lets a field say what came of a save, unless something else was typed meanwhile. Its page may be gone.
pub(crate) fn follow<T: PartialEq + Clone + Send + Sync + 'static>(field: RwSignal<T>, sent: &T, now: &T) {
    if sent != now && field.try_with_untracked(|shown| shown == sent) == Some(true) {
        field.set(now.clone());
    }
}

/// The end of a dialog's form: what went wrong, the button that submits, and the way out.
pub(crate) fn form_end(verb: &'static str, sending: Sending, open: RwSignal<bool>) -> AnyView {
    view! {
        {message("bad", move || sending.error.get())}
        <footer class="actions"><Submit label=verb busy=sending.busy />{cancel(open)}</footer>
    }
    .into_any()
}

/// The end of a dialog that is not a form: the same with a button that acts.
pub(crate) fn dialog_end(
    verb: &'static str,
    sending: Sending,
    open: RwSignal<bool>,
    act: Callback<()>,
) -> AnyView {
    view! {
        {message("bad", move || sending.error.get())}
        <footer class="actions">
            <Button label=verb class="primary" on_click=act busy=sending.busy changes=true />
            {cancel(open)}
        </footer>
    }
    .into_any()
}

/// The button that closes a dialog.
pub(crate) fn cancel(open: RwSignal<bool>) -> AnyView {
    view! { <Button label="Cancel" on_click=Callback::new(move |()| open.set(false)) /> }.into_any()
}

/// One name, a button that creates, and a way out.
#[component]
pub(crate) fn NameForm(
    /// Label of the name.
    label: &'static str,
    /// The name.
    name: RwSignal<String>,
    /// What it is good for, below it.
    #[prop(optional)]
    hint: &'static str,
    /// Label of the button.
    verb: &'static str,
    /// State of the request.
    sending: Sending,
    /// The dialog.
    open: RwSignal<bool>,
    /// Sends the name.
    on_submit: Callback<String>,
) -> impl IntoView {
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        if name.is_empty() {
            sending.error.set(format!("{label} is missing."));
        } else {
            on_submit.run(name);
        }
    };
    view! {
        <form on:submit=handler(submit) class="stack">
            <TextField label=label value=name required=true hint=hint />
            {form_end(verb, sending, open)}
        </form>
    }
    .into_any()
}
