//! The few things that are asked of the browser directly.

use wasm_bindgen::{JsCast, JsValue};

/// The document's root element.
fn root() -> Option<web_sys::Element> {
    web_sys::window()?.document()?.document_element()
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

const THEME_KEY: &str = "theme";

/// The chosen theme: `light`, `dark`, or empty for the system's.
pub(crate) fn theme() -> String {
    remembered(THEME_KEY)
}

/// What this browser remembers under a name; empty when that is nothing.
pub(crate) fn remembered(name: &str) -> String {
    storage().and_then(|storage| storage.get_item(name).ok()?).unwrap_or_default()
}

/// Lets this browser remember something under a name.
pub(crate) fn remember(name: &str, text: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(name, text);
    }
}

/// Puts the chosen theme on the document.
pub(crate) fn apply_theme() {
    let theme = theme();
    if let Some(root) = root() {
        let _ = if theme.is_empty() {
            root.remove_attribute("data-theme")
        } else {
            root.set_attribute("data-theme", &theme)
        };
    }
}

/// Remembers a theme and puts it on the document.
pub(crate) fn set_theme(theme: &str) {
    remember(THEME_KEY, theme);
    apply_theme();
}

/// Names the page.
pub(crate) fn set_title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// Whether the tab can be seen.
pub(crate) fn is_visible() -> bool {
    web_sys::window()
        .and_then(|window| window.document())
        .is_some_and(|document| document.visibility_state() == web_sys::VisibilityState::Visible)
}

/// Waits.
pub(crate) async fn sleep(milliseconds: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        }
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

fn find(selector: &str) -> Option<web_sys::HtmlElement> {
    let document = web_sys::window()?.document()?;
    document.query_selector(selector).ok()??.dyn_into().ok()
}

/// Moves the focus to the first element that a selector finds; tells whether there was one.
pub(crate) fn focus(selector: &str) -> bool {
    find(selector).is_some_and(|element| element.focus().is_ok())
}

/// Whether a selector finds anything.
pub(crate) fn exists(selector: &str) -> bool {
    find(selector).is_some()
}

/// Tells the style sheet how wide the page's scrollbar is, before a dialog covers the page and takes it away:
/// `--scrollbar`, in pixels. Under an open dialog there is none to measure.
pub(crate) fn measure_scrollbar() {
    let Some(root) = root().filter(|_| !exists("dialog[open]")) else { return };
    let whole_width = web_sys::window().and_then(|window| window.inner_width().ok()?.as_f64()).map(whole);
    let width = whole_width.unwrap_or_default() - i64::from(root.client_width());
    if let Some(root) = root.dyn_ref::<web_sys::HtmlElement>() {
        let _ = root.style().set_property("--scrollbar", &format!("{}px", width.max(0)));
    }
}

/// Whether the keyboard has a command key.
pub(crate) fn is_mac() -> bool {
    web_sys::window()
        .and_then(|window| window.navigator().platform().ok())
        .is_some_and(|name| name.contains("Mac"))
}

/// Whether no element has the focus.
pub(crate) fn has_no_focus() -> bool {
    let active =
        web_sys::window().and_then(|window| window.document()).and_then(|document| document.active_element());
    active.is_none_or(|element| element.tag_name() == "BODY")
}

/// Scrolls the list around an element sideways until the element can be seen.
pub(crate) fn reveal(selector: &str) {
    let Some(element) = find(selector) else { return };
    let list = element.closest("ul").ok().flatten();
    if let Some(list) = list {
        // In the middle, so that its neighbours can be seen too.
        let before = (list.client_width() - element.offset_width()) / 2;
        list.set_scroll_left((element.offset_left() - before).max(0));
    }
}

/// Scrolls the list around an element up or down until the element can be seen.
pub(crate) fn scroll_to(selector: &str) {
    let Some(element) = find(selector) else { return };
    let Some(list) = element.closest("ul").ok().flatten() else { return };
    let (top, height) = (element.offset_top(), element.offset_height());
    let (seen, room) = (list.scroll_top(), list.client_height());
    if top < seen {
        list.set_scroll_top(top);
    } else if top + height > seen + room {
        list.set_scroll_top(top + height - room);
    }
}

/// Puts text on the clipboard; false where the browser does not allow it.
pub(crate) async fn copy(text: &str) -> bool {
    // `navigator.clipboard` does not exist on a page that is neither https nor localhost.
    let Some(window) = web_sys::window() else { return false };
    let navigator = window.navigator();
    let present = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"));
    if !present.is_ok_and(|clipboard| clipboard.is_object()) {
        return false;
    }
    wasm_bindgen_futures::JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    whole(js_sys::Date::now())
}

/// JavaScript counts milliseconds in floating point; they are whole numbers all the same.
#[expect(clippy::cast_possible_truncation, reason = "times are far smaller than the range")]
fn whole(milliseconds: f64) -> i64 {
    milliseconds as i64
}

#[expect(clippy::cast_precision_loss, reason = "times are far smaller than the range")]
fn date(milliseconds: i64) -> js_sys::Date {
    js_sys::Date::new(&JsValue::from_f64(milliseconds as f64))
}

/// An RFC 3339 time in milliseconds.
pub(crate) fn parse_time(text: &str) -> Option<i64> {
    let time = js_sys::Date::parse(text);
    time.is_finite().then(|| whole(time))
}

/// A time in the reader's own language and zone.
pub(crate) fn local_time(milliseconds: i64) -> String {
    date(milliseconds).to_locale_string("default", &JsValue::UNDEFINED).into()
}

/// RFC 3339 of a time in milliseconds.
pub(crate) fn rfc3339(milliseconds: i64) -> String {
    date(milliseconds).to_iso_string().into()
}

/// Sends the browser to an address, page load included.
pub(crate) fn open(address: &str) {
    if let Some(window) = web_sys::window() {
        let _ = window.location().set_href(address);
    }
}

/// JSON with line breaks.
pub(crate) fn pretty(json: &str) -> String {
    let parsed = js_sys::JSON::parse(json).ok();
    let text = parsed.and_then(|value| {
        js_sys::JSON::stringify_with_replacer_and_space(&value, &JsValue::NULL, &JsValue::from_f64(2.0)).ok()
    });
    text.map_or_else(|| json.to_owned(), String::from)
}

/// The text of a file that the person chose.
pub(crate) async fn read(file: &web_sys::Blob) -> Option<String> {
    wasm_bindgen_futures::JsFuture::from(file.text()).await.ok()?.as_string()
}

/// Saves text as a file, as a link with `download` does.
pub(crate) fn save(name: &str, kind: &str, parts: &[String]) {
    let sequence = parts.iter().map(|part| JsValue::from_str(part)).collect::<js_sys::Array>();
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    let Ok(blob) = web_sys::Blob::new_with_str_sequence_and_options(&sequence, &options) else { return };
    let Ok(address) = web_sys::Url::create_object_url_with_blob(&blob) else { return };
    let document = web_sys::window().and_then(|window| window.document());
    let link = document.and_then(|document| document.create_element("a").ok());
    if let Some(link) = link.and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = link.set_attribute("href", &address);
        let _ = link.set_attribute("download", name);
        link.click();
    }
    let _ = web_sys::Url::revoke_object_url(&address);
}

/// Loads the portal anew.
pub(crate) fn reload() {
    if let Some(window) = web_sys::window() {
        let _ = window.location().reload();
    }
}
