//! Reactivity behind one type.
//!
//! The framework compiles its machinery once for every closure that it is given, about two kilobytes
//! each. Behind an object of one type all closures share it; that keeps the portal within its size
//! budget. The object's trait is our own because a boxed `Fn` carries three entry points, and two of
//! them are never used.

use leptos::prelude::*;

/// Makes something each time it is asked.
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
    let mut view: Box<dyn Make<AnyView> + Send> = Box::new(view);
    (move || view.make()).into_any()
}

/// The same for a part that may be absent.
pub(crate) fn live_option(view: impl FnMut() -> Option<AnyView> + Send + 'static) -> AnyView {
    let mut view: Box<dyn Make<Option<AnyView>> + Send> = Box::new(view);
    (move || view.make().unwrap_or_else(|| ().into_any())).into_any()
}

/// Text that follows what it reads.
pub(crate) fn live_text(text: impl FnMut() -> String + Send + 'static) -> AnyView {
    let mut text: Box<dyn Make<String> + Send> = Box::new(text);
    (move || text.make()).into_any()
}

/// Something to do now, and again when what it reads changes.
pub(crate) fn on_change(act: impl FnMut() + 'static) {
    let mut act: Box<dyn Make<()>> = Box::new(act);
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
    let value: Box<dyn Step<T> + Send + Sync> = Box::new(value);
    Memo::new(move |before: Option<&T>| value.step(before))
}
