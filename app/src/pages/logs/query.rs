//! What the log is filtered by, in the address and in OData.

use crate::api::odata::literal;

/// The filters of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LogQuery {
    pub(crate) application: String,
    pub(crate) status: String,
    pub(crate) action: String,
    pub(crate) person: String,
    pub(crate) cycle: String,
    /// The id of one person or group.
    pub(crate) source: String,
    pub(crate) error: String,
    /// `2026-01-31`, in UTC.
    pub(crate) day: String,
    /// From this day on, like a day; a day counts before it.
    pub(crate) since: String,
    /// One change only; set by a link to it.
    pub(crate) change: String,
}

impl LogQuery {
    /// The `$filter`.
    pub(crate) fn filter(&self) -> String {
        let equal = [
            ("servicePrincipal/id", &self.application),
            ("provisioningStatusInfo/status", &self.status),
            ("provisioningAction", &self.action),
            ("cycleId", &self.cycle),
            ("sourceIdentity/id", &self.source),
            ("provisioningStatusInfo/errorInformation/errorCode", &self.error),
            ("changeId", &self.change),
        ];
        let equal = equal.into_iter().filter(|(_, value)| !value.is_empty());
        let mut terms: Vec<String> =
            equal.map(|(name, value)| format!("{name} eq {}", literal(value))).collect();
        let person = self.person.trim();
        if !person.is_empty() {
            terms.push(format!("contains(sourceIdentity/displayName,{})", literal(person)));
        }
        let (day, since) = (&self.day, &self.since);
        if is_date(day) {
            terms.push(format!(
                "activityDateTime ge {day}T00:00:00Z and activityDateTime le {day}T23:59:59.999Z"
            ));
        } else if is_date(since) {
            terms.push(format!("activityDateTime ge {since}T00:00:00Z"));
        }
        terms.join(" and ")
    }

    /// Whether anything but the application is filtered.
    pub(crate) fn is_narrowed(&self) -> bool {
        let filters = [
            &self.status,
            &self.action,
            &self.person,
            &self.cycle,
            &self.source,
            &self.error,
            &self.day,
            &self.since,
            &self.change,
        ];
        filters.iter().any(|value| !value.is_empty())
    }
}

/// Only what is a date: it stands in the filter without quotes.
fn is_date(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_joined_and_escaped() {
        let query = LogQuery {
            application: "a1".to_owned(),
            status: "failure".to_owned(),
            person: " O'Brien ".to_owned(),
            ..LogQuery::default()
        };
        assert_eq!(
            query.filter(),
            "servicePrincipal/id eq 'a1' and provisioningStatusInfo/status eq 'failure' and \
             contains(sourceIdentity/displayName,'O''Brien')"
        );
        assert!(query.is_narrowed());
        assert!(!LogQuery { application: "a1".to_owned(), ..LogQuery::default() }.is_narrowed());
    }

    #[test]
    fn a_day_is_a_day_in_utc() {
        let query = LogQuery { day: "2026-01-31".to_owned(), ..LogQuery::default() };
        assert_eq!(
            query.filter(),
            "activityDateTime ge 2026-01-31T00:00:00Z and activityDateTime le 2026-01-31T23:59:59.999Z"
        );
        let since = LogQuery { since: "2026-01-02".to_owned(), ..LogQuery::default() };
        assert_eq!(since.filter(), "activityDateTime ge 2026-01-02T00:00:00Z");
        assert!(since.is_narrowed());
        let both = LogQuery { since: since.since, ..query };
        assert!(both.filter().starts_with("activityDateTime ge 2026-01-31T00:00:00Z and"));
        assert_eq!(LogQuery { since: "1 or true!".to_owned(), ..LogQuery::default() }.filter(), "");
        assert_eq!(LogQuery { day: "1 or true!".to_owned(), ..LogQuery::default() }.filter(), "");
    }
}
