//! Settings of an inlet beside others: how people are found, whose word counts, and what is read.

use super::fields::Input;
use super::words::{ALWAYS_READ, ATTRIBUTES, JOINS, MAX_PRECEDENCE};
use crate::parts::directory_list::options;
use crate::ui::field::{CheckField, SelectField, TextField};
use crate::ui::live::{live_option, live_text};
use api::inlet::InletRules;
use leptos::prelude::*;
use serde_json::Value;

/// What is chosen of the attributes.
type Chosen = Vec<(&'static str, RwSignal<bool>)>;

/// The fields.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    join: RwSignal<String>,
    precedence: Input,
    /// Whether there is a precedence, which can be changed and not taken away.
    placed: bool,
    /// Whether everything is read.
    all: RwSignal<bool>,
    chosen: StoredValue<Chosen>,
    error: RwSignal<String>,
}

impl Rules {
    pub(super) fn new(rules: Option<&InletRules>) -> Self {
        let join = rules.and_then(|rules| rules.join_by.clone());
        let precedence = rules.and_then(|rules| rules.precedence).map(|place| place.to_string());
        let read = rules.and_then(|rules| rules.attributes.clone()).unwrap_or_default();
        let is_chosen = |name: &str| read.is_empty() || read.iter().any(|chosen| chosen == name);
        let chosen = ATTRIBUTES.iter().map(|name| (*name, RwSignal::new(is_chosen(name)))).collect();
        Self {
            join: RwSignal::new(join.unwrap_or_else(|| "userPrincipalName".to_owned())),
            placed: precedence.is_some(),
            precedence: Input::new(precedence.unwrap_or_default()),
            all: RwSignal::new(read.is_empty()),
            chosen: StoredValue::new(chosen),
            error: RwSignal::new(String::new()),
        }
    }

    fn place(self) -> Option<u32> {
        self.precedence.text().parse().ok().filter(|place| *place <= MAX_PRECEDENCE)
    }

    /// Names that are chosen; none when everything is read.
    fn names(self) -> Vec<&'static str> {
        if self.all.get() {
            return Vec::new();
        }
        self.chosen
            .with_value(|chosen| chosen.iter().filter(|(_, is)| is.get()).map(|(name, _)| *name).collect())
    }

    /// Marks what is wrong; true when it can be saved.
    pub(super) fn check(self) -> bool {
        let place = (self.precedence.text().is_empty() && !self.placed) || self.place().is_some();
        let place = self.precedence.check(place, "Enter a whole number from 0 to 1,000.");
        let (names, join) = (self.names(), self.join.get_untracked());
        let wrong = if self.all.get_untracked() || names.contains(&join.as_str()) {
            String::new()
        } else if !ALWAYS_READ.contains(&join.as_str()) {
            format!("People are found by {join}, so it has to be read.")
        } else if names.is_empty() {
            // No name would mean all of them.
            "Choose at least one attribute.".to_owned()
        } else {
            String::new()
        };
        let good = wrong.is_empty();
        self.error.set(wrong);
        place && good
    }

    /// What is sent about them.
    pub(super) fn entries(self) -> [(&'static str, Option<Value>); 3] {
        [
            ("joinBy", Some(self.join.get().into())),
            ("precedence", self.place().map(Value::from)),
            ("attributes", Some(self.names().into())),
        ]
    }

    /// The fields on the screen.
    pub(super) fn view(self) -> AnyView {
        let boxes = live_option(move || {
            let show = !self.all.get();
            show.then(|| {
                let boxes = self.chosen.with_value(|chosen| {
                    let wanted = chosen.iter().filter(|(name, _)| !ALWAYS_READ.contains(name));
                    wanted
                        .map(|(name, is)| view! { <CheckField label=*name value=*is /> }.into_any())
                        .collect::<Vec<_>>()
                });
                view! {
                    <fieldset class="field">
                        <legend>"Attributes that are read"</legend>
                        <p class="hint">
                            "The sign-in name and whether somebody is enabled are always read. What is not read any more is let go: \
                            another inlet's value takes its place, or none."
                        </p>
                        <div class="checks">{boxes}</div>
                    </fieldset>
                }
                .into_any()
            })
        });
        let error = self.error;
        let hint = if self.placed {
            "0 to 1,000. The lower, the more this inlet's word counts beside others'."
        } else {
            "0 to 1,000. The lower, the more this inlet's word counts beside others'. Empty: after all others."
        };
        view! {
            <div class="form-grid">
                <SelectField
                    label="Find people by"
                    value=self.join
                    options=options(&JOINS)
                    hint="How somebody who is new to this inlet is recognized in the directory, so that nobody is there twice."
                />
                <TextField
                    label="Precedence"
                    value=self.precedence.value
                    error=self.precedence.error
                    kind="number"
                    hint=hint
                />
            </div>
            <CheckField
                label="Read all attributes"
                value=self.all
                hint="Another choice reads everything again."
            />
            {boxes}
            <p class="error" role="alert">{live_text(move || error.get())}</p>
        }
        .into_any()
    }
}
