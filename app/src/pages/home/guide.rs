//! What is left to do after the installation, from the real state.

/// A step of the first-run guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// What to do.
    pub(crate) title: &'static str,
    /// Why, in one sentence.
    pub(crate) why: &'static str,
    /// Whether it is done.
    pub(crate) done: bool,
    /// Where it is done.
    pub(crate) href: String,
}

/// What the guide looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) people: u64,
    pub(crate) tenant: bool,
    pub(crate) application: Option<String>,
    pub(crate) assigned: bool,
    pub(crate) job_state: Option<String>,
}

/// The steps, in order.
pub(crate) fn steps(progress: &Progress) -> Vec<Step> {
    use crate::paths::{ApplicationTab, Page};
    let of_application = |tab| match &progress.application {
        Some(id) => Page::Application(id.clone(), tab).path(),
        None => Page::Gallery.path(),
    };
    let state = progress.job_state.as_deref().unwrap_or("NotConfigured");
    vec![
        Step {
            title: "Import people",
            why: "Rollcall reads who works here from the workforce directory.",
            done: progress.people > 0,
            href: Page::Import.path(),
        },
        Step {
            title: "Create a Peakon tenant",
            why: "It holds Peakon's accounts and gives out the SCIM 2.0 URL and the bearer token.",
            done: progress.tenant,
            href: Page::Tenants.path(),
        },
        Step {
            title: "Add an application",
            why: "Find Peakon in the gallery.",
            done: progress.application.is_some(),
            href: Page::Gallery.path(),
        },
        Step {
            title: "Assign users and groups",
            why: "Only who is assigned gets an account.",
            done: progress.assigned,
            href: of_application(ApplicationTab::Users),
        },
        Step {
            title: "Connect",
            why: "Enter Tenant URL and Secret Token, test the connection and save.",
            done: state != "NotConfigured",
            href: of_application(ApplicationTab::Provisioning),
        },
        Step {
            title: "Start provisioning",
            why: "The initial cycle matches or creates everybody in scope; then a cycle runs every 40 minutes.",
            done: !matches!(state, "NotConfigured" | "NotRun"),
            href: of_application(ApplicationTab::Overview),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_done_at_first() {
        assert!(steps(&Progress::default()).iter().all(|step| !step.done));
    }

    #[test]
    fn a_running_job_completes_the_guide() {
        let progress = Progress {
            people: 3,
            tenant: true,
            application: Some("a".to_owned()),
            assigned: true,
            job_state: Some("Active".to_owned()),
        };
        assert!(steps(&progress).iter().all(|step| step.done));
    }

    #[test]
    fn a_connected_job_is_not_a_started_one() {
        let progress = Progress { job_state: Some("NotRun".to_owned()), ..Progress::default() };
        let done: Vec<bool> = steps(&progress).iter().map(|step| step.done).collect();
        assert_eq!(done, [false, false, false, false, true, false]);
    }
}
