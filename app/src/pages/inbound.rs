//! Inbound provisioning: an identity provider fills the workforce directory over SCIM.

use crate::app::use_session;
use crate::parts::access::{Words, access};
use crate::parts::tenant::directory;
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
    let panels = access(&id, directory(&id), &WORDS);
    view! {
        <PageHead title="Inbound provisioning" />
        {panels}
    }
    .into_any()
}
