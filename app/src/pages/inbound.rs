//! Inbound provisioning: an identity provider fills the workforce directory over SCIM.

use crate::app::use_session;
use crate::parts::access::{Words, access};
use crate::parts::requests::requests;
use crate::parts::tenant::directory;
use crate::paths::Page;
use crate::ui::button::link_button;
use crate::ui::page::PageHead;
use leptos::prelude::*;

const WORDS: Words = Words {
    title: "Inbound provisioning",
    why: "An identity provider such as Microsoft Entra ID or Okta keeps the people and groups of the workforce directory \
          in step over SCIM 2.0. Give it this URL as its Tenant URL or base URL, and a bearer token or an OAuth client.",
    enable: "Enable inbound provisioning",
    enabled: "Inbound provisioning is enabled",
    disable: "Disable inbound provisioning",
    disabled: "Inbound provisioning is disabled",
};

/// The page.
#[component]
pub(crate) fn Inbound() -> impl IntoView {
    let id = use_session().workforce_directory_id;
    let activity = link_button("Request activity", "log", "", Page::InboundRequests.path());
    let panels = access(&id, directory(&id), &WORDS);
    view! {
        <PageHead title="Inbound provisioning" actions=activity />
        {panels}
    }
    .into_any()
}

/// What SCIM clients asked of the workforce directory: what was pushed, and when.
#[component]
pub(crate) fn Requests() -> impl IntoView {
    let trail = vec![("Inbound provisioning".to_owned(), Page::Inbound.path())];
    let list = requests(&use_session().workforce_directory_id);
    view! {
        <PageHead title="Request activity" trail=trail />
        {list}
    }
    .into_any()
}
