//! A searchable, paged list of a directory's users or groups; search and place are in the address.

use super::query::{Query, bound, selected, use_query};
use super::remote::show;
use crate::api::odata::{people_filter, scim_literal, with_query};
use crate::api::{endpoints, scim};
use crate::cache::Remote;
use crate::text::count;
use crate::ui::badge::{Tone, badge};
use crate::ui::button::Button;
use crate::ui::field::{SelectField, TextField};
use crate::ui::state::empty;
use crate::ui::table;
use leptos::prelude::*;
use serde_json::Value;

const PAGE: u64 = 50;

/// Filters of a list of people, as a SCIM filter.
pub(crate) fn filter_of(search: &str, state: &str) -> String {
    let mut terms = Vec::new();
    let people = people_filter(search);
    if !people.is_empty() {
        terms.push(people);
    }
    match state {
        "active" => terms.push("active eq true".to_owned()),
        "disabled" => terms.push("active eq false".to_owned()),
        _ => {}
    }
    terms.join(" and ")
}

/// People of a directory.
#[component]
pub(crate) fn PeopleList(
    /// The directory.
    directory: String,
    /// What its people are called, in the singular and in the plural.
    words: (&'static str, &'static str),
    /// The address of a person.
    link: Callback<String, String>,
    /// What stands there when the directory is empty.
    #[prop(into)]
    none: ViewFn,
) -> impl IntoView {
    let query = use_query();
    let (search, state, sort) = (bound(query, "q"), selected(query, "state"), selected(query, "sort"));
    let address = endpoints::scim(&directory, "Users");
    let people = Remote::<Value>::keeping(move || {
        let filter = filter_of(&query.get("q"), &query.get("state"));
        let sort = query.get("sort");
        let query = [
            ("filter", filter.as_str()),
            ("startIndex", &query.get("start")),
            ("count", &PAGE.to_string()),
            ("sortBy", if sort.is_empty() { "displayName" } else { &sort }),
        ];
        with_query(&address, &query)
    });
    let states = options(&[("", "All"), ("active", "Active"), ("disabled", "Disabled")]);
    let sorts = options(&[("", "Name"), ("userName", "User name")]);
    let body = show(people, move |list: Value| {
        let rows = scim::resources(&list);
        if rows.is_empty() {
            return if scim::total(&list) > 0 {
                past_the_end(query)
            } else if filter_of(&query.get("q"), &query.get("state")).is_empty() {
                none.run()
            } else {
                nothing_matches()
            };
        }
        let rows = rows.iter().map(|person| person_row(person, link)).collect();
        let columns = &["Name", "User name", "Job title", "Department", "State"];
        view! { {table::table(words.1, columns, rows)} {pages(query, &list, words)} }.into_any()
    });
    view! {
        <div class="toolbar" role="search">
            <div class="grow"><TextField label="Search" value=search kind="search" placeholder="Name or user name" /></div>
            <SelectField label="State" value=state options=states />
            <SelectField label="Sort by" value=sort options=sorts />
        </div>
        {body}
    }
    .into_any()
}

fn person_row(person: &Value, link: Callback<String, String>) -> AnyView {
    let state =
        if scim::is_active(person) { badge(Tone::Good, "Active") } else { badge(Tone::Neutral, "Disabled") };
    table::row(vec![
        table::heading_link(scim::name(person), link.run(scim::id(person))),
        table::text(scim::text(person, &["userName"])),
        table::text(scim::text(person, &["title"])),
        table::text(scim::text(person, &[scim::ENTERPRISE, "department"])),
        table::cell(state),
    ])
}

/// Groups of a directory.
#[component]
pub(crate) fn GroupList(
    /// The directory.
    directory: String,
    /// The address of a group.
    link: Callback<String, String>,
) -> impl IntoView {
    let query = use_query();
    let search = bound(query, "q");
    let address = endpoints::scim(&directory, "Groups");
    let groups = Remote::<Value>::keeping(move || {
        let search = query.get("q");
        let filter = if search.trim().is_empty() {
            String::new()
        } else {
            format!("displayName co {}", scim_literal(search.trim()))
        };
        let query = [
            ("filter", filter.as_str()),
            ("startIndex", &query.get("start")),
            ("count", &PAGE.to_string()),
            ("sortBy", "displayName"),
            ("excludedAttributes", "members"),
        ];
        with_query(&address, &query)
    });
    let body = show(groups, move |list: Value| {
        let rows = scim::resources(&list);
        if rows.is_empty() && scim::total(&list) > 0 {
            return past_the_end(query);
        }
        if rows.is_empty() && query.get("q").is_empty() {
            return empty("No groups yet", "Groups make it easy to assign many people at once.", None);
        }
        if rows.is_empty() {
            return nothing_matches();
        }
        let rows = rows.iter().map(|group| {
            let created = scim::text(group, &["meta", "created"]);
            table::row(vec![
                table::heading_link(scim::name(group), link.run(scim::id(group))),
                table::cell(crate::ui::time::time_or(Some(&created), "–")),
            ])
        });
        let rows = rows.collect();
        view! { {table::table("Groups", &["Name", "Created"], rows)} {pages(query, &list, ("group", "groups"))} }
            .into_any()
    });
    view! {
        <div class="toolbar" role="search">
            <div class="grow"><TextField label="Search" value=search kind="search" placeholder="Name" /></div>
        </div>
        {body}
    }
    .into_any()
}

/// Values and names of a select.
pub(crate) fn options(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(value, name)| ((*value).to_owned(), (*name).to_owned())).collect()
}

/// The filters leave nothing over.
pub(crate) fn nothing_found() -> AnyView {
    empty("Nothing matches", "Change or clear the search and the filters.", None)
}

/// Filters of lists, as addresses name them, and places in them.
const FILTERS: [&str; 9] =
    ["q", "state", "category", "person", "status", "action", "failed", "skiptoken", "start"];

/// The same, where the filters are in the address: with the way to clear them.
pub(crate) fn nothing_matches() -> AnyView {
    let query = use_query();
    let clear = Callback::new(move |()| query.set(&FILTERS.map(|name| (name, "")), false));
    let button = view! { <Button label="Clear filters" on_click=clear /> };
    empty("Nothing matches", "Nothing has all of these values.", Some(button.into_any()))
}

/// The list became shorter than it was when the address was made.
fn past_the_end(query: Query) -> AnyView {
    let back = Callback::new(move |()| query.set(&[("start", "")], true));
    let button = view! { <Button label="First page" on_click=back /> };
    empty("The list ends before this page", "It became shorter meanwhile.", Some(button.into_any()))
}

/// Where one is in the list, and the way on.
fn pages(query: Query, list: &Value, words: (&'static str, &'static str)) -> AnyView {
    let total = scim::total(list);
    let start = query.get("start").parse::<u64>().unwrap_or(1).max(1);
    let here = u64::try_from(scim::resources(list).len()).unwrap_or_default();
    let shown = format!("{start}–{} of {}", (start + here).saturating_sub(1), count(total, words.0, words.1));
    let go = move |to: u64| Callback::new(move |()| query.set(&[("start", &to.to_string())], false));
    let first = if start <= 1 { "This is the first page" } else { "" };
    let last = if start + here > total { "This is the last page" } else { "" };
    view! {
        <div class="actions">
            <span role="status">{shown}</span>
            <Button label="Previous" on_click=go(start.saturating_sub(PAGE).max(1)) blocked=first.to_owned() />
            <Button label="Next" on_click=go(start + PAGE) blocked=last.to_owned() />
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::filter_of;

    #[test]
    fn filters_are_joined() {
        assert_eq!(filter_of("", ""), "");
        assert_eq!(filter_of("", "disabled"), "active eq false");
        assert_eq!(filter_of("a", "active"), r#"(displayName co "a" or userName co "a") and active eq true"#);
    }
}
