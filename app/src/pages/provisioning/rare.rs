//! Settings that few jobs need: reach through groups within groups, and quirks of an application.

use crate::ui::field::CheckField;
use api::job::{NameValue, SynchronizationJob};
use leptos::prelude::*;

const NESTED: &str = "NestedGroups";
const QUIRKS: &str = "Quirks";

/// Names of quirks, and what each does.
const NAMES: [(&str, &str); 7] = [
    ("StringBooleans", "Send true and false as text"),
    ("CapitalizedOperations", "Capitalize the names of operations (Add, Replace, Remove)"),
    ("MemberRemovalByValue", "Remove members by value instead of by path"),
    ("PathlessReplace", "One replace without a path for all changes"),
    ("Put", "Write with PUT: the application has no PATCH"),
    ("JsonContentType", "Send application/json"),
    ("NoExcludedAttributes", "Read groups with their members"),
];

/// What the form says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rare {
    nested: bool,
    quirks: [bool; 7],
}

impl Rare {
    /// What a job has.
    pub(super) fn of(job: Option<&SynchronizationJob>) -> Self {
        let settings = job.map(|job| job.synchronization_job_settings.as_slice()).unwrap_or_default();
        let get = |name: &str| {
            settings.iter().find(|setting| setting.name == name).map_or("", |setting| setting.value.as_str())
        };
        let quirks = get(QUIRKS);
        Self {
            nested: get(NESTED) == "true",
            quirks: NAMES.map(|(name, _)| quirks.split(',').any(|one| one.trim() == name)),
        }
    }

    /// Adds what is to be saved.
    pub(super) fn add_changes(&self, saved: &Self, changes: &mut Vec<NameValue>) {
        let mut add = |name: &str, value: String| changes.push(NameValue { name: name.to_owned(), value });
        if self.nested != saved.nested {
            add(NESTED, self.nested.to_string());
        }
        if self.quirks != saved.quirks {
            let chosen = NAMES.iter().zip(self.quirks).filter(|(_, on)| *on);
            add(QUIRKS, chosen.map(|((name, _), _)| *name).collect::<Vec<_>>().join(","));
        }
    }
}

/// The fields.
#[derive(Clone, Copy)]
pub(crate) struct RareFields {
    pub(super) nested: RwSignal<bool>,
    quirks: [RwSignal<bool>; 7],
}

impl RareFields {
    pub(super) fn new(saved: &Rare) -> Self {
        Self { nested: RwSignal::new(saved.nested), quirks: saved.quirks.map(RwSignal::new) }
    }

    /// What the form says now.
    pub(super) fn rare(self) -> Rare {
        Rare { nested: self.nested.get(), quirks: self.quirks.map(|quirk| quirk.get()) }
    }
}

/// The panel, closed at first.
pub(super) fn panel(fields: RareFields) -> AnyView {
    let quirks = NAMES
        .iter()
        .zip(fields.quirks)
        .map(|((_, label), value)| view! { <CheckField label=label value=value /> }.into_any());
    let quirks = quirks.collect::<Vec<_>>();
    view! {
        <details class="panel">
            <summary>"Advanced"</summary>
            <div class="form">
                <fieldset class="field">
                    <legend>"What the application wants otherwise than SCIM says"</legend>
                    {quirks}
                </fieldset>
            </div>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changes_are_saved() {
        let saved = Rare::default();
        let changes = |rare: &Rare| {
            let mut changes = Vec::new();
            rare.add_changes(&saved, &mut changes);
            changes.into_iter().map(|change| (change.name, change.value)).collect::<Vec<_>>()
        };
        assert_eq!(changes(&saved), []);
        let mut rare = Rare { nested: true, ..saved.clone() };
        rare.quirks[0] = true;
        rare.quirks[4] = true;
        let expected = [(NESTED, "true"), (QUIRKS, "StringBooleans,Put")];
        assert_eq!(changes(&rare), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
