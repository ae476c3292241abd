//! Settings that few jobs need: reach through groups within groups, quirks of an application, and the limits of
//! failures beyond which a job is quarantined.

use crate::ui::field::{CheckField, TextField};
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

/// Limits: setting, label, the largest value.
const LIMITS: [(&str, &str, u64); 4] = [
    ("QuarantineEscrowMinimum", "Failures that are too few to judge", 1_000_000),
    ("QuarantineEscrowProportionThreshold", "Failed objects that are too many, in percent", 100),
    ("QuarantineBaseEscrowThreshold", "Failures that are too many, without references", 1_000_000),
    ("QuarantineTotalEscrowThreshold", "Failures that are too many, of any kind", 1_000_000),
];

/// What the form says. A limit that the job does not tell is empty, and stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rare {
    nested: bool,
    quirks: [bool; 7],
    limits: [String; 4],
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
            limits: LIMITS.map(|(name, ..)| get(name).to_owned()),
        }
    }

    /// Whether each limit can be saved. One that the job tells can be changed, and not be taken away.
    fn good(&self, told: [bool; 4]) -> [bool; 4] {
        let mut rules = LIMITS.iter().zip(told);
        self.limits.each_ref().map(|limit| {
            let (most, told) = rules.next().map_or((0, false), |((.., most), told)| (*most, told));
            (limit.is_empty() && !told)
                || limit.trim().parse::<u64>().is_ok_and(|number| (1..=most).contains(&number))
        })
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
        for ((name, ..), (limit, before)) in LIMITS.iter().zip(self.limits.iter().zip(&saved.limits)) {
            if limit != before && !limit.is_empty() {
                add(name, limit.trim().to_owned());
            }
        }
    }
}

/// The fields, and what is wrong with them.
#[derive(Clone, Copy)]
pub(crate) struct RareFields {
    pub(super) nested: RwSignal<bool>,
    quirks: [RwSignal<bool>; 7],
    limits: [RwSignal<String>; 4],
    /// Which limits the job told.
    told: [bool; 4],
    errors: [RwSignal<String>; 4],
}

impl RareFields {
    pub(super) fn new(saved: &Rare) -> Self {
        Self {
            nested: RwSignal::new(saved.nested),
            quirks: saved.quirks.map(RwSignal::new),
            limits: saved.limits.each_ref().map(|limit| RwSignal::new(limit.clone())),
            told: saved.limits.each_ref().map(|limit| !limit.is_empty()),
            errors: [(); 4].map(|()| RwSignal::new(String::new())),
        }
    }

    /// What the form says now.
    pub(super) fn rare(self) -> Rare {
        Rare {
            nested: self.nested.get(),
            quirks: self.quirks.map(|quirk| quirk.get()),
            limits: self.limits.map(|limit| limit.get()),
        }
    }

    /// Marks what is wrong; true when it can be saved.
    pub(super) fn check(self) -> bool {
        let good = untrack(|| self.rare()).good(self.told);
        for (error, (good, (.., most))) in self.errors.iter().zip(good.iter().zip(&LIMITS)) {
            let text = format!("Enter a whole number from 1 to {}.", crate::text::number(*most));
            error.set(if *good { String::new() } else { text });
        }
        good.iter().all(|good| *good)
    }
}

/// The panel, closed unless something in it is wrong.
pub(super) fn panel(fields: RareFields) -> AnyView {
    let quirks = NAMES
        .iter()
        .zip(fields.quirks)
        .map(|((_, label), value)| view! { <CheckField label=label value=value /> }.into_any());
    let quirks = quirks.collect::<Vec<_>>();
    let limits =
        LIMITS.iter().zip(fields.limits.iter().zip(fields.errors)).map(|((_, label, _), (value, error))| {
            view! { <TextField label=*label value=*value kind="number" error=error /> }.into_any()
        });
    let limits = limits.collect::<Vec<_>>();
    let wrong = move || fields.errors.iter().any(|error| !error.read().is_empty());
    let open = RwSignal::new(false);
    crate::ui::live::on_change(move || {
        if wrong() {
            open.set(true);
        }
    });
    view! {
        <details class="panel" prop:open=open>
            <summary>"Advanced"</summary>
            <div class="form">
                <fieldset class="field">
                    <legend>"What the application wants otherwise than SCIM says"</legend>
                    {quirks}
                </fieldset>
                <fieldset class="field">
                    <legend>"Limits of failures"</legend>
                    <p class="hint">"A cycle with more failures than these puts the job in quarantine."</p>
                    <div class="form-grid">{limits}</div>
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
        let saved = Rare { limits: ["5000", "40", "40000", "60000"].map(str::to_owned), ..Rare::default() };
        let changes = |rare: &Rare| {
            let mut changes = Vec::new();
            rare.add_changes(&saved, &mut changes);
            changes.into_iter().map(|change| (change.name, change.value)).collect::<Vec<_>>()
        };
        assert_eq!(changes(&saved), []);
        let mut rare = Rare { nested: true, ..saved.clone() };
        rare.quirks[0] = true;
        rare.quirks[4] = true;
        rare.limits[1] = " 50 ".to_owned();
        let expected = [(NESTED, "true"), (QUIRKS, "StringBooleans,Put"), (LIMITS[1].0, "50")];
        assert_eq!(changes(&rare), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn limits_have_bounds() {
        let rare = Rare { limits: ["0", "101", "many", ""].map(str::to_owned), ..Rare::default() };
        assert_eq!(rare.good([false; 4]), [false, false, false, true]);
        // What was cleared would stay as it is.
        assert_eq!(Rare::default().good([true, false, true, false]), [false, true, false, true]);
    }
}
