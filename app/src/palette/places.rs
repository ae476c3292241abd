//! What the palette offers: pages, applications with their pages, commands, and whom a search finds.

use crate::api::scim;
use crate::paths::{ApplicationTab, Page, TenantTab, application};
use crate::text::fold;
use api::application::ServicePrincipal;
use serde_json::Value;

/// How many places and commands are offered at once; people and groups come on top.
const MOST: usize = 10;

/// What happens when something is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Goes to an address.
    Go(String),
    /// Takes on a theme.
    Theme(&'static str),
    /// Shows the keyboard shortcuts.
    Shortcuts,
    /// Ends the session.
    SignOut,
}

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) icon: &'static str,
    pub(super) name: String,
    /// What kind of thing it is, or what tells it from others of its name.
    pub(super) detail: String,
    pub(super) target: Target,
}

impl Place {
    fn new(icon: &'static str, name: &str, detail: &str, target: Target) -> Self {
        Self { icon, name: name.to_owned(), detail: detail.to_owned(), target }
    }
}

/// Pages of their own, by the names that the navigation gives them.
fn pages() -> [(&'static str, &'static str, Page); 13] {
    [
        ("home", "Home", Page::Home),
        ("person", "People", Page::People),
        ("upload", "Import CSV", Page::Import),
        ("remove", "Deleted people", Page::Deleted),
        ("group", "Groups", Page::Groups),
        ("sync", "Inlets", Page::Inlets),
        ("download", "Inbound provisioning", Page::Inbound),
        ("download", "Inbound provisioning: requests", Page::InboundRequests),
        ("apps", "Enterprise applications", Page::Applications),
        ("gallery", "Gallery", Page::Gallery),
        ("log", "Audit log", Page::Audit),
        ("console", "Peakon admin console", Page::Tenants),
        ("group", "Organization settings", Page::Organization),
    ]
}

const COMMANDS: [(&str, &str, Target); 5] = [
    ("info", "Keyboard shortcuts", Target::Shortcuts),
    ("edit", "Theme: light", Target::Theme("light")),
    ("edit", "Theme: dark", Target::Theme("dark")),
    ("edit", "Theme: as the system", Target::Theme("")),
    ("person", "Sign out", Target::SignOut),
];

/// The neighbours of a page: the other tabs of its application or tenant.
fn neighbours(page: &Page, applications: &[ServicePrincipal]) -> Vec<Place> {
    match page {
        Page::Application(id, _) | Page::Report(id, _) => {
            let name =
                applications.iter().find(|known| known.id == *id).map(|known| known.display_name.as_str());
            ApplicationTab::ALL.map(|tab| of_application(id, name.unwrap_or("Application"), tab)).into()
        }
        Page::Tenant(id, _) => {
            let place = |tab: TenantTab| {
                let target = Target::Go(Page::Tenant(id.clone(), tab).path());
                Place::new("console", tab.title(), "Peakon admin console", target)
            };
            TenantTab::ALL.map(place).into()
        }
        _ => Vec::new(),
    }
}

fn of_application(id: &str, name: &str, tab: ApplicationTab) -> Place {
    let title = [name, ": ", tab.title()].concat();
    Place::new("apps", &title, "Application", Target::Go(application(id, tab)))
}

/// The places and commands whose names hold every word of a text, the nearest first.
pub(super) fn matching(text: &str, page: &Page, applications: &[ServicePrincipal]) -> Vec<Place> {
    let text = fold(text);
    let mut found: Vec<Place> = Vec::new();
    let mut offer = |place: Place| {
        let known = fold(&place.name);
        let fits = text.split_whitespace().all(|word| known.contains(word));
        if fits && found.len() < MOST && !found.iter().any(|other| other.target == place.target) {
            found.push(place);
        }
    };
    neighbours(page, applications).into_iter().for_each(&mut offer);
    for (icon, name, page) in pages() {
        offer(Place::new(icon, name, "Page", Target::Go(page.path())));
    }
    for each in applications {
        let overview = Target::Go(application(&each.id, ApplicationTab::Overview));
        offer(Place::new("apps", &each.display_name, "Application", overview));
        for tab in ApplicationTab::ALL {
            offer(of_application(&each.id, &each.display_name, tab));
        }
    }
    for (icon, name, target) in COMMANDS {
        offer(Place::new(icon, name, "Command", target));
    }
    found
}

/// People or groups of an answer of the directory.
pub(super) fn found(list: &Value, groups: bool) -> Vec<Place> {
    let mut places = Vec::new();
    for resource in scim::resources(list) {
        let (id, name) = (scim::id(&resource), scim::name(&resource));
        places.push(if groups {
            Place::new("group", &name, "Group", Target::Go(Page::Group(id).path()))
        } else {
            let detail = scim::text(&resource, &["userName"]);
            Place::new("person", &name, &detail, Target::Go(Page::Person(id).path()))
        });
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names(text: &str, page: &Page) -> Vec<String> {
        let survey = json!({"id": "s", "appId": "a", "displayName": "Staff survey", "applicationTemplateId": "t",
            "accountEnabled": true, "createdDateTime": "2026-01-01T00:00:00Z", "appRoles": [],
            "excludesDefaultAccess": false});
        let applications = [serde_json::from_value(survey).unwrap()];
        matching(text, page, &applications).into_iter().map(|place| place.name).collect()
    }

    #[test]
    fn places_are_found_by_every_word() {
        assert_eq!(names("INBOUND req", &Page::Home), ["Inbound provisioning: requests"]);
        assert_eq!(names("import people", &Page::Home), Vec::<String>::new());
        assert_eq!(names("survey map", &Page::Home), ["Staff survey: Mappings"]);
        assert_eq!(names("sign", &Page::Home), ["Sign out"]);
        assert_eq!(names("shortcuts", &Page::Home), ["Keyboard shortcuts"]);
        assert_eq!(names("", &Page::Home).len(), MOST);
    }

    #[test]
    fn neighbours_come_first_and_once() {
        let page = Page::Application("s".to_owned(), ApplicationTab::Logs);
        assert_eq!(names("", &page).first().map(String::as_str), Some("Staff survey: Overview"));
        assert_eq!(names("dry run", &page), ["Staff survey: Dry run"]);
    }

    #[test]
    fn people_and_groups_lead_to_their_pages() {
        let list = json!({"Resources": [{"id": "1", "displayName": "Ada", "userName": "ada@x"}]});
        let target =
            |groups| found(&list, groups).into_iter().next().map(|place| (place.detail, place.target));
        assert_eq!(target(false), Some(("ada@x".to_owned(), Target::Go("/people/1".to_owned()))));
        assert_eq!(target(true), Some(("Group".to_owned(), Target::Go("/groups/1".to_owned()))));
    }
}
