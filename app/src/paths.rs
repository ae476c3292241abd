//! The portal's addresses: the only place that forms or reads one.

use crate::text::{decode, encode};

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Home,
    People,
    Person(String),
    Import,
    Deleted,
    Inbound,
    InboundRequests,
    Inlets,
    Inlet(String),
    /// What inlets say differently.
    Conflicts,
    Groups,
    Group(String),
    Applications,
    Gallery,
    Application(String, ApplicationTab),
    Report(String, String),
    Tenants,
    Tenant(String, TenantTab),
    Audit,
    Organization,
    Unknown,
}

/// A page of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ApplicationTab {
    Overview,
    Provisioning,
    Mappings,
    Users,
    OnDemand,
    DryRun,
    Drift,
    Logs,
    Reports,
    Insights,
    Held,
}

impl ApplicationTab {
    pub(crate) const ALL: [Self; 11] = [
        Self::Overview,
        Self::Provisioning,
        Self::Mappings,
        Self::Users,
        Self::OnDemand,
        Self::DryRun,
        Self::Drift,
        Self::Logs,
        Self::Reports,
        Self::Insights,
        Self::Held,
    ];

    const fn segment(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Provisioning => "provisioning",
            Self::Mappings => "mappings",
            Self::Users => "users",
            Self::OnDemand => "on-demand",
            Self::DryRun => "dry-run",
            Self::Drift => "drift",
            Self::Logs => "logs",
            Self::Reports => "reports",
            Self::Insights => "insights",
            Self::Held => "held-deletions",
        }
    }

    /// Its name on the screen.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Provisioning => "Provisioning",
            Self::Mappings => "Mappings",
            Self::Users => "Users and groups",
            Self::OnDemand => "Provision on demand",
            Self::DryRun => "Dry run",
            Self::Drift => "Drift check",
            Self::Logs => "Provisioning logs",
            Self::Reports => "Activity reports",
            Self::Insights => "Insights",
            Self::Held => "Held deletions",
        }
    }
}

/// A page of a Peakon tenant's admin console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TenantTab {
    EmployeeProvisioning,
    Employees,
    Requests,
    Attributes,
}

impl TenantTab {
    pub(crate) const ALL: [Self; 4] =
        [Self::EmployeeProvisioning, Self::Employees, Self::Requests, Self::Attributes];

    const fn segment(self) -> &'static str {
        match self {
            Self::EmployeeProvisioning => "configuration/integrations/employee-provisioning",
            Self::Employees => "employees",
            Self::Requests => "requests",
            Self::Attributes => "configuration/attributes",
        }
    }

    /// Its name on the screen.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::EmployeeProvisioning => "Employee Provisioning",
            Self::Employees => "Employees",
            Self::Requests => "Request activity",
            Self::Attributes => "Attributes",
        }
    }
}

impl Page {
    /// The page at an address, without its query.
    pub(crate) fn parse(path: &str) -> Self {
        let segments: Vec<String> =
            path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments.as_slice() {
            [] => Self::Home,
            ["people"] => Self::People,
            ["people", "import"] => Self::Import,
            ["people", "deleted"] => Self::Deleted,
            ["inbound"] => Self::Inbound,
            ["inbound", "requests"] => Self::InboundRequests,
            ["inlets"] => Self::Inlets,
            ["inlets", "conflicts"] => Self::Conflicts,
            ["inlets", id] => Self::Inlet((*id).to_owned()),
            ["people", id] => Self::Person((*id).to_owned()),
            ["groups"] => Self::Groups,
            ["groups", id] => Self::Group((*id).to_owned()),
            ["applications"] => Self::Applications,
            ["gallery"] => Self::Gallery,
            ["applications", id] => Self::Application((*id).to_owned(), ApplicationTab::Overview),
            ["applications", id, "reports", cycle] => Self::Report((*id).to_owned(), (*cycle).to_owned()),
            ["applications", id, tab] => ApplicationTab::ALL
                .into_iter()
                .find(|known| known.segment() == *tab)
                .map_or(Self::Unknown, |tab| Self::Application((*id).to_owned(), tab)),
            ["peakon"] => Self::Tenants,
            ["peakon", id] => Self::Tenant((*id).to_owned(), TenantTab::EmployeeProvisioning),
            ["peakon", id, rest @ ..] => {
                let rest = rest.join("/");
                TenantTab::ALL
                    .into_iter()
                    .find(|known| known.segment() == rest)
                    .map_or(Self::Unknown, |tab| Self::Tenant((*id).to_owned(), tab))
            }
            ["audit"] => Self::Audit,
            ["organization"] => Self::Organization,
            _ => Self::Unknown,
        }
    }

    /// Its address.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Home | Self::Unknown => "/".to_owned(),
            Self::People => "/people".to_owned(),
            Self::Person(id) => format!("/people/{}", encode(id)),
            Self::Import => "/people/import".to_owned(),
            Self::Deleted => "/people/deleted".to_owned(),
            Self::Inbound => "/inbound".to_owned(),
            Self::InboundRequests => "/inbound/requests".to_owned(),
            Self::Inlets => "/inlets".to_owned(),
            Self::Inlet(id) => format!("/inlets/{}", encode(id)),
            Self::Conflicts => "/inlets/conflicts".to_owned(),
            Self::Groups => "/groups".to_owned(),
            Self::Group(id) => format!("/groups/{}", encode(id)),
            Self::Applications => "/applications".to_owned(),
            Self::Gallery => "/gallery".to_owned(),
            Self::Application(id, tab) => format!("/applications/{}/{}", encode(id), tab.segment()),
            Self::Report(id, cycle) => format!("/applications/{}/reports/{}", encode(id), encode(cycle)),
            Self::Tenants => "/peakon".to_owned(),
            Self::Tenant(id, tab) => format!("/peakon/{}/{}", encode(id), tab.segment()),
            Self::Audit => "/audit".to_owned(),
            Self::Organization => "/organization".to_owned(),
        }
    }
}

/// Shorthand for an application's page.
pub(crate) fn application(id: &str, tab: ApplicationTab) -> String {
    Page::Application(id.to_owned(), tab).path()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_found_at_its_own_address() {
        let mut pages = vec![
            Page::Home,
            Page::People,
            Page::Person("a b/c".to_owned()),
            Page::Import,
            Page::Deleted,
            Page::Inbound,
            Page::InboundRequests,
            Page::Inlets,
            Page::Inlet("i".to_owned()),
            Page::Conflicts,
            Page::Groups,
            Page::Group("g".to_owned()),
            Page::Applications,
            Page::Gallery,
            Page::Report("a".to_owned(), "c".to_owned()),
            Page::Tenants,
            Page::Audit,
            Page::Organization,
        ];
        pages.extend(ApplicationTab::ALL.map(|tab| Page::Application("x".to_owned(), tab)));
        pages.extend(TenantTab::ALL.map(|tab| Page::Tenant("x".to_owned(), tab)));
        for page in pages {
            assert_eq!(Page::parse(&page.path()), page);
        }
    }

    #[test]
    fn unknown_addresses_are_told_apart() {
        for path in ["/nothing", "/applications/1/nothing", "/people/1/2", "/peakon/1/configuration"] {
            assert_eq!(Page::parse(path), Page::Unknown);
        }
        assert_eq!(
            Page::parse("/applications/1"),
            Page::Application("1".to_owned(), ApplicationTab::Overview)
        );
    }
}
