//! Real tables that scroll sideways by themselves.

use leptos::prelude::*;

/// A table: its caption (hidden, the heading above says it), its columns, its rows.
pub(crate) fn table(caption: impl Into<String>, columns: &[&'static str], rows: Vec<AnyView>) -> AnyView {
    let caption: String = caption.into();
    let label = caption.clone();
    let head = columns.iter().map(|name| column(name)).collect::<Vec<_>>();
    view! {
        <div class="table-scroll" tabindex="0" role="group" aria-label=label>
            <table>
                <caption class="visually-hidden">{caption}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The head of a column. One without a name holds the row's buttons, `#` begins the name of one with numbers.
fn column(name: &'static str) -> AnyView {
    if name.is_empty() {
        return view! { <th scope="col"><span class="visually-hidden">"Actions"</span></th> }.into_any();
    }
    let (class, name) = name.strip_prefix('#').map_or(("", name), |name| ("number", name));
    view! { <th scope="col" class=class>{name}</th> }.into_any()
}

/// A row.
pub(crate) fn row(cells: Vec<AnyView>) -> AnyView {
    view! { <tr>{cells}</tr> }.into_any()
}

/// A cell of text.
pub(crate) fn text(text: impl Into<String>) -> AnyView {
    let text: String = text.into();
    view! { <td>{text}</td> }.into_any()
}

/// A cell of a number, aligned to the right.
pub(crate) fn number(value: u64) -> AnyView {
    view! { <td class="number">{crate::text::number(value)}</td> }.into_any()
}

/// A cell of code: an attribute, an expression, an id.
pub(crate) fn code(text: impl Into<String>) -> AnyView {
    let text: String = text.into();
    view! { <td>{technical(&text)}</td> }.into_any()
}

/// Code in a line that ends, where it must, between the parts of the name: `urn:…:` is longer than most columns.
pub(crate) fn technical(name: &str) -> AnyView {
    let mut parts = Vec::new();
    for piece in crate::text::pieces(name) {
        if !parts.is_empty() {
            parts.push(view! { <wbr /> }.into_any());
        }
        parts.push(piece.to_owned().into_any());
    }
    view! { <code>{parts}</code> }.into_any()
}

/// A cell of anything.
pub(crate) fn cell(content: AnyView) -> AnyView {
    view! { <td>{content}</td> }.into_any()
}

/// The last cell: what can be done with the row.
pub(crate) fn buttons(content: AnyView) -> AnyView {
    view! { <td class="number">{content}</td> }.into_any()
}

/// The cell that names the row: a link.
pub(crate) fn heading_link(text: impl Into<String>, href: String) -> AnyView {
    let text: String = text.into();
    view! { <th scope="row"><a href=href>{text}</a></th> }.into_any()
}

/// The cell that names the row.
pub(crate) fn heading(text: impl Into<String>) -> AnyView {
    let text: String = text.into();
    view! { <th scope="row">{text}</th> }.into_any()
}
