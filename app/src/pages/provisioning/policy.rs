//! The job's settings (`synchronizationJobSettings`): deprovisioning, held deletions, pace.

use crate::parts::create::follow;
use crate::ui::field::{CheckField, RadioField, TextField};
use crate::ui::live::live_option;
use crate::ui::panel::Panel;
use api::job::{NameValue, SynchronizationJob};
use leptos::prelude::*;

const ACTION: &str = "DeprovisioningAction";
const DAYS: &str = "DeleteAfterDays";
const RATE: &str = "RequestsPerSecond";
const HELD: &str = "QuarantineTooManyDeletesThreshold";
const HELD_PERCENT: &str = "QuarantineTooManyDeletesPercent";

/// The action that deletes.
const DELETES: &str = "DisableThenDelete";

const ACTIONS: &[(&str, &str)] = &[
    ("Disable", "Disable the account"),
    (DELETES, "Disable the account, and delete it later"),
    ("Nothing", "Leave the account as it is"),
];

/// Accounts that are too many unless others are given.
const DEFAULT_HELD: &str = "500";

/// What the form says, as it was typed. A field that is empty from the beginning has the server's default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(super) action: String,
    pub(super) days: String,
    pub(super) rate: String,
    /// Whether too many deletions are held back at all.
    pub(crate) hold: bool,
    /// Whether the job has limits of its own; one that is not there yet begins with the defaults.
    pub(super) limits: bool,
    pub(super) held: String,
    pub(super) percent: String,
}

/// A number of the form: its setting, what it may be, and what to say when it is not.
struct Rule {
    name: &'static str,
    get: fn(&Policy) -> &str,
    range: std::ops::RangeInclusive<u64>,
    /// Whether it may be taken away again.
    optional: bool,
    error: &'static str,
}

const RULES: [Rule; 4] = [
    Rule {
        name: DAYS,
        get: |policy| &policy.days,
        range: 0..=365,
        optional: false,
        error: "Enter a whole number of days from 0 to 365.",
    },
    Rule {
        name: RATE,
        get: |policy| &policy.rate,
        range: 0..=1_000,
        optional: false,
        error: "Enter a whole number from 0 to 1,000.",
    },
    Rule {
        name: HELD,
        get: |policy| &policy.held,
        range: 0..=1_000_000,
        optional: false,
        error: "Enter a whole number of accounts from 1 to 1,000,000, or 0 and a percentage.",
    },
    Rule {
        name: HELD_PERCENT,
        get: |policy| &policy.percent,
        range: 1..=100,
        optional: true,
        error: "Enter a whole number from 1 to 100, or nothing.",
    },
];

impl Policy {
    /// What a job has; one that is not there yet will have the defaults. `hold` stands among the notification
    /// settings.
    pub(crate) fn of(job: Option<&SynchronizationJob>, hold: bool) -> Self {
        let settings = job.map(|job| job.synchronization_job_settings.as_slice()).unwrap_or_default();
        let get = |name: &str, default: &str| {
            let found = settings.iter().find(|setting| setting.name == name);
            found.map_or(default, |setting| setting.value.as_str()).to_owned()
        };
        let (held, percent) = (get(HELD, DEFAULT_HELD), get(HELD_PERCENT, "0"));
        // Neither: that is how the server says that nothing is held.
        let none = held == "0" && percent == "0";
        let limits = settings.iter().any(|setting| setting.name == HELD_PERCENT);
        Self {
            action: get(ACTION, "Disable"),
            days: get(DAYS, "30"),
            rate: get(RATE, ""),
            hold,
            limits,
            held: if none { DEFAULT_HELD.to_owned() } else { held },
            percent: if percent == "0" { String::new() } else { percent },
        }
    }

    /// Whether the form shows a number now.
    fn shows(&self, name: &str) -> bool {
        match name {
            DAYS => self.action == DELETES,
            HELD | HELD_PERCENT => self.hold && self.limits,
            _ => true,
        }
    }

    /// What is wrong with each number, in the order of [`RULES`]. One that was not touched stays as it is.
    fn errors(&self, saved: &Self) -> [&'static str; 4] {
        RULES.each_ref().map(|rule| {
            let (value, before) = ((rule.get)(self).trim(), (rule.get)(saved));
            let nothing_held = rule.name == HELD && value == "0" && self.percent.trim().is_empty();
            let good = !self.shows(rule.name)
                || (value == before && !nothing_held)
                || (value.is_empty() && rule.optional)
                || (!nothing_held && value.parse::<u64>().is_ok_and(|number| rule.range.contains(&number)));
            if good { "" } else { rule.error }
        })
    }

    /// What is to be saved. A percentage that was taken away is 0.
    pub(crate) fn changes(&self, saved: &Self) -> Vec<NameValue> {
        let mut changes = Vec::new();
        let mut add = |name: &str, value: &str| {
            changes.push(NameValue { name: name.to_owned(), value: value.to_owned() });
        };
        if self.action != saved.action {
            add(ACTION, &self.action);
        }
        for rule in &RULES {
            let value = (rule.get)(self).trim();
            // What was switched on begins with what the form says.
            let begins = !saved.hold && matches!(rule.name, HELD | HELD_PERCENT);
            if self.shows(rule.name) && (begins || value != (rule.get)(saved)) {
                add(rule.name, if value.is_empty() { "0" } else { value });
            }
        }
        changes
    }
}

/// The fields, and what is wrong with them.
#[derive(Clone, Copy)]
pub(crate) struct PolicyFields {
    action: RwSignal<String>,
    days: RwSignal<String>,
    rate: RwSignal<String>,
    hold: RwSignal<bool>,
    limits: bool,
    held: RwSignal<String>,
    percent: RwSignal<String>,
    errors: [RwSignal<String>; 4],
}

impl PolicyFields {
    /// Shows whether deletions are held back as it was saved.
    pub(crate) fn follow(self, sent: &Policy, now: &Policy) {
        follow(self.hold, &sent.hold, &now.hold);
    }

    pub(crate) fn new(saved: &Policy) -> Self {
        Self {
            action: RwSignal::new(saved.action.clone()),
            days: RwSignal::new(saved.days.clone()),
            rate: RwSignal::new(saved.rate.clone()),
            hold: RwSignal::new(saved.hold),
            limits: saved.limits,
            held: RwSignal::new(saved.held.clone()),
            percent: RwSignal::new(saved.percent.clone()),
            errors: [(); 4].map(|()| RwSignal::new(String::new())),
        }
    }

    /// What the form says now.
    pub(crate) fn policy(self) -> Policy {
        Policy {
            action: self.action.get(),
            days: self.days.get(),
            rate: self.rate.get(),
            hold: self.hold.get(),
            limits: self.limits,
            held: self.held.get(),
            percent: self.percent.get(),
        }
    }

    /// Marks what is wrong; true when it can be saved.
    pub(crate) fn check(self, saved: &Policy) -> bool {
        let errors = untrack(|| self.policy()).errors(saved);
        for (field, error) in self.errors.iter().zip(errors) {
            field.set(error.to_owned());
        }
        errors.iter().all(|error| error.is_empty())
    }
}

/// The panels. `check` marks what is wrong.
pub(crate) fn panels(fields: PolicyFields, check: Callback<()>) -> AnyView {
    let [days_error, rate_error, held_error, percent_error] = fields.errors;
    let days = live_option(move || {
        (fields.action.read().as_str() == DELETES).then(|| {
            view! {
                <TextField
                    label="Days until the account is deleted"
                    value=fields.days
                    kind="number"
                    hint="From 0 to 365. Whoever comes back before keeps the account."
                    error=days_error
                    on_blur=check
                />
            }
            .into_any()
        })
    });
    let limits = live_option(move || {
        (fields.hold.get() && fields.limits).then(|| {
            view! {
                <TextField
                    label="Accounts that are too many"
                    value=fields.held
                    kind="number"
                    hint="A number of accounts in one cycle. The default is 500; 0 leaves it to the percentage."
                    error=held_error
                    on_blur=check
                />
                <TextField
                    label="Percentage that is too much"
                    value=fields.percent
                    kind="number"
                    hint="Of all linked accounts, in addition to the number. Leave it empty for none."
                    error=percent_error
                    on_blur=check
                />
            }
            .into_any()
        })
    });
    view! {
        <Panel title="Deprovisioning">
            <p>
                "What becomes of the account of somebody who is disabled, deleted or no longer in scope. A change looks at \
                everybody again in the next cycle."
            </p>
            <div class="form">
                <RadioField label="When somebody leaves" value=fields.action options=ACTIONS />
                {days}
            </div>
        </Panel>
        <Panel title="Accidental deletion prevention">
            <p>"A cycle that would disable or delete too many accounts holds those back until you have looked at them."</p>
            <div class="form">
                <CheckField label="Hold back when there are too many" value=fields.hold />
                {limits}
            </div>
        </Panel>
        <Panel title="Pace">
            <div class="form">
                <TextField
                    label="Requests a second"
                    value=fields.rate
                    kind="number"
                    placeholder="25"
                    hint="From 0, which is no limit, to 1,000. Empty is 25, and no limit for directories of this deployment. An \
                          application that answers 429 is left alone for as long as it asks."
                    error=rate_error
                    on_blur=check
                />
            </div>
        </Panel>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> Policy {
        Policy { limits: true, ..Policy::of(None, true) }
    }

    fn pairs(changes: &[NameValue]) -> Vec<(&str, &str)> {
        changes.iter().map(|change| (change.name.as_str(), change.value.as_str())).collect()
    }

    #[test]
    fn only_changes_are_saved() {
        assert_eq!(saved().changes(&saved()), []);
        let policy = Policy { action: DELETES.to_owned(), rate: " 10 ".to_owned(), ..saved() };
        assert_eq!(pairs(&policy.changes(&saved())), [(ACTION, DELETES), (RATE, "10")]);
        let policy = Policy { days: "5".to_owned(), percent: "20".to_owned(), ..saved() };
        assert_eq!(pairs(&policy.changes(&saved())), [(HELD_PERCENT, "20")]);
        assert_eq!(pairs(&saved().changes(&policy)), [(HELD_PERCENT, "0")]);
    }

    #[test]
    fn what_is_switched_on_begins_with_what_the_form_says() {
        let off = Policy { hold: false, ..saved() };
        assert_eq!(pairs(&saved().changes(&off)), [(HELD, "500"), (HELD_PERCENT, "0")]);
        assert_eq!(off.changes(&saved()), []);
    }

    #[test]
    fn numbers_have_bounds() {
        let check = |policy: Policy, wrong: usize| {
            let errors = policy.errors(&saved());
            assert_eq!(errors.iter().filter(|error| !error.is_empty()).count(), wrong, "{policy:?}");
        };
        check(saved(), 0);
        let text = |text: &str| text.to_owned();
        check(Policy { days: text("366"), ..saved() }, 0);
        check(Policy { action: text(DELETES), days: text("366"), ..saved() }, 1);
        check(Policy { action: text(DELETES), days: text("0"), ..saved() }, 0);
        check(Policy { rate: text("1001"), held: text("1000001"), percent: text("101"), ..saved() }, 3);
        check(Policy { rate: text("-1"), held: text(""), percent: text(""), ..saved() }, 2);
        check(Policy { rate: text("0"), held: text("1000000"), percent: text("1"), ..saved() }, 0);
        check(Policy { held: text("0"), ..saved() }, 1);
        check(Policy { held: text("0"), percent: text("100"), ..saved() }, 0);
        check(Policy { hold: false, held: text("many"), ..saved() }, 0);
    }
}
