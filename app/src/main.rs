//! The portal: a Leptos single-page application over the management API and SCIM.
//!
//! [`app`] gates on the session and picks the page, [`paths`] is the only place that knows addresses,
//! [`router`] the only one that follows them, [`api`] the only one that sends, [`cache`] the only one that
//! remembers answers, [`chunks`] what is loaded apart, [`focus`] keeps the focus of whoever works by keyboard, [`keys`]
//! knows the shortcuts, [`palette`] jumps.
//! `ui` knows neither routes nor the API; `pages` has one module a page. What can be decided without a browser (query ↔
//! address, form → request, differences) lives in modules of its own and is tested on the host.

// The component macro makes what it generates `pub`.
#![allow(unreachable_pub)]

mod api;
mod app;
mod browser;
mod cache;
mod chunks;
mod focus;
mod keys;
mod pages;
mod palette;
mod parts;
mod paths;
mod router;
mod shell;
mod text;
mod ui;

fn main() {
    console_error_panic_hook::set_once();
    browser::apply_theme();
    leptos::mount::mount_to_body(app::App);
}
