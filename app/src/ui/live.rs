//! Reactivity behind one type.
//!
//! The framework compiles its machinery once for every closure that it is given, about two kilobytes
//! each. Behind an object of one type all closures share it; that keeps the portal within its size
//! budget. Each function here is two: the outer makes the object, the inner, which exists once, uses it.

use leptos::prelude::*;

/// Makes something each time it is asked. A trait of our own because a boxed `Fn` carries three entry
/// points for every closure, of which one is used.
trait Make<T> {
    fn make(&mut self) -> T;
}

impl<T, F: FnMut() -> T> Make<T> for F {
    fn make(&mut self) -> T {
        self()
    }
}

/// A part of the view that is made again when what it reads changes.
pub(crate) fn live(view: impl FnMut() -> AnyView + Send + 'static) -> AnyView {
    live_view(Box::new(view))
}

fn live_view(mut view: Box<dyn Make<AnyView> + Send>) -> AnyView {
    (move || view.make()).into_any()
}

/// The same for a part that may be absent.
pub(crate) fn live_option(view: impl FnMut() -> Option<AnyView> + Send + 'static) -> AnyView {
    live_optional_view(Box::new(view))
}

fn live_optional_view(mut view: Box<dyn Make<Option<AnyView>> + Send>) -> AnyView {
    (move || view.make()).into_any()
}

/// Text that follows what it reads.
pub(crate) fn live_text(text: impl FnMut() -> String + Send + 'static) -> AnyView {
    live_string(Box::new(text))
}

fn live_string(mut text: Box<dyn Make<String> + Send>) -> AnyView {
    (move || text.make()).into_any()
}

/// An attribute that follows what it reads, and is absent while that is nothing.
pub(crate) fn live_attribute(
    value: impl FnMut() -> Option<&'static str> + Send + 'static,
) -> Box<dyn FnMut() -> Option<&'static str> + Send> {
    Box::new(value)
}

/// `true` or `false`, for attributes that want the words.
pub(crate) const fn word(value: bool) -> Option<&'static str> {
    Some(if value { "true" } else { "false" })
}

/// What a listener does with its event.
pub(crate) fn handler<E>(act: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(act)
}

/// Something to do now, and again when what it reads changes.
pub(crate) fn on_change(act: impl FnMut() + 'static) {
    on_any_change(Box::new(act));
}

fn on_any_change(mut act: Box<dyn Make<()>>) {
    Effect::new(move |_| act.make());
}

/// The next value from the one before.
trait Step<T> {
    fn step(&self, before: Option<&T>) -> T;
}

impl<T, F: Fn(Option<&T>) -> T> Step<T> for F {
    fn step(&self, before: Option<&T>) -> T {
        self(before)
    }
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
    memo_of(Box::new(value))
}

fn memo_of<T: PartialEq + Send + Sync + 'static>(value: Box<dyn Step<T> + Send + Sync>) -> Memo<T> {
    Memo::new(move |before: Option<&T>| value.step(before))
}
