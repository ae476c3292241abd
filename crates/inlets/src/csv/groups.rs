//! The third pass: which memberships a person gains and loses.

use serde_json::{Value, json};

use super::names::same_name;

/// Schema URN of a core SCIM Group, RFC 7643 section 4.2.
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The extension that holds the mark of a managed group.
const GROUP_EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:rollcall:2.0:Group";
const MANAGED_BY: &str = "managedBy";
const CSV: &str = "csv";

/// A group that a person is a member of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The id.
    pub id: String,
    /// The display name.
    pub display_name: String,
    /// Whether the import manages the group's members.
    pub managed: bool,
}

/// What is to be done to a person's memberships.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MembershipPlan {
    /// Display names of groups to add the person to.
    pub add: Vec<String>,
    /// Ids of groups to take the person out of.
    pub remove: Vec<String>,
}

/// A new managed group without members, id and metadata.
pub fn new_group(display_name: &str) -> Value {
    json!({
        "schemas": [GROUP, GROUP_EXTENSION],
        "displayName": display_name,
        GROUP_EXTENSION: { MANAGED_BY: CSV },
    })
}

/// Whether a group was made by [`new_group`].
pub fn is_managed_group(group: &Value) -> bool {
    group.get(GROUP_EXTENSION).and_then(|extension| extension.get(MANAGED_BY)) == Some(&Value::from(CSV))
}

/// Compares the groups that a person is in with those that the file names (none for an empty
/// cell). A person leaves only groups that the import manages. Without a `groups` column there is
/// nothing to plan.
pub fn plan_memberships(current: &[Group], wanted: &[&str]) -> MembershipPlan {
    let is_current = |name: &&&str| current.iter().any(|group| same_name(&group.display_name, name));
    let is_wanted = |group: &&Group| wanted.iter().any(|name| same_name(&group.display_name, name));
    MembershipPlan {
        add: wanted.iter().filter(|name| !is_current(name)).map(|name| (*name).to_owned()).collect(),
        remove: current
            .iter()
            .filter(|group| group.managed && !is_wanted(group))
            .map(|group| group.id.clone())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(current: &[(&str, bool)], wanted: &[&str], add: &[&str], remove: &[&str]) {
        let current: Vec<_> = current
            .iter()
            .map(|(name, managed)| Group {
                id: format!("id of {name}"),
                display_name: (*name).to_owned(),
                managed: *managed,
            })
            .collect();
        let plan = plan_memberships(&current, wanted);
        assert_eq!(plan.add, add);
        assert_eq!(plan.remove, remove);
    }

    #[test]
    fn memberships_follow_the_file_in_managed_groups() {
        check(&[], &["Sales", "Paris"], &["Sales", "Paris"], &[]);
        check(&[("sales", true), ("Paris", true)], &["Sales"], &[], &["id of Paris"]);
        check(&[("Sales", true)], &[], &[], &["id of Sales"]);
    }

    #[test]
    fn nobody_leaves_a_group_of_somebody_else() {
        check(&[("Fire wardens", false)], &["Sales"], &["Sales"], &[]);
        check(&[("Fire wardens", false)], &["Fire wardens"], &[], &[]);
    }

    #[test]
    fn a_managed_group_carries_its_mark() {
        assert!(is_managed_group(&new_group("Sales")));
        assert!(!is_managed_group(&json!({"displayName": "Sales"})));
    }
}
