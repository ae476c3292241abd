//! Boxes with a heading, lists of facts, and tiles of numbers.

use leptos::prelude::*;

/// A section with a heading.
#[component]
pub(crate) fn Panel(
    /// The heading.
    #[prop(into)]
    title: String,
    /// What stands beside the heading.
    #[prop(optional)]
    actions: Option<AnyView>,
    /// The content.
    children: Children,
) -> impl IntoView {
    let id = super::unique_id("panel");
    view! {
        <section class="panel" aria-labelledby=id>
            <header class="panel-head">
                <h2 id=id.clone()>{title}</h2>
                {actions.map(|actions| view! { <div class="actions">{actions}</div> }.into_any())}
            </header>
            {children()}
        </section>
    }
    .into_any()
}

/// The same for content that is there already: the component's code exists once and not at every place.
pub(crate) fn panel(title: &'static str, content: AnyView) -> AnyView {
    view! { <Panel title=title>{content}</Panel> }.into_any()
}

/// Names and values. Rows without a value are for the caller to leave out.
pub(crate) fn facts(rows: Vec<(&'static str, AnyView)>) -> AnyView {
    let rows =
        rows.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any());
    let rows = rows.collect::<Vec<_>>();
    view! { <dl class="facts">{rows}</dl> }.into_any()
}

/// Text as a view.
pub(crate) fn plain(text: impl Into<String>) -> AnyView {
    let text: String = text.into();
    view! { <span>{text}</span> }.into_any()
}

/// Numbers with names.
pub(crate) fn tiles(values: &[(&'static str, u64)]) -> AnyView {
    let tiles = values.iter().map(|(name, value)| {
        let value = crate::text::number(*value);
        view! { <div class="tile"><dt>{*name}</dt><dd>{value}</dd></div> }.into_any()
    });
    let tiles = tiles.collect::<Vec<_>>();
    view! { <dl class="tiles">{tiles}</dl> }.into_any()
}
