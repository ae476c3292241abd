//! Changes as data: what is sent, what it makes old, what is said and where it leads. One function carries
//! all of them out.

use super::create::Sending;
use crate::api::{ApiError, Body, Method, parse, scim};
use crate::cache::{Client, use_client};
use crate::router::{Router, use_router};
use crate::ui::button::Button;
use crate::ui::confirm::{Confirm, Outcome, use_confirm};
use crate::ui::toast::{Toasts, use_toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use serde_json::Value;
use std::rc::Rc;

/// What is sent, made from what is kept.
type Lay = Rc<dyn Fn(&Value) -> Result<Body, ApiError>>;

/// A change that the server is asked for.
#[derive(Clone)]
pub(crate) struct Change {
    method: Method,
    path: String,
    body: Body,
    /// Makes the body from what is at the address when it is sent.
    over: Option<Lay>,
    stale: Vec<String>,
    said: String,
    goto: Option<String>,
    close: Option<RwSignal<bool>>,
}

impl Change {
    fn new(method: Method, path: String, body: Body) -> Self {
        let (stale, said) = (Vec::new(), String::new());
        Self { method, path, body, over: None, stale, said, goto: None, close: None }
    }

    /// `POST` of JSON.
    pub(crate) fn post<T: Serialize>(path: String, body: &T) -> Self {
        Self::new(Method::Post, path, Body::json(body))
    }

    /// `PATCH` of JSON.
    pub(crate) fn patch<T: Serialize>(path: String, body: &T) -> Self {
        Self::new(Method::Patch, path, Body::json(body))
    }

    /// `PUT` of a whole in which a part is changed: what is kept is read anew, so that what others changed
    /// meanwhile stays.
    pub(crate) fn put_over(path: String, lay: impl Fn(&Value) -> Result<Value, ApiError> + 'static) -> Self {
        let mut change = Self::new(Method::Put, path, Body::Empty);
        change.over = Some(Rc::new(move |kept| Ok(Body::json(&lay(kept)?))));
        change
    }

    /// `PATCH` of a part that is sent as a whole: what is kept of it is read anew, too.
    pub(crate) fn patch_over(path: String, lay: impl Fn(&Value) -> Value + 'static) -> Self {
        let mut change = Self::new(Method::Patch, path, Body::Empty);
        change.over = Some(Rc::new(move |kept| Ok(Body::json(&lay(kept)))));
        change
    }

    /// `POST` of a CSV file.
    pub(crate) fn csv(path: String, text: &str) -> Self {
        Self::new(Method::Post, path, Body::Text("text/csv", text.to_owned()))
    }

    /// `DELETE`.
    pub(crate) fn delete(path: String) -> Self {
        Self::new(Method::Delete, path, Body::Empty)
    }

    /// `POST` of a SCIM resource.
    pub(crate) fn scim_post(path: String, resource: &Value) -> Self {
        Self::new(Method::Post, path, Body::scim(resource))
    }

    /// `PATCH` of a SCIM resource.
    pub(crate) fn scim_patch(path: String, operations: Vec<Value>) -> Self {
        Self::new(Method::Patch, path, Body::scim(&scim::patch(operations)))
    }

    /// Answers whose address begins so are old afterwards.
    pub(crate) fn stale(mut self, prefix: String) -> Self {
        self.stale.push(prefix);
        self
    }

    /// What is said afterwards.
    pub(crate) fn said(mut self, text: impl Into<String>) -> Self {
        self.said = text.into();
        self
    }

    /// Which page comes afterwards.
    pub(crate) fn goto(mut self, path: String) -> Self {
        self.goto = Some(path);
        self
    }

    /// Which dialog is closed afterwards.
    pub(crate) fn close(mut self, dialog: RwSignal<bool>) -> Self {
        self.close = Some(dialog);
        self
    }
}

/// A question before a change: the object in the title, the effect below.
pub(crate) struct Question {
    pub(crate) title: String,
    pub(crate) effect: String,
    pub(crate) verb: &'static str,
}

/// Goes on with an answer.
type Then = Box<dyn FnOnce(&Value)>;

/// Carries changes out.
#[derive(Clone, Copy)]
pub(crate) struct Act {
    client: Client,
    toasts: Toasts,
    confirm: Confirm,
    router: Router,
}

/// Carries changes out for the component that asks.
pub(crate) fn use_act() -> Act {
    Act { client: use_client(), toasts: use_toasts(), confirm: use_confirm(), router: use_router() }
}

impl Act {
    /// Goes to a page.
    pub(crate) fn goto(self, path: &str) {
        self.router.go(path, false);
    }

    /// Says something.
    pub(crate) fn say(self, text: &str) {
        self.toasts.show(text);
    }

    fn carry_out(self, change: Change, then: Option<Then>) -> Outcome {
        Box::pin(async move {
            let body = match change.over {
                None => change.body,
                Some(lay) => {
                    let kept = self.client.send(Method::Get, &change.path, Body::Empty).await;
                    kept.and_then(|text| lay(&parse(&text)?)).map_err(|error| error.text())?
                }
            };
            let answer = self.client.send(change.method, &change.path, body).await;
            let answer = answer.map_err(|error| error.text())?;
            if let Some(dialog) = change.close {
                dialog.set(false);
            }
            if !change.said.is_empty() {
                self.toasts.show(change.said);
            }
            if let Some(then) = then {
                then(&parse(&answer).unwrap_or_default());
            }
            // The page that shows what is gone is left before that is asked for again.
            if let Some(path) = change.goto {
                self.goto(&path);
            }
            for prefix in change.stale {
                self.client.invalidate(&prefix);
            }
            Ok(())
        })
    }

    /// Carries a form's change out.
    pub(crate) fn send(self, sending: Sending, change: Change) {
        sending.run(self.carry_out(change, None));
    }

    /// The same, and goes on with the answer.
    pub(crate) fn send_then(self, sending: Sending, change: Change, then: impl FnOnce(&Value) + 'static) {
        sending.run(self.carry_out(change, Some(Box::new(then))));
    }

    /// Carries a change out that no form waits for; a failure is told until somebody has read it.
    pub(crate) fn now(self, change: Change) {
        let outcome = self.carry_out(change, None);
        spawn_local(async move {
            if let Err(why) = outcome.await {
                self.toasts.fail(why);
            }
        });
    }

    /// Asks, then carries out.
    pub(crate) fn ask(self, question: Question, change: Change) {
        self.ask_then(question, change, |_| ());
    }

    /// The same, and goes on with the answer.
    pub(crate) fn ask_then(
        self,
        question: Question,
        change: Change,
        then: impl FnOnce(&Value) + Clone + 'static,
    ) {
        let Question { title, effect, verb } = question;
        let carry_out = move || self.carry_out(change.clone(), Some(Box::new(then.clone())));
        self.confirm.ask(title, effect, verb, carry_out);
    }
}

/// A button that asks before it changes anything.
pub(crate) struct Asking {
    pub(crate) label: &'static str,
    /// A longer name, where the label alone is not clear.
    pub(crate) name: Option<String>,
    pub(crate) class: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) question: Question,
    pub(crate) change: Change,
}

/// The button.
pub(crate) fn asking(button: Asking) -> AnyView {
    let act = use_act();
    let Asking { label, name, class, icon, question, change } = button;
    let asked = StoredValue::new_local((question, change));
    let on_click = Callback::new(move |()| {
        asked.with_value(|(question, change)| {
            let Question { title, effect, verb } = question;
            act.ask(Question { title: title.clone(), effect: effect.clone(), verb }, change.clone());
        });
    });
    let name = name.unwrap_or_else(|| label.to_owned());
    view! { <Button label=label name=name class=class icon_name=icon on_click=on_click changes=true /> }
        .into_any()
}
