//! What SCIM clients asked of a directory, newest first.

use crate::api::endpoints;
use crate::api::odata::{skip_token, with_query};
use crate::cache::Remote;
use crate::parts::directory_list::{nothing_matches, options};
use crate::parts::paging::older;
use crate::parts::query::{selected, use_query};
use crate::parts::remote::show;
use crate::text::duration;
use crate::ui::badge::{Tone, badge};
use crate::ui::button::Button;
use crate::ui::field::SelectField;
use crate::ui::panel::Panel;
use crate::ui::state::empty;
use crate::ui::table;
use crate::ui::time::time;
use api::activity::RequestRecord;
use api::collection::Collection;
use leptos::prelude::*;

/// The list, with a filter in the address.
pub(crate) fn requests(directory: &str) -> AnyView {
    let query = use_query();
    let address = endpoints::directory_part(directory, "requests");
    let failed = selected(query, "failed");
    let requests = Remote::<Collection<RequestRecord>>::keeping(move || {
        let token = query.get("skiptoken");
        with_query(&address, &[("$top", "50"), ("failed", &query.get("failed")), ("$skiptoken", &token)])
    });
    let reload = Callback::new(move |()| requests.reload());
    let refresh = view! { <Button label="Refresh" icon_name="sync" on_click=reload /> };
    let list = show(requests, move |list: Collection<RequestRecord>| {
        if list.value.is_empty() {
            if !query.get("failed").is_empty() {
                return nothing_matches();
            }
            let why = "The last 1,000 requests of SCIM clients are listed here: who asked for what, and what the answer was.";
            return empty("No request yet", why, None);
        }
        let rows = list.value.into_iter().map(request_row).collect();
        let next = list.next_link.as_deref().and_then(skip_token);
        let columns = &["Date", "Request", "Status", "#Duration", "Client", "Error"];
        view! { {table::table("Requests", columns, rows)} {older(query, next)} }.into_any()
    });
    let choices = options(&[("", "All"), ("true", "Failed")]);
    view! {
        <Panel title="The last requests" actions=refresh.into_any()>
            <div class="toolbar"><SelectField label="Show" value=failed options=choices /></div>
            {list}
        </Panel>
    }
    .into_any()
}

fn request_row(request: RequestRecord) -> AnyView {
    let tone = match request.status {
        ..300 => Tone::Good,
        300..400 => Tone::Neutral,
        400..500 => Tone::Warning,
        _ => Tone::Bad,
    };
    let took = duration(i64::try_from(request.duration_in_milliseconds).unwrap_or_default());
    let path = crate::text::decode(&request.path);
    table::row(vec![
        table::cell(time(&request.date_time)),
        view! { <th scope="row"><strong>{request.method}</strong>" "<code>{path}</code></th> }.into_any(),
        table::cell(badge(tone, request.status.to_string())),
        view! { <td class="number">{took}</td> }.into_any(),
        table::text(request.client),
        table::text(request.detail.unwrap_or_default()),
    ])
}
