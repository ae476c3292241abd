//! The session ends while something is typed: that stays on the screen until somebody is signed in again.

use crate::api::{Body, Method, decode, endpoints, send};
use crate::app::use_session;
use crate::browser;
use crate::cache::{RETRY, every, use_client};
use crate::parts::create::Sending;
use crate::router::use_router;
use crate::ui::button::Button;
use crate::ui::dialog::Dialog;
use crate::ui::live::on_change;
use crate::ui::state::message;
use api::session::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The dialog. It opens with the first answer that says that nobody is signed in.
pub(crate) fn session_ended() -> AnyView {
    let (client, router, sending) = (use_client(), use_router(), Sending::new());
    let known = use_session();
    let open = RwSignal::new(false);
    on_change(move || {
        if client.signed_out.get() {
            open.set(true);
        }
    });
    let known = StoredValue::new(known);
    let go_on = Callback::new(move |()| {
        sending.run(async move {
            let now = client.get::<Session>(&endpoints::session()).await;
            let now =
                now.map_err(|error| if error.is_unauthorized() { NOBODY.to_owned() } else { error.text() })?;
            if known.try_with_value(|known| is_same(known, &now)) == Some(false) {
                return Err(OTHER.to_owned());
            }
            client.signed_in_again();
            open.set(false);
            Ok(())
        });
    });
    // The dialog may be closed without a button: whoever signs in then goes on as well.
    every(RETRY, move || {
        if !client.signed_out.get_untracked() || open.get_untracked() || !browser::is_visible() {
            return;
        }
        spawn_local(async move {
            // Not by the client: that nobody is signed in is known, and told once.
            let now = send(Method::Get, &endpoints::session(), Body::Empty).await;
            let now = now.and_then(|text| decode::<Session>(&text));
            if now.is_ok_and(|now| known.try_with_value(|known| is_same(known, &now)) == Some(true)) {
                client.signed_in_again();
            }
        });
    });
    let leave = Callback::new(move |()| {
        router.let_go();
        // Told once more, now that nothing holds.
        client.signed_out.set(true);
    });
    view! {
        <Dialog open=open title="Your session has ended">
            <p>
                "What you typed is still here; the last change was not saved. Sign in with a new link in another tab of this \
                browser, then go on. "<a href="/" target="_blank">"How to get a link"</a>
            </p>
            {message("bad", move || sending.error.get())}
            <div class="actions">
                <Button label="Go on" class="primary" on_click=go_on busy=sending.busy />
                <Button label="Leave without saving" class="danger" on_click=leave />
            </div>
        </Dialog>
    }
    .into_any()
}

const NOBODY: &str = "Nobody is signed in yet. Open the sign-in link in this browser first.";

const OTHER: &str = "Somebody else is signed in now, with another organization or role. Sign in as before, or leave without saving.";

/// Whether the page that is on the screen is good for who is signed in now.
fn is_same(known: &Session, now: &Session) -> bool {
    (&known.organization_id, &known.workforce_directory_id, known.role)
        == (&now.organization_id, &now.workforce_directory_id, now.role)
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::organization::Role;

    #[test]
    fn the_page_is_good_for_the_same_organization_and_role() {
        let known = Session {
            display_name: "Ada".to_owned(),
            role: Role::Administrator,
            organization_id: "o".to_owned(),
            organization_display_name: "Contoso".to_owned(),
            workforce_directory_id: "d".to_owned(),
            expires_date_time: None,
        };
        let later = Session { expires_date_time: Some("2030-01-01T00:00:00Z".to_owned()), ..known.clone() };
        assert!(is_same(&known, &later));
        assert!(!is_same(&known, &Session { role: Role::Reader, ..known.clone() }));
        assert!(!is_same(&known, &Session { organization_id: "p".to_owned(), ..known.clone() }));
    }
}
