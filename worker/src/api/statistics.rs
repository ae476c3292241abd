//! `/auditLogs/provisioning/statistics`: what the log comes to, by day, by error and by duration.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use store::job::{DAY_MS, LogFilter, LogPage, LogStatistics, duration};
use worker::{Method, Response};

use super::{logs, only};
use crate::error::ApiError;
use crate::exchange::{Exchange, ok};
use crate::objects::job::{self, JobCommand};
use crate::platform::clock;

/// Days that are counted unless the filter says otherwise.
const DEFAULT_DAYS: i64 = 30;
/// Error codes that are told at most.
const ERRORS: usize = 10;

/// Answers a request.
pub async fn read(exchange: Exchange) -> Result<Response, ApiError> {
    only(&exchange, &Method::Get)?;
    let (applications, mut filter) = logs::selected(&exchange).await?;
    let now = clock::now_ms();
    let to = filter.to.unwrap_or(now);
    let from = *filter.from.get_or_insert(to - DEFAULT_DAYS * DAY_MS);
    let mut sum = Sum::default();
    for application in &applications {
        let command = JobCommand::LogStatistics { filter: filter.clone() };
        let found: LogStatistics = job::call(&exchange.env, application, &command).await?;
        sum.add(application, found);
    }
    let mut errors = Vec::new();
    for (code, count, application, id) in sum.errors() {
        // The counter remembers its newest entry, which may be older than the log by now.
        let filter = LogFilter { id: Some(id), ..LogFilter::default() };
        let command = JobCommand::Logs { filter, before: None, limit: 1 };
        let page: LogPage = job::call(&exchange.env, &application, &command).await?;
        let example = page.entries.first().map(|entry| crate::json::read::<Value>(&entry.document));
        errors.push(json!({
            "errorCode": code,
            "count": count,
            "example": example.transpose()?.map(|entry| abridged(&entry)),
        }));
    }
    ok(&json!({
        "from": clock::rfc3339(from),
        "to": clock::rfc3339(to),
        "counts": sum.counts(),
        "errors": errors,
        "durations": sum.durations(),
        "truncated": sum.truncated,
    }))
}

/// The statistics of all applications.
#[derive(Default)]
struct Sum {
    days: BTreeMap<(i64, String, String), i64>,
    errors: BTreeMap<String, (i64, String, String)>,
    durations: BTreeMap<String, BTreeMap<i64, i64>>,
    truncated: bool,
}

impl Sum {
    fn add(&mut self, application: &str, found: LogStatistics) {
        for (day, action, status, count) in found.days {
            *self.days.entry((day, action, status)).or_default() += count;
        }
        for (code, count, example) in found.errors {
            let known = self.errors.entry(code).or_insert_with(|| (0, application.to_owned(), example));
            known.0 += count;
        }
        for (action, bucket, count) in found.durations {
            *self.durations.entry(action).or_default().entry(bucket).or_default() += count;
        }
        self.truncated |= found.truncated;
    }

    fn counts(&self) -> Vec<Value> {
        let line = |((day, action, status), count): (&(i64, String, String), &i64)| {
            let date: String = clock::rfc3339(day * DAY_MS).chars().take(10).collect();
            json!({"date": date, "provisioningAction": action, "status": status, "count": count})
        };
        self.days.iter().map(line).collect()
    }

    /// The most frequent errors: code, entries, and where an example is.
    fn errors(&self) -> Vec<(String, i64, String, String)> {
        let mut errors: Vec<_> = self
            .errors
            .iter()
            .map(|(code, (count, application, id))| (code.clone(), *count, application.clone(), id.clone()))
            .collect();
        errors.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
        errors.truncate(ERRORS);
        errors
    }

    fn durations(&self) -> Vec<Value> {
        let line = |(action, buckets): (&String, &BTreeMap<i64, i64>)| {
            json!({
                "provisioningAction": action,
                "count": buckets.values().sum::<i64>(),
                "p50InMilliseconds": percentile(buckets, 50),
                "p95InMilliseconds": percentile(buckets, 95),
            })
        };
        self.durations.iter().map(line).collect()
    }
}

/// The duration that so many hundredths of the entries do not exceed, as near as the buckets tell.
fn percentile(buckets: &BTreeMap<i64, i64>, percent: i64) -> i64 {
    let total: i64 = buckets.values().sum();
    let mut seen = 0;
    for (bucket, count) in buckets {
        seen += count;
        if seen * 100 >= total * percent {
            return duration(*bucket);
        }
    }
    0
}

/// What an example shows of an entry.
fn abridged(entry: &Value) -> Value {
    let at = |pointer: &str| entry.pointer(pointer).cloned().unwrap_or_default();
    json!({
        "id": at("/id"),
        "activityDateTime": at("/activityDateTime"),
        "provisioningAction": at("/provisioningAction"),
        "jobId": at("/jobId"),
        "cycleId": at("/cycleId"),
        "changeId": at("/changeId"),
        "servicePrincipal": at("/servicePrincipal"),
        "sourceIdentity": at("/sourceIdentity"),
        "targetIdentity": at("/targetIdentity"),
        "errorInformation": at("/provisioningStatusInfo/errorInformation"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_read_from_buckets() {
        let check = |buckets: &[(i64, i64)], expected: (i64, i64)| {
            let buckets = buckets.iter().copied().collect();
            assert_eq!((percentile(&buckets, 50), percentile(&buckets, 95)), expected, "{buckets:?}");
        };
        check(&[], (0, 0));
        check(&[(3, 1)], (3, 3));
        check(&[(1, 50), (2, 45), (7, 5)], (1, 2));
        check(&[(1, 49), (2, 45), (7, 6)], (2, 7));
    }

    #[test]
    fn applications_are_added_up_and_the_most_frequent_errors_come_first() {
        let mut sum = Sum::default();
        for (application, count) in [("a", 1), ("b", 2)] {
            sum.add(
                application,
                LogStatistics {
                    days: vec![(20_000, "create".into(), "failure".into(), count)],
                    errors: vec![
                        ("Conflict".into(), count, application.into()),
                        (format!("E{application}"), 9, "x".into()),
                    ],
                    durations: vec![("create".into(), 5, count)],
                    truncated: count == 2,
                },
            );
        }
        assert_eq!(
            sum.counts(),
            [json!({"date": "2024-10-04", "provisioningAction": "create", "status": "failure", "count": 3})]
        );
        let codes: Vec<(String, i64)> =
            sum.errors().into_iter().map(|(code, count, ..)| (code, count)).collect();
        assert_eq!(codes, [("Ea".to_owned(), 9), ("Eb".to_owned(), 9), ("Conflict".to_owned(), 3)]);
        assert!(sum.truncated);
        assert_eq!(
            sum.durations(),
            [
                json!({"provisioningAction": "create", "count": 3, "p50InMilliseconds": 5, "p95InMilliseconds": 5})
            ]
        );
    }
}
