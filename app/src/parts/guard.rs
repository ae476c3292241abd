//! Nobody leaves a page with unsaved changes by accident.

use crate::ui::confirm::use_confirm;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// While `dirty` holds, leaving asks first: the browser for the whole page, the confirmation for links.
pub(crate) fn guard(dirty: Signal<bool>) {
    let unload = window_event_listener(leptos::ev::beforeunload, move |event| {
        if dirty.get_untracked() {
            event.prevent_default();
        }
    });
    on_cleanup(move || unload.remove());

    let confirm = use_confirm();
    let navigate = use_navigate();
    let leaving = StoredValue::new(false);
    let on_click = Closure::<dyn Fn(web_sys::MouseEvent)>::new(move |event: web_sys::MouseEvent| {
        let Some(link) = link_of(&event) else { return };
        if !dirty.try_get_untracked().unwrap_or(false) || leaving.get_value() {
            return;
        }
        event.prevent_default();
        event.stop_propagation();
        let navigate = navigate.clone();
        confirm.ask("Leave without saving?", "The changes on this page are lost.", "Leave", move || {
            leaving.set_value(true);
            navigate(&link, Default::default());
            Box::pin(async { Ok(()) })
        });
    });
    // In the capture phase, so that it comes before the router.
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let function: js_sys::Function = on_click.as_ref().unchecked_ref::<js_sys::Function>().clone();
    let _ = document.add_event_listener_with_callback_and_bool("click", &function, true);
    let kept = StoredValue::new_local(Some((on_click, function)));
    on_cleanup(move || {
        if let Some(Some((_closure, function))) = kept.try_update_value(Option::take) {
            let _ = document.remove_event_listener_with_callback_and_bool("click", &function, true);
        }
    });
}

/// The address of the page's own link that was clicked, if it was one.
fn link_of(event: &web_sys::MouseEvent) -> Option<String> {
    if event.ctrl_key() || event.meta_key() || event.shift_key() {
        return None;
    }
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let link = target.closest("main a[href], nav a[href], header a[href]").ok().flatten()?;
    let elsewhere =
        link.has_attribute("download") || link.has_attribute("target") || link.class_list().contains("skip");
    if elsewhere { None } else { link.get_attribute("href") }
}
