//! Reactivity behind one type.
//!
//! The framework compiles its machinery once for every closure that it is given, about two kilobytes
//! each. Boxed, all closures are of one type and share it; that keeps the portal within its size budget.

use leptos::prelude::*;

/// A part of the view that is made again when what it reads changes.
pub(crate) fn live(view: impl FnMut() -> AnyView + Send + 'static) -> AnyView {
    let view: Box<dyn FnMut() -> AnyView + Send> = Box::new(view);
    view.into_any()
}

/// The same for a part that may be absent.
pub(crate) fn live_option(mut view: impl FnMut() -> Option<AnyView> + Send + 'static) -> AnyView {
    live(move || view().unwrap_or_else(|| ().into_any()))
}

/// Text that follows what it reads.
pub(crate) fn live_text(text: impl FnMut() -> String + Send + 'static) -> AnyView {
    let text: Box<dyn FnMut() -> String + Send> = Box::new(text);
    text.into_any()
}

/// A value that only counts as changed when it differs.
pub(crate) fn memo<T: PartialEq + Send + Sync + 'static>(
    value: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    memo_with(move |_| value())
}

/// The same, from the value before.
pub(crate) fn memo_with<T: PartialEq + Send + Sync + 'static>(
    value: impl Fn(Option<&T>) -> T + Send + Sync + 'static,
) -> Memo<T> {
    let value: Step<T> = Box::new(value);
    Memo::new(value)
}

/// From the value before to the value now.
type Step<T> = Box<dyn Fn(Option<&T>) -> T + Send + Sync>;

/// Something to do now, and again when what it reads changes.
pub(crate) fn on_change(act: impl FnMut() + 'static) {
    let mut act: Box<dyn FnMut()> = Box::new(act);
    Effect::new(move |_| act());
}
