//! Nobody is signed in: how to get in.

use crate::browser;
use crate::router::{use_router, value};
use crate::ui::icon::icon;
use crate::ui::live::live_option;
use leptos::prelude::*;

/// The page for whoever is not signed in.
#[component]
pub(crate) fn SignedOut() -> impl IntoView {
    browser::set_title("Sign in – Rollcall");
    let query = use_router().query;
    let expired = live_option(move || {
        (value(&query.read(), "signIn") == "expired").then(|| {
            view! {
                <div class="notice warning" role="alert">
                    {icon("warning")}
                    <p>"This sign-in link was used already or is older than 15 minutes. Get a new one."</p>
                </div>
            }
            .into_any()
        })
    });
    view! {
        <main id="main" class="lone" tabindex="-1">
            <p class="brand">{icon("logo")}<span>"Rollcall"</span></p>
            <h1>"Sign in"</h1>
            {expired}
            <p>"You sign in with a one-time link. There are two ways to get one:"</p>
            <ol class="ways">
                <li>
                    <h2>"Start the server"</h2>
                    <p><code>"npm start"</code>" prints a link when it is ready. Open it in this browser."</p>
                </li>
                <li>
                    <h2>"Ask for one with an API key"</h2>
                    <pre><code>
                        "curl -X POST "{origin()}"/api/v1.0/signInLinks \\\n  -H \"Authorization: Bearer $ADMIN_API_KEY\" \\\n  -H \"Content-Type: application/json\" -d '{}'"
                    </code></pre>
                    <p>"The answer's "<code>"url"</code>" is good for one use within 15 minutes."</p>
                </li>
            </ol>
        </main>
    }
    .into_any()
}

fn origin() -> String {
    web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}
