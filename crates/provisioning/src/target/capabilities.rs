//! What a target says that it can do: `/ServiceProviderConfig` (RFC 7643, section 5).

use serde_json::{Map, Value as Json, json};

use super::request::{Purpose, ScimRequest};
use super::response::{Outcome, accepted};
use crate::outbox::{BulkLimits, MAX_PAGE};

/// The request.
pub fn request() -> ScimRequest {
    ScimRequest::get("/ServiceProviderConfig".to_owned(), Purpose::Probe)
}

/// Reads the answer, as the management API shows it. An answer that says nothing says that nothing special is
/// supported. None when it may be another one soon: a fault of the network or of the server, or credentials that are
/// refused.
pub fn read(outcome: &Outcome) -> Option<Json> {
    let body = match accepted(outcome, Purpose::Probe) {
        Ok(response) => serde_json::from_str(&response.body).unwrap_or(Json::Null),
        Err(failure) if failure.fatal || failure.transient => return None,
        Err(_) => Json::Null,
    };
    let feature = |name: &str| body.get(name).and_then(Json::as_object);
    let supported = |feature: Option<&Map<String, Json>>| {
        Json::from(feature.and_then(|feature| feature.get("supported")).is_some_and(is_true))
    };
    let number = |feature: Option<&Map<String, Json>>, name: &str| {
        Json::from(feature.and_then(|feature| feature.get(name)).and_then(whole_number))
    };
    let (bulk, filter) = (feature("bulk"), feature("filter"));
    let schemes: Vec<Json> = body
        .get("authenticationSchemes")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .map(|scheme| {
            let text = |name: &str| scheme.get(name).filter(|value| value.is_string()).cloned();
            json!({"type": text("type"), "name": text("name")})
        })
        .collect();
    Some(json!({
        "patch": supported(feature("patch")),
        "bulk": {
            "supported": supported(bulk),
            "maxOperations": number(bulk, "maxOperations"),
            "maxPayloadSize": number(bulk, "maxPayloadSize"),
        },
        "filter": {"supported": supported(filter), "maxResults": number(filter, "maxResults")},
        "sort": supported(feature("sort")),
        "etag": supported(feature("etag")),
        "changePassword": supported(feature("changePassword")),
        "authenticationSchemes": schemes,
    }))
}

/// How much goes into one Bulk request, by what [`read`] gave. A limit that is not told is no limit.
pub fn bulk(capabilities: &Json) -> Option<BulkLimits> {
    let bulk = capabilities.get("bulk")?;
    let limit = |name: &str| bulk.get(name).and_then(Json::as_u64).unwrap_or(u64::MAX);
    match bulk.get("supported").and_then(Json::as_bool) {
        Some(true) => BulkLimits::of(limit("maxOperations"), limit("maxPayloadSize")),
        _ => None,
    }
}

/// How many resources an answer may have, by what [`read`] gave: as many as the target allows, and we. None where it
/// does not filter, or does not say how many it gives.
pub fn page(capabilities: &Json) -> Option<usize> {
    let filter = capabilities.get("filter")?;
    let most = filter.get("maxResults").and_then(Json::as_u64)?;
    let is_supported = filter.get("supported").and_then(Json::as_bool) == Some(true);
    is_supported.then(|| usize::try_from(most).unwrap_or(MAX_PAGE).min(MAX_PAGE))
}

/// Some targets write truth values as text.
fn is_true(value: &Json) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")))
}

/// And numbers.
fn whole_number(value: &Json) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycle::{ScimResponse, TransportError, TransportErrorKind};

    fn answer(status: u16, body: &Json) -> Outcome {
        Ok(ScimResponse { status, body: body.to_string(), ..ScimResponse::default() })
    }

    #[test]
    fn what_is_offered_is_read() {
        let read = read(&answer(
            200,
            &json!({
                "patch": {"supported": true},
                "bulk": {"supported": "True", "maxOperations": 50, "maxPayloadSize": "100000"},
                "filter": {"supported": true, "maxResults": 200},
                "sort": {"supported": false},
                "authenticationSchemes": [{"type": "oauthbearertoken", "name": "OAuth", "specUri": "x"}, 7],
            }),
        ))
        .unwrap();
        assert_eq!(
            read,
            json!({
                "patch": true,
                "bulk": {"supported": true, "maxOperations": 50, "maxPayloadSize": 100_000},
                "filter": {"supported": true, "maxResults": 200},
                "sort": false, "etag": false, "changePassword": false,
                "authenticationSchemes": [
                    {"type": "oauthbearertoken", "name": "OAuth"}, {"type": null, "name": null},
                ],
            })
        );
        assert_eq!(bulk(&read), Some(BulkLimits { max_operations: 50, max_payload: 100_000 }));
    }

    #[test]
    fn pages_are_the_targets_within_ours() {
        let check = |filter: Json, expected: Option<usize>| {
            let read = read(&answer(200, &json!({"filter": filter}))).unwrap();
            assert_eq!(page(&read), expected, "{filter}");
        };
        check(json!({"supported": true, "maxResults": 5}), Some(5));
        check(json!({"supported": "true", "maxResults": "20"}), Some(20));
        check(json!({"supported": true, "maxResults": 1_000}), Some(MAX_PAGE));
        check(json!({"supported": true}), None);
        check(json!({"supported": false, "maxResults": 200}), None);
        check(json!(null), None);
    }

    #[test]
    fn whoever_does_not_say_offers_nothing() {
        for (status, body) in [(404, json!({})), (200, json!({})), (200, json!([1])), (501, json!("no"))] {
            let read = read(&answer(status, &body)).unwrap();
            assert_eq!((bulk(&read), &read["patch"]), (None, &json!(false)), "{status} {body}");
            assert_eq!(read["bulk"]["maxOperations"], Json::Null);
        }
    }

    #[test]
    fn what_may_pass_is_no_answer() {
        for status in [401, 403, 429, 500, 503] {
            assert_eq!(read(&answer(status, &json!({}))), None, "{status}");
        }
        let lost = TransportError { kind: TransportErrorKind::Timeout, message: String::new() };
        assert_eq!(read(&Err(lost)), None);
    }
}
