//! Test Connection probe by probe: `POST …/validateCredentials?details=true`. The job's object sends the requests;
//! here the answers are judged, so that a person sees how far it works and what to change.

use api::job::ValidateCredentials;
use provisioning::cycle::TransportErrorKind;
use provisioning::target::{Outcome, Purpose, Resource, probe, read_list};
use serde_json::{Value, json};
use worker::Response;

use crate::error::ApiError;
use crate::exchange::{Exchange, ok};
use crate::job::probes::{CONFIG, GROUPS, MATCHING, Probed, SAMPLE, SCHEMAS, USERS};
use crate::objects::job::{self, JobCommand};

/// Name and heading of each probe, in the order in which they are told.
const PROBES: [(&str, &str); 7] = [
    ("address", "The address answers"),
    ("authentication", "The credentials are accepted"),
    (CONFIG, "The application says what it can do"),
    (USERS, "A search for an account that nobody has finds nobody"),
    (MATCHING, "A search by the matching attribute finds an account"),
    (GROUPS, "Groups can be searched"),
    (SCHEMAS, "The application publishes its schemas"),
];

/// What came of a probe.
#[derive(Debug, PartialEq)]
enum Verdict {
    Success(String),
    Warning(String),
    Failure(String),
    Skipped(String),
}

use Verdict::{Failure, Skipped, Success, Warning};

/// Answers 200 with every probe, whatever came of them.
pub async fn probe_by_probe(
    exchange: &Exchange,
    id: &str,
    request: ValidateCredentials,
) -> Result<Response, ApiError> {
    let command = JobCommand::Probe { request, origin: exchange.origin.clone() };
    let verdicts = match job::call::<Vec<Probed>>(&exchange.env, id, &command).await {
        Ok(probed) => judge(&probed),
        // What cannot be sent at all: half of the credentials, or an address that is none.
        Err(error) if error.status == 400 => vec![(Failure(error.message), 0)],
        Err(error) => return Err(error),
    };
    ok(&json!({ "value": list(verdicts) }))
}

/// The verdicts as the API shows them; what comes behind a failure is skipped.
fn list(verdicts: Vec<(Verdict, i64)>) -> Vec<Value> {
    let mut failed = false;
    let mut verdicts = verdicts.into_iter();
    PROBES
        .into_iter()
        .map(|(name, heading)| {
            let (verdict, millis) = match verdicts.next() {
                Some(verdict) if !failed => verdict,
                _ => (Skipped("An earlier probe failed; remove its cause first.".to_owned()), 0),
            };
            failed |= matches!(verdict, Failure(_));
            let (status, message) = match verdict {
                Success(message) => ("success", message),
                Warning(message) => ("warning", message),
                Failure(message) => ("failure", message),
                Skipped(message) => ("skipped", message),
            };
            json!({
                "name": name,
                "displayName": heading,
                "status": status,
                "message": message,
                "durationInMilliseconds": millis,
            })
        })
        .collect()
}

/// Judges the answers, in the order of [`PROBES`].
fn judge(probed: &[Probed]) -> Vec<(Verdict, i64)> {
    let find = |name: &str| probed.iter().find(|probe| probe.name == name);
    let Some(first) = find(USERS) else { return Vec::new() };
    let timed = |name: &str, verdict: Verdict| (verdict, find(name).map_or(0, |probe| probe.millis));
    let (address, authentication) = reached(&first.outcome);
    vec![
        (address, first.millis),
        (authentication, 0),
        timed(CONFIG, find(CONFIG).map_or_else(not_asked, |probe| config(&probe.outcome))),
        (nobody(first, "Nobody was found, as it should be."), first.millis),
        timed(MATCHING, matching(find(SAMPLE), find(MATCHING))),
        timed(
            GROUPS,
            find(GROUPS).map_or_else(
                || Skipped("Groups are not provisioned: their mapping is switched off.".to_owned()),
                |probe| nobody(probe, "No group was found, as it should be."),
            ),
        ),
        timed(SCHEMAS, find(SCHEMAS).map_or_else(not_asked, |probe| schemas(&probe.outcome))),
    ]
}

fn not_asked() -> Verdict {
    Skipped("It was not asked.".to_owned())
}

/// Address and credentials, from the first exchange.
fn reached(outcome: &Outcome) -> (Verdict, Verdict) {
    let Err(error) = outcome else {
        let address = Success("The connection comes about.".to_owned());
        let refused = outcome.as_ref().is_ok_and(|response| matches!(response.status, 401 | 403));
        return match problem(outcome).filter(|_| refused) {
            Some(problem) => (address, Failure(problem)),
            None => (address, Success("The application takes the credentials.".to_owned())),
        };
    };
    let told = problem(outcome).unwrap_or_default();
    match error.kind {
        TransportErrorKind::Credentials | TransportErrorKind::TokenEndpoint => {
            (Skipped("It was not asked: there is no access token yet.".to_owned()), Failure(told))
        }
        _ => (Failure(told), not_asked()),
    }
}

/// What is wrong with an answer to a search for nobody, and what to change.
fn problem(outcome: &Outcome) -> Option<String> {
    let problem = probe::verdict(outcome).err()?;
    let details = problem.details.map(|details| format!(" Details: {details}")).unwrap_or_default();
    Some(format!("{} {}{details}", problem.message, problem.recommended_action))
}

fn nobody(probe: &Probed, good: &str) -> Verdict {
    problem(&probe.outcome).map_or_else(|| Success(good.to_owned()), Failure)
}

/// The body of a good answer, as JSON.
fn body(outcome: &Outcome) -> Option<Value> {
    let response = outcome.as_ref().ok().filter(|response| response.status == 200)?;
    serde_json::from_str::<Value>(&response.body).ok().filter(Value::is_object)
}

/// Applications need not publish it; what it says may tell that something will fail.
fn config(outcome: &Outcome) -> Verdict {
    let Some(config) = body(outcome) else {
        let status = outcome.as_ref().map_or(0, |response| response.status);
        return Warning(format!(
            "The application does not publish a ServiceProviderConfig (it answered {status}), so it is taken to support filters and PATCH. Nothing needs to be changed if provisioning works."
        ));
    };
    let lacks =
        |name: &str| config.get(name).and_then(|part| part.get("supported")) == Some(&Value::Bool(false));
    match (lacks("filter"), lacks("patch")) {
        (true, _) => Warning(
            "The application says that it does not support filters, by which accounts are matched. Ask its vendor how accounts are found by userName.".to_owned(),
        ),
        (_, true) => Warning(
            "The application says that it does not support PATCH, by which accounts are changed. Ask its vendor, or switch on the quirk Put in the job's settings.".to_owned(),
        ),
        _ => Success("It supports filters and PATCH.".to_owned()),
    }
}

fn matching(sample: Option<&Probed>, search: Option<&Probed>) -> Verdict {
    let attribute = sample.and_then(|probe| probe.wanted.clone()).unwrap_or_default();
    let Some(sample) = sample.and_then(|probe| read_list(&probe.outcome, Purpose::Probe).ok()) else {
        return Skipped(format!(
            "The application does not list accounts without a filter, so there is none to search for by {attribute}."
        ));
    };
    let Some(search) = search else {
        return Skipped(if sample.is_empty() {
            format!("There is no account yet to search for by {attribute}.")
        } else {
            format!("The first account has no {attribute} to search for.")
        });
    };
    let found = match read_list(&search.outcome, Purpose::Match) {
        Ok(found) => found,
        Err(failure) => {
            return Failure(format!(
                "{} Match by an attribute that the application can filter on.{}",
                failure.reason,
                failure.details.map(|details| format!(" Details: {details}")).unwrap_or_default()
            ));
        }
    };
    let is_wanted = |account: &&Resource| Some(account.id.as_str()) == search.wanted.as_deref();
    match (found.iter().find(is_wanted), found.len()) {
        (Some(_), 1) => Success(format!("An account was found by its {attribute}.")),
        (Some(_), number) => Failure(format!(
            "{number} accounts have one {attribute}. Match by an attribute that is unique in the application, or remove the surplus accounts."
        )),
        (None, _) => Failure(format!(
            "An account was not found by its own {attribute}, so that it would be created a second time. Match by an attribute that the application can filter on."
        )),
    }
}

/// Optional; mappings are not limited to what is published.
fn schemas(outcome: &Outcome) -> Verdict {
    match body(outcome).and_then(|list| list.get("Resources").and_then(Value::as_array).map(Vec::len)) {
        Some(number) => Success(format!("{number} schemas are published.")),
        None => Warning(
            "The application does not publish its schemas as a list. Nothing needs to be changed; attributes are taken from the mappings.".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provisioning::cycle::{ScimResponse, TransportError};

    fn answer(status: u16, body: &str) -> Outcome {
        Ok(ScimResponse { status, body: body.to_owned(), ..ScimResponse::default() })
    }

    fn probe(name: &str, outcome: Outcome, wanted: &str) -> Probed {
        Probed { name: name.to_owned(), millis: 7, outcome, wanted: Some(wanted.to_owned()) }
    }

    fn statuses(probed: &[Probed]) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        list(judge(probed)).iter().map(|probe| text(&probe["status"])).collect()
    }

    const NOBODY: &str = r#"{"totalResults":0,"Resources":[]}"#;
    const SOMEBODY: &str = r#"{"totalResults":1,"Resources":[{"id":"1","userName":"a"}]}"#;

    #[test]
    fn a_good_application_passes_every_probe() {
        let config = r#"{"filter":{"supported":true},"patch":{"supported":true}}"#;
        let probed = [
            probe(USERS, answer(200, NOBODY), "userName"),
            probe(CONFIG, answer(200, config), "userName"),
            probe(SAMPLE, answer(200, SOMEBODY), "userName"),
            probe(MATCHING, answer(200, SOMEBODY), "1"),
            probe(GROUPS, answer(200, NOBODY), "displayName"),
            probe(SCHEMAS, answer(200, NOBODY), ""),
        ];
        assert_eq!(statuses(&probed), ["success"; 7]);
    }

    #[test]
    fn what_comes_behind_a_failure_is_skipped() {
        let refused = TransportError { kind: TransportErrorKind::Refused, message: String::new() };
        let check = |outcome: Outcome, expected: [&str; 4]| {
            assert_eq!(statuses(&[probe(USERS, outcome, "userName")])[..4], expected);
        };
        check(Err(refused), ["failure", "skipped", "skipped", "skipped"]);
        check(answer(401, ""), ["success", "failure", "skipped", "skipped"]);
        let token = TransportError { kind: TransportErrorKind::Credentials, message: "No.".to_owned() };
        check(Err(token), ["skipped", "failure", "skipped", "skipped"]);
        check(answer(404, ""), ["success", "success", "skipped", "failure"]);
        check(answer(200, SOMEBODY), ["success", "success", "skipped", "failure"]);
    }

    #[test]
    fn the_matching_attribute_must_find_its_account() {
        let check = |sample: Outcome, search: Option<Outcome>, expected: &str| {
            let sample = probe(SAMPLE, sample, "userName");
            let search = search.map(|outcome| probe(MATCHING, outcome, "1"));
            let found = format!("{:?}", matching(Some(&sample), search.as_ref()));
            assert!(found.starts_with(expected), "{found}");
        };
        let two = r#"{"totalResults":2,"Resources":[{"id":"1"},{"id":"2"}]}"#;
        check(answer(400, ""), None, "Skipped");
        check(answer(200, NOBODY), None, "Skipped");
        check(answer(200, SOMEBODY), None, "Skipped");
        check(answer(200, SOMEBODY), Some(answer(200, SOMEBODY)), "Success");
        check(answer(200, SOMEBODY), Some(answer(200, NOBODY)), "Failure");
        check(answer(200, SOMEBODY), Some(answer(200, two)), "Failure");
        check(answer(200, SOMEBODY), Some(answer(400, "")), "Failure");
    }

    #[test]
    fn what_is_optional_is_a_warning() {
        for text in [r#"{"patch":{"supported":false}}"#, r#"{"filter":{"supported":false}}"#] {
            assert!(matches!(config(&answer(200, text)), Warning(_)), "{text}");
        }
        assert!(matches!(config(&answer(404, "")), Warning(_)));
        assert!(matches!(schemas(&answer(404, "")), Warning(_)));
        assert!(matches!(schemas(&answer(200, "[]")), Warning(_)));
    }
}
