//! Members: added, given a link to sign in, given another role, removed.

use super::{ROLES, chosen, role_name};
use crate::api::endpoints;
use crate::cache::Remote;
use crate::parts::act::{Asking, Change, Question, asking, use_act};
use crate::parts::create::{Sending, form_end};
use crate::parts::credential::secret;
use crate::parts::directory_list::options;
use crate::parts::remote::show;
use crate::ui::button::Button;
use crate::ui::dialog::Dialog;
use crate::ui::field::{SelectField, TextField};
use crate::ui::live::{handler, live, live_option};
use crate::ui::panel::Panel;
use crate::ui::state::{empty, message};
use crate::ui::table;
use crate::ui::time::{time, time_or};
use api::collection::Collection;
use api::organization::{Member, MemberPatch, MemberRequest, Role};
use api::session::SignInLinkRequest;
use leptos::prelude::*;
use serde_json::Value;

/// The panel.
pub(super) fn panel() -> AnyView {
    let act = use_act();
    let members = Remote::<Collection<Member>>::new(endpoints::members);
    let (adding, linked) = (RwSignal::new(false), RwSignal::new(false));
    let sending = Sending::new();
    // The link of a member: it lives here, while the dialog is open, and nowhere else.
    let link = RwSignal::new(None::<(String, Value)>);
    let give = Callback::new(move |email: String| {
        let request = SignInLinkRequest { email: Some(email.clone()) };
        act.send_then(sending, Change::post(endpoints::sign_in_links(), &request), move |answer| {
            link.set(Some((email.clone(), answer.clone())));
            linked.set(true);
        });
    });
    let add = Callback::new(move |()| adding.set(true));
    let button = view! {
        <Button label="Add member" icon_name="add" class="primary" on_click=add changes=true />
    };
    let title = Signal::derive(move || {
        let email = link.get().map(|(email, _)| email).unwrap_or_default();
        format!("Sign-in link for {email}")
    });
    view! {
        <Panel title="Members" actions=button.into_any()>
            {message("bad", move || sending.error.get())}
            {show(members, move |list| member_table(list, give))}
        </Panel>
        <Dialog open=adding title="Add member">{live(move || add_member(adding))}</Dialog>
        <Dialog open=linked title=title>
            {live_option(move || link.get().map(|(_, answer)| link_view(&answer, linked)))}
        </Dialog>
    }
    .into_any()
}

fn member_table(list: Collection<Member>, give: Callback<String>) -> AnyView {
    if list.value.is_empty() {
        let why = "The installation's administrator can sign in with the link that the server prints. Add those who are \
                   to have an account of their own.";
        return empty("No member yet", why, None);
    }
    let rows = list.value.into_iter().map(|member| member_row(member, give)).collect();
    table::table("Members", &["E-mail address", "Role", "Added", "Last sign-in", ""], rows)
}

fn member_row(member: Member, give: Callback<String>) -> AnyView {
    let Member { id, email, role, .. } = member;
    let address = [&endpoints::members(), "/", &crate::text::encode(&id)].concat();
    let (other, verb) = match role {
        Role::Administrator => (Role::Reader, "Make Reader"),
        Role::Reader => (Role::Administrator, "Make Administrator"),
    };
    let effect = match other {
        Role::Administrator => "They may change everything from now on, members and API keys too.",
        Role::Reader => "They may look at everything from now on, and change nothing.",
    };
    let to = email.clone();
    let link = Callback::new(move |()| give.run(to.clone()));
    let change = asking(Asking {
        label: verb,
        name: Some(format!("{verb}: {email}")),
        class: "small",
        icon: "",
        question: Question {
            title: format!("Give {email} the role {}?", role_name(other)),
            effect: effect.to_owned(),
            verb,
        },
        change: Change::patch(address.clone(), &MemberPatch { role: other })
            .said(format!("{email} is {} now", role_name(other)))
            .stale(endpoints::members()),
    });
    let remove = asking(Asking {
        label: "Remove",
        name: Some(format!("Remove {email}")),
        class: "small danger",
        icon: "",
        question: Question {
            title: format!("Remove {email}?"),
            effect: "Their sessions and sign-in links end at once.".to_owned(),
            verb: "Remove",
        },
        change: Change::delete(address).said(format!("{email} was removed")).stale(endpoints::members()),
    });
    let buttons = view! {
        <div class="actions">
            <Button
                label="Sign-in link"
                name=format!("Sign-in link for {email}")
                class="small"
                on_click=link
                changes=true
            />
            {change}
            {remove}
        </div>
    };
    table::row(vec![
        table::heading(email),
        table::text(role_name(role)),
        table::cell(time(&member.created_date_time)),
        table::cell(time_or(member.last_sign_in_date_time.as_deref(), "never")),
        table::buttons(buttons.into_any()),
    ])
}

fn link_view(answer: &Value, open: RwSignal<bool>) -> AnyView {
    let warning =
        "The link works once, for 15 minutes. Send it to nobody else: whoever opens it is signed in.";
    secret(answer, warning, &[("Sign-in link", "url")], open)
}

fn add_member(open: RwSignal<bool>) -> AnyView {
    let act = use_act();
    let sending = Sending::new();
    let (email, role) = (RwSignal::new(String::new()), RwSignal::new("administrator".to_owned()));
    let wrong = RwSignal::new(String::new());
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let email = email.get_untracked().trim().to_owned();
        let good = email.contains('@');
        wrong.set(if good { "" } else { "Enter an e-mail address." }.to_owned());
        if !good {
            return;
        }
        let request = MemberRequest { email: email.clone(), role: chosen(&role.read_untracked()) };
        let change = Change::post(endpoints::members(), &request)
            .said(format!("{email} was added"))
            .stale(endpoints::members())
            .close(open);
        act.send(sending, change);
    };
    view! {
        <form on:submit=handler(submit) class="stack" novalidate>
            <TextField label="E-mail address" value=email error=wrong kind="email" required=true />
            <SelectField label="Role" value=role options=options(&ROLES) />
            <p class="hint">"No mail is sent: give them a sign-in link from the list."</p>
            {form_end("Add member", sending, open)}
        </form>
    }
    .into_any()
}
