//! Assignments that the inlet mirrors onto an application.

use std::collections::{BTreeMap, BTreeSet};

use inlets::assignments::{Mirrored, Outcome, Role, Wanted, plan};
use scim::{Resource, ResourceType};
use store::organization::{AssignmentRecord, OrganizationStore, PrincipalType, ServicePrincipalRecord};
use store::sqlite::Sqlite;

use crate::dice::Dice;
use crate::double;
use crate::world::World;

/// The application here whose assignments are mirrored.
pub const APPLICATION: &str = "app";

fn role(id: &str, value: Option<&str>, name: &str) -> Role {
    Role { id: id.into(), value: value.map(str::to_owned), display_name: name.into() }
}

fn assignment(id: &str, principal: &str, role: &str, inlet: Option<&str>) -> AssignmentRecord {
    AssignmentRecord {
        id: id.into(),
        service_principal_id: APPLICATION.into(),
        principal_id: principal.into(),
        principal_type: PrincipalType::User,
        principal_display_name: principal.into(),
        app_role_id: role.into(),
        created_at: 0,
        inlet_id: inlet.map(str::to_owned),
    }
}

/// Adds the application to the organization.
pub fn add_application(organization: &Sqlite) {
    let application = ServicePrincipalRecord {
        id: APPLICATION.into(),
        app_id: "a".into(),
        application_id: "b".into(),
        template_id: "scim".into(),
        display_name: "App".into(),
        account_enabled: true,
        created_at: 0,
    };
    OrganizationStore::open(organization).unwrap().save_service_principal(&application).unwrap();
}

/// What the inlet mirrors.
pub fn mirrored() -> Vec<Mirrored> {
    vec![Mirrored {
        source: "source".into(),
        application: APPLICATION.into(),
        roles: vec![role(double::DEFAULT, None, "Default Access"), role("here-user", Some("User"), "User")],
    }]
}

impl World {
    /// What the driver does, in pieces of any size; sometimes it dies after some of them.
    pub fn assign(&mut self, wanted: &Wanted, dice: &Dice) -> Outcome {
        let sources: Vec<String> = wanted.assigned.iter().map(|each| each.principal.clone()).collect();
        let known = self.mirror(|mirror| Ok(mirror.principals(&sources, true)?));
        let made = self.assignments().made_assignments(APPLICATION, "inlet", "", 10_000).unwrap();
        let plan = plan(wanted, known.clone(), &made);
        let size = 1 + dice.below(8);
        for add in plan.add.chunks(size) {
            let records: Vec<AssignmentRecord> = add
                .iter()
                .map(|add| {
                    let known = known.iter().find(|known| known.source_id == add.source_id).unwrap();
                    self.ids += 1;
                    assignment(&format!("as{}", self.ids), &known.id, &add.role, Some("inlet"))
                })
                .collect();
            self.assignments().change_made_assignments(APPLICATION, "inlet", &records, &[]).unwrap();
        }
        for remove in plan.remove.chunks(size) {
            self.assignments().change_made_assignments(APPLICATION, "inlet", &[], remove).unwrap();
        }
        plan.outcome
    }

    /// Somebody assigns or unassigns a person or group here.
    pub fn by_hand(&mut self, dice: &Dice) {
        let all: Vec<Resource> = ResourceType::ALL.into_iter().flat_map(|kind| self.live(kind)).collect();
        if dice.percent(80) {
            return;
        }
        let assigned = self.assignments().assignments(APPLICATION, "", 1_000).unwrap();
        if let (Some(one), true) = (dice.pick(&assigned), dice.percent(50)) {
            self.assignments().remove_assignment(APPLICATION, &one.id).unwrap();
        } else if let Some(one) = dice.pick(&all) {
            self.ids += 1;
            let record = assignment(&format!("as{}", self.ids), &one.id, "here-user", None);
            self.assignments().add_assignment(&record).unwrap();
        }
    }

    pub fn assignments(&self) -> OrganizationStore<'_> {
        OrganizationStore::opened(&self.organization)
    }

    /// The inlet's assignments are those of the tenant, but what was made by hand is by hand.
    pub fn check_assignments(&self) {
        let external: BTreeMap<String, String> = ResourceType::ALL
            .into_iter()
            .flat_map(|kind| self.live(kind))
            .map(|resource| (resource.id, resource.attributes["externalId"].as_str().unwrap().to_owned()))
            .collect();
        let all = self.assignments().assignments(APPLICATION, "", 10_000).unwrap();
        let pair = |record: &AssignmentRecord| {
            let name = external.get(&record.principal_id).unwrap_or(&record.principal_id);
            (name.clone(), record.app_role_id.clone())
        };
        let (made, by_hand): (Vec<_>, Vec<_>) = all.iter().partition(|record| record.inlet_id.is_some());
        let by_hand: BTreeSet<_> = by_hand.into_iter().map(pair).collect();
        let made: BTreeSet<_> = made.into_iter().map(pair).collect();
        let wanted: BTreeSet<_> = self
            .graph
            .live_assigned()
            .map(|(id, role)| {
                let role = if role == double::ROLE { "here-user" } else { double::DEFAULT };
                (id.clone(), role.to_owned())
            })
            .filter(|pair| !by_hand.contains(pair))
            .collect();
        assert_eq!(made, wanted, "{:#?}", self.state.assignments);
    }
}
