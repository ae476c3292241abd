//! Form fields: label, hint, error and their relations, the same for all.

use super::unique_id;
use crate::ui::live::{handler, live_attribute};
use leptos::prelude::*;

/// Hint and error below a control, and what `aria-describedby` should say.
fn below(id: &str, hint: &'static str, error: Option<RwSignal<String>>) -> (Option<String>, AnyView) {
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let mut ids = Vec::new();
    if !hint.is_empty() {
        ids.push(hint_id.clone());
    }
    if error.is_some() {
        ids.push(error_id.clone());
    }
    let described = (!ids.is_empty()).then(|| ids.join(" "));
    let view = view! {
        {(!hint.is_empty()).then(|| view! { <p class="hint" id=hint_id>{hint}</p> }.into_any())}
        {error.map(|error| view! { <p class="error" id=error_id>{error}</p> }.into_any())}
    };
    (described, view.into_any())
}

fn invalid(error: Option<RwSignal<String>>) -> impl Fn() -> Option<&'static str> {
    move || error.is_some_and(|error| !error.read().is_empty()).then_some("true")
}

/// One line of text.
#[component]
pub(crate) fn TextField(
    /// Its label.
    #[prop(into)]
    label: String,
    /// Its text.
    value: RwSignal<String>,
    /// What to write, below it.
    #[prop(optional)]
    hint: &'static str,
    /// What is wrong with it; empty when nothing is.
    #[prop(optional)]
    error: Option<RwSignal<String>>,
    /// `text`, `password`, `email`, `url`, `search`, `date`, `number`.
    #[prop(default = "text")]
    kind: &'static str,
    /// Whether it must be filled in.
    #[prop(optional)]
    required: bool,
    /// An example.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Suggestions.
    #[prop(optional)]
    suggestions: Vec<String>,
    /// Called when the person leaves it.
    #[prop(optional)]
    on_blur: Option<Callback<()>>,
) -> impl IntoView {
    let id = unique_id("field");
    let (described, below) = below(&id, hint, error);
    let list = (!suggestions.is_empty()).then(|| format!("{id}-list"));
    let options = suggestions.into_iter().map(|value| view! { <option value=value></option> }.into_any());
    let options = options.collect::<Vec<_>>();
    let datalist = list.clone().map(|id| view! { <datalist id=id>{options}</datalist> }.into_any());
    let autocomplete = if kind == "password" { "new-password" } else { "off" };
    view! {
        <div class="field">
            <label for=id.clone()>
                {label}
                {required.then(|| view! { <span class="required" aria-hidden="true">" *"</span> }.into_any())}
            </label>
            <input
                id=id
                type=kind
                autocomplete=autocomplete
                spellcheck="false"
                placeholder=placeholder
                list=list
                required=required
                aria-describedby=described
                aria-invalid=live_attribute(invalid(error))
                prop:value=value
                on:input=handler(move |event| value.set(event_target_value(&event)))
                on:blur=handler(move |_| {
                    if let Some(callback) = on_blur {
                        callback.run(());
                    }
                })
            />
            {datalist}
            {below}
        </div>
    }
    .into_any()
}

/// Several lines of text.
#[component]
pub(crate) fn TextArea(
    /// Its label.
    label: &'static str,
    /// Its text.
    value: RwSignal<String>,
    /// What to write, below it.
    #[prop(optional)]
    hint: &'static str,
    /// What is wrong with it.
    #[prop(optional)]
    error: Option<RwSignal<String>>,
) -> impl IntoView {
    let id = unique_id("field");
    let (described, below) = below(&id, hint, error);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <textarea
                id=id
                class="code"
                rows="3"
                spellcheck="false"
                aria-describedby=described
                aria-invalid=live_attribute(invalid(error))
                prop:value=value
                on:input=handler(move |event| value.set(event_target_value(&event)))
            ></textarea>
            {below}
        </div>
    }
    .into_any()
}

/// A choice from a list of values and their names.
#[component]
pub(crate) fn SelectField(
    /// Its label.
    #[prop(into)]
    label: String,
    /// The chosen value.
    value: RwSignal<String>,
    /// Values and names.
    options: Vec<(String, String)>,
    /// What it means, below it.
    #[prop(optional)]
    hint: &'static str,
) -> impl IntoView {
    let id = unique_id("field");
    let (described, below) = below(&id, hint, None);
    let options = options.into_iter().map(|(option, name)| {
        let this = option.clone();
        view! { <option value=option prop:selected=move || *value.read() == this>{name}</option> }.into_any()
    });
    let options = options.collect::<Vec<_>>();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select id=id aria-describedby=described on:change=handler(move |event| value.set(event_target_value(&event)))>
                {options}
            </select>
            {below}
        </div>
    }
    .into_any()
}

/// A check box.
#[component]
pub(crate) fn CheckField(
    /// Its label.
    label: &'static str,
    /// Whether it is checked.
    value: RwSignal<bool>,
    /// What it means, below it.
    #[prop(optional)]
    hint: &'static str,
) -> impl IntoView {
    let id = unique_id("field");
    let (described, below) = below(&id, hint, None);
    view! {
        <div class="field check">
            <input
                id=id.clone()
                type="checkbox"
                aria-describedby=described
                prop:checked=value
                on:change=handler(move |event| value.set(event_target_checked(&event)))
            />
            <label for=id>{label}</label>
            {below}
        </div>
    }
    .into_any()
}

/// A choice shown in full.
#[component]
pub(crate) fn RadioField(
    /// The question.
    label: &'static str,
    /// The chosen value.
    value: RwSignal<String>,
    /// Values and names.
    options: &'static [(&'static str, &'static str)],
) -> impl IntoView {
    let group = unique_id("radio");
    let options = options.iter().map(|(option, name)| {
        let id = unique_id("field");
        view! {
            <div class="check">
                <input
                    id=id.clone()
                    type="radio"
                    name=group.clone()
                    value=*option
                    prop:checked=move || value.read().as_str() == *option
                    on:change=handler(move |_| value.set((*option).to_owned()))
                />
                <label for=id>{*name}</label>
            </div>
        }
        .into_any()
    });
    let options = options.collect::<Vec<_>>();
    view! { <fieldset class="field"><legend>{label}</legend>{options}</fieldset> }.into_any()
}
