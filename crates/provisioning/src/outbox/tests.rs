use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::*;
use crate::cycle::ScimResponse;
use crate::target::{Method, TargetPath, uri};

fn limits(max_operations: usize) -> Options {
    Options { bulk: Some(BulkLimits { max_operations, max_payload: 10_000 }), joins: Joins::Nothing }
}

fn create(name: &str) -> ScimRequest {
    ScimRequest {
        method: Method::Post,
        path_and_query: "/Users".to_owned(),
        body: Some(json!({"userName": name})),
        purpose: Purpose::Create,
        idempotent: false,
    }
}

fn change(id: &str) -> ScimRequest {
    ScimRequest {
        method: Method::Patch,
        path_and_query: format!("/Users/{id}"),
        body: Some(json!({"Operations": []})),
        purpose: Purpose::Update,
        idempotent: true,
    }
}

fn find(name: &str) -> ScimRequest {
    let path = TargetPath::parse("userName").unwrap();
    ScimRequest {
        method: Method::Get,
        path_and_query: uri::search("/Users", &path, &json!(name)),
        body: None,
        purpose: Purpose::Match,
        idempotent: true,
    }
}

fn read(id: &str) -> ScimRequest {
    ScimRequest { path_and_query: format!("/Users/{id}"), purpose: Purpose::Read, ..find("") }
}

fn outbox(options: Options, requests: &[ScimRequest]) -> Outbox {
    let mut outbox = Outbox::new(options);
    for (index, request) in requests.iter().enumerate() {
        outbox.push(index as EffectId, request.clone());
    }
    outbox
}

fn all(outbox: &mut Outbox) -> Vec<Transmission> {
    std::iter::from_fn(|| outbox.take()).collect()
}

fn lines(transmissions: &[Transmission]) -> Vec<(String, usize)> {
    let line = |sent: &Transmission| {
        (format!("{} {}", sent.request.method.as_str(), sent.request.path_and_query), sent.parts())
    };
    transmissions.iter().map(line).collect()
}

fn ok(status: u16, body: &Json) -> Outcome {
    Ok(ScimResponse { status, body: body.to_string(), ..ScimResponse::default() })
}

fn statuses(delivery: &Delivery) -> BTreeMap<EffectId, u16> {
    let status = |outcome: &Outcome| outcome.as_ref().map_or(0, |response| response.status);
    delivery.answers.iter().map(|(id, outcome)| (*id, status(outcome))).collect()
}

#[test]
fn limits_are_the_targets_within_ours() {
    let check = |operations, payload, expected: Option<(usize, usize)>| {
        let limits = BulkLimits::of(operations, payload);
        assert_eq!(limits.map(|limits| (limits.max_operations, limits.max_payload)), expected);
    };
    check(1_000, 8 << 20, Some((MAX_OPERATIONS, MAX_PAYLOAD)));
    check(20, 5_000, Some((20, 5_000)));
    check(u64::MAX, u64::MAX, Some((MAX_OPERATIONS, MAX_PAYLOAD)));
    check(1, 1_000_000, None);
    check(0, 0, None);
    check(100, 100, None);
}

#[test]
fn without_bulk_everything_goes_alone_and_in_order_six_at_a_time() {
    let requests = [create("a"), change("1"), find("b"), create("c"), change("2"), find("d"), create("e")];
    let mut outbox = outbox(Options::default(), &requests);
    let mut sent = all(&mut outbox);
    assert_eq!(sent.iter().map(|sent| sent.request.clone()).collect::<Vec<_>>(), requests[..6]);
    let delivery = outbox.answered(sent.remove(0), ok(201, &json!({"id": "1"})));
    assert_eq!((statuses(&delivery), delivery.difference), ([(0, 201)].into(), 0));
    assert_eq!(all(&mut outbox).len(), 1);
}

#[test]
fn writes_go_together_when_no_read_is_under_way_or_enough_are_there() {
    let mut outbox = outbox(limits(3), &[find("x"), create("a"), create("b"), change("1")]);
    let sent = all(&mut outbox);
    assert_eq!(lines(&sent).len(), 1, "a search");
    outbox.push(9, create("c"));
    assert_eq!(lines(&all(&mut outbox)), [("POST /Bulk".to_owned(), 3)], "three are enough");
    let mut sent = sent.into_iter();
    outbox.answered(sent.next().unwrap(), ok(200, &json!({})));
    assert_eq!(lines(&all(&mut outbox)), [("PATCH /Users/1".to_owned(), 1)], "one goes alone");
}

#[test]
fn creations_and_changes_are_kept_apart_so_that_changes_may_be_repeated() {
    let mut outbox = outbox(limits(9), &[create("a"), change("1"), create("b"), change("2")]);
    let sent = all(&mut outbox);
    assert_eq!(lines(&sent), [("POST /Bulk".to_owned(), 2), ("POST /Bulk".to_owned(), 2)]);
    assert_eq!(sent.iter().map(|sent| sent.request.idempotent).collect::<Vec<_>>(), [false, true]);
    assert_eq!(
        sent[0].request.body,
        Some(json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [
                {"method": "POST", "path": "/Users", "bulkId": "e0", "data": {"userName": "a"}},
                {"method": "POST", "path": "/Users", "bulkId": "e2", "data": {"userName": "b"}},
            ],
        }))
    );
}

#[test]
fn payloads_stay_within_the_limit() {
    let long = "x".repeat(3_000);
    let requests: Vec<ScimRequest> = (0..8)
        .map(|number| create(&format!("{long}{number}")))
        .chain([create(&"y".repeat(20_000))])
        .collect();
    let mut outbox = outbox(limits(100), &requests);
    let sent = all(&mut outbox);
    assert_eq!(sent.iter().map(Transmission::parts).collect::<Vec<_>>(), [3, 3, 2, 1]);
    for sent in sent {
        assert!(sent.parts() == 1 || sent.request.body_text().len() <= 10_000);
    }
}

#[test]
fn values_that_look_like_a_bulk_id_go_alone() {
    let mut outbox = outbox(limits(9), &[create("bulkId:e1"), create("a"), create("b")]);
    assert_eq!(lines(&all(&mut outbox)), [("POST /Users".to_owned(), 1), ("POST /Bulk".to_owned(), 2)]);
}

#[test]
fn answers_are_those_of_single_requests() {
    let requests = [create("a"), create("b"), create("c"), create("d"), create("e")];
    let mut outbox = outbox(limits(9), &requests);
    let sent = all(&mut outbox).remove(0);
    let body = json!({"Operations": [
        {"bulkId": "e2", "method": "POST", "status": "409", "response": {"scimType": "uniqueness"}},
        {"bulkId": "e0", "method": "POST", "status": {"code": "201"}, "location": "https://x/Users/7"},
        {"bulkId": "e1", "method": "POST", "status": 201, "location": "https://x/Users/8", "response": {"id": "8"}},
        {"bulkId": "e3", "method": "POST", "status": "429"},
    ]});
    let delivery = outbox.answered(sent, ok(200, &body));
    assert_eq!(statuses(&delivery), [(0, 201), (1, 201), (2, 409), (4, 0)].into(), "the last was left out");
    assert_eq!(delivery.difference, 1 - 4);
    let response = |id| {
        let (_, outcome) = delivery.answers.iter().find(|(found, _)| *found == id).unwrap();
        outcome.clone().unwrap()
    };
    assert_eq!(response(0).location.as_deref(), Some("https://x/Users/7"));
    assert_eq!(response(0).body, "");
    assert_eq!(response(1).body, r#"{"id":"8"}"#);
    assert_eq!(response(2).body, r#"{"scimType":"uniqueness"}"#);
    assert_eq!(lines(&all(&mut outbox)), [("POST /Users".to_owned(), 1)], "429: it was not looked at");
}

#[test]
fn answers_without_bulk_id_are_told_by_their_order() {
    let mut outbox = outbox(limits(9), &[change("1"), change("2")]);
    let sent = all(&mut outbox).remove(0);
    let body =
        json!({"Operations": [{"method": "PATCH", "status": "200"}, {"method": "patch", "status": "404"}]});
    assert_eq!(statuses(&outbox.answered(sent, ok(200, &body))), [(0, 200), (1, 404)].into());
}

#[test]
fn a_refused_bulk_is_never_tried_again() {
    for status in [404, 405, 413, 501] {
        let mut outbox =
            outbox(limits(2), &[create("a"), create("b"), change("1"), change("2"), change("3")]);
        let mut sent = all(&mut outbox);
        let delivery = outbox.answered(sent.remove(0), ok(status, &json!({})));
        assert_eq!((delivery.answers.len(), delivery.difference), (0, 1));
        assert!(outbox.refused_bulk());
        let rest = lines(&all(&mut outbox));
        assert!(rest.contains(&("POST /Users".to_owned(), 1)) && rest.iter().all(|(_, parts)| *parts == 1));
    }
}

#[test]
fn a_bulk_that_fails_leaves_every_creation_uncertain() {
    let lost = Err(unclear("lost"));
    let check = |outcome: Outcome, expected: &[(EffectId, u16)], refused: bool| {
        let mut outbox = outbox(limits(9), &[create("a"), create("b")]);
        let sent = all(&mut outbox).remove(0);
        let delivery = outbox.answered(sent, outcome);
        assert_eq!(statuses(&delivery), expected.iter().copied().collect());
        assert_eq!(outbox.refused_bulk(), refused);
        assert_eq!(all(&mut outbox).len(), 0, "none is sent again");
    };
    check(lost, &[(0, 0), (1, 0)], false);
    check(ok(500, &json!({})), &[(0, 500), (1, 500)], false);
    check(ok(429, &json!({})), &[(0, 429), (1, 429)], false);
    check(ok(200, &json!("?")), &[(0, 0), (1, 0)], true);
    check(ok(400, &json!({})), &[(0, 0), (1, 0)], true);
}

#[test]
fn a_token_that_is_refused_answers_all_that_waits() {
    let requests: Vec<ScimRequest> = (0..20).map(|number| find(&format!("n{number}"))).collect();
    let mut outbox = outbox(Options::default(), &requests);
    let mut sent = all(&mut outbox);
    let delivery = outbox.answered(sent.remove(0), ok(401, &json!({})));
    assert_eq!((delivery.answers.len(), delivery.difference), (15, -14));
    assert_eq!(all(&mut outbox).len(), 0);
}

const JOINS: Options = Options { bulk: None, joins: Joins::Searches { page: MAX_PAGE } };

fn found(users: &[Json]) -> Outcome {
    ok(200, &json!({"totalResults": users.len(), "Resources": users}))
}

#[test]
fn searches_are_joined_and_their_hits_given_back() {
    let mut outbox = outbox(JOINS, &[find("a\"b"), find("c"), find("d"), read("7"), find("")]);
    let mut sent = all(&mut outbox);
    assert_eq!(lines(&sent)[0], (
        "GET /Users?count=6&filter=userName%20eq%20%22a%5C%22b%22%20or%20userName%20eq%20%22c%22%20or%20userName%20eq%20%22d%22".to_owned(),
        3,
    ));
    assert_eq!(sent.iter().map(Transmission::parts).collect::<Vec<_>>(), [3, 1, 1]);
    let c = |id: &str| json!({"id": id, "userName": "c"});
    let delivery =
        outbox.answered(sent.remove(0), found(&[c("1"), json!({"id": "2", "userName": "a\"b"}), c("3")]));
    let hits = |index: usize| -> Json {
        let body: Json = serde_json::from_str(&delivery.answers[index].1.as_ref().unwrap().body).unwrap();
        json!([
            body["totalResults"],
            body["Resources"].as_array().unwrap().iter().map(|hit| hit["id"].clone()).collect::<Vec<_>>()
        ])
    };
    assert_eq!([hits(0), hits(1), hits(2)], [json!([1, ["2"]]), json!([2, ["1", "3"]]), json!([0, []])]);
    assert_eq!(delivery.difference, -2);
}

#[test]
fn where_a_joined_answer_is_not_clear_searches_are_made_alone() {
    let check = |outcome: Outcome, answered: usize, again: usize| {
        let mut outbox = outbox(JOINS, &[find("a"), find("b"), find("c")]);
        let sent = all(&mut outbox).remove(0);
        let delivery = outbox.answered(sent, outcome);
        let sent = all(&mut outbox);
        assert_eq!((delivery.answers.len(), sent.len()), (answered, again));
        assert!(again != 3 || sent.iter().all(|sent| sent.parts() == 1) || sent.len() == 1);
    };
    check(found(&[json!({"id": "1", "userName": "B"})]), 2, 1);
    check(found(&[json!({"id": "1", "userName": "somebody"})]), 0, 3);
    check(ok(200, &json!({"totalResults": 9, "Resources": []})), 0, 3);
    check(ok(400, &json!({})), 0, 3);
    check(ok(500, &json!({})), 3, 0);
    check(Err(unclear("lost")), 3, 0);
}

#[test]
fn accounts_are_read_together_and_a_missing_one_alone() {
    let mut outbox = outbox(JOINS, &[read("1"), read("2"), read("3")]);
    let sent = all(&mut outbox).remove(0);
    assert_eq!(
        lines(std::slice::from_ref(&sent))[0].0,
        "GET /Users?count=6&filter=id%20eq%20%221%22%20or%20id%20eq%20%222%22%20or%20id%20eq%20%223%22"
    );
    let delivery = outbox.answered(sent, found(&[json!({"id": "3", "x": 1}), json!({"id": "1"})]));
    let bodies: Vec<&str> =
        delivery.answers.iter().map(|(_, answer)| answer.as_ref().unwrap().body.as_str()).collect();
    assert_eq!(bodies, [r#"{"id":"1"}"#, r#"{"id":"3","x":1}"#]);
    assert_eq!(lines(&all(&mut outbox)), [("GET /Users/2".to_owned(), 1)]);
}

/// A target with 60 accounts that gives at most `most` of a list, and all of it when it does not look at `count`.
/// `lists` is what its lists leave out.
struct Lists {
    told: usize,
    most: usize,
    obeys: bool,
    lists: fn(&mut Json),
    requests: usize,
}

const ACCOUNTS: usize = 60;

impl Lists {
    fn answer(&mut self, request: &ScimRequest) -> Outcome {
        self.requests += 1;
        let account = |id: &str| json!({"id": id, "userName": format!("n{id}"), "title": "Clerk"});
        let is_known = |id: &str| id.parse::<usize>().is_ok_and(|number| number < ACCOUNTS);
        let Some((path, query)) = request.path_and_query.split_once('?') else {
            let id = request.path_and_query.rsplit('/').next().unwrap();
            return if is_known(id) { ok(200, &account(id)) } else { ok(404, &json!({})) };
        };
        assert_eq!(path, "/Users");
        let parameter = |name: &str| {
            let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            pair.map(uri::decode)
        };
        let filter = parameter("filter").unwrap();
        let mut hits: Vec<Json> = Vec::new();
        // In an order of its own.
        for condition in filter.split(" or ").collect::<Vec<_>>().into_iter().rev() {
            let (name, value) = condition.split_once(" eq ").unwrap();
            let value: String = serde_json::from_str(value).unwrap();
            let id = if name == "id" { value.as_str() } else { value.strip_prefix('n').unwrap_or_default() };
            hits.extend(is_known(id).then(|| account(id)));
        }
        let total = hits.len();
        let count: usize = parameter("count").map_or(self.most, |count| count.parse().unwrap());
        assert!(count <= self.told, "asked for {count}");
        if self.obeys {
            hits.truncate(count.min(self.most));
        }
        hits.iter_mut().for_each(self.lists);
        ok(200, &json!({"totalResults": total, "itemsPerPage": hits.len(), "Resources": hits}))
    }

    /// Every request is answered as it would be alone; answers how many went to the target.
    fn run(told: usize, most: usize, obeys: bool, lists: fn(&mut Json), joins: Joins, ids: usize) -> usize {
        let mut target = Self { told, most, obeys, lists, requests: 0 };
        let searches = matches!(joins, Joins::Searches { .. });
        let request = |id: usize| if searches { find(&format!("n{id}")) } else { read(&id.to_string()) };
        let requests: Vec<ScimRequest> = (0..ids).map(request).collect();
        let mut outbox = outbox(Options { bulk: None, joins }, &requests);
        let mut answers = BTreeMap::new();
        let mut in_flight = VecDeque::new();
        loop {
            in_flight.extend(std::iter::from_fn(|| outbox.take()));
            let Some(sent) = in_flight.pop_front() else { break };
            let outcome = target.answer(&sent.request);
            for (id, outcome) in outbox.answered(sent, outcome).answers {
                let response = outcome.unwrap();
                assert!(answers.insert(id, (response.status, response.body)).is_none(), "{id} twice");
            }
        }
        for (id, (status, body)) in &answers {
            let id = usize::try_from(*id).unwrap();
            let body: Json = serde_json::from_str(body).unwrap();
            if searches {
                let total = usize::from(id < ACCOUNTS);
                assert_eq!((*status, &body["totalResults"]), (200, &json!(total)), "{id}");
            } else if id < ACCOUNTS {
                assert_eq!(
                    (*status, &body["id"], &body["title"]),
                    (200, &json!(id.to_string()), &json!("Clerk"))
                );
            } else {
                assert_eq!(*status, 404, "{id}");
            }
        }
        assert_eq!(answers.len(), ids);
        target.requests
    }
}

#[test]
fn pages_are_as_large_as_the_target_says_and_as_it_gives() {
    let same: fn(&mut Json) = |_| {};
    let searches = |page| Joins::Searches { page };
    let reads = |page| Joins::Reads { page };
    // What it says: one request for as many.
    assert_eq!(Lists::run(5, 5, true, same, searches(5), 60), 12);
    assert_eq!(Lists::run(20, 20, true, same, searches(20), 60), 3);
    assert_eq!(Lists::run(1_000, 1_000, true, same, searches(MAX_PAGE), 60), 2);
    assert_eq!(Lists::run(1_000, 1_000, false, same, searches(MAX_PAGE), 70), 2);
    // The first account alone, then again with the others.
    assert_eq!(Lists::run(5, 5, true, same, reads(5), 60), 1 + 1 + 11);
    assert_eq!(Lists::run(20, 20, true, same, reads(20), 60), 1 + 1 + 2);
    assert_eq!(Lists::run(1_000, 1_000, true, same, reads(MAX_PAGE), 60), 1 + 1 + 1);
    assert_eq!(Lists::run(1_000, 1_000, false, same, reads(MAX_PAGE), 60), 1 + 1 + 1);
    // Who is not there is asked for alone.
    assert_eq!(Lists::run(20, 20, true, same, reads(20), 65), 1 + 1 + 3 + 5);
    // It gives less than it says: asked for again, five at a time.
    assert!(Lists::run(1_000, 5, true, same, searches(MAX_PAGE), 60) <= 14);
    assert!(Lists::run(1_000, 5, true, same, reads(MAX_PAGE), 60) <= 17);
    assert!(Lists::run(1_000, 1, true, same, reads(MAX_PAGE), 60) <= 64);
    assert!(Lists::run(1_000, 1, true, same, searches(MAX_PAGE), 60) <= 64);
}

#[test]
fn accounts_are_read_alone_where_lists_tell_less() {
    let less: fn(&mut Json) =
        |account| drop(account.as_object_mut().and_then(|account| account.remove("title")));
    assert_eq!(Lists::run(20, 20, true, less, Joins::Reads { page: 20 }, 60), 1 + 1 + 59);
    // Nothing to try it with: whoever is asked for first is not there.
    let mut outbox =
        outbox(Options { bulk: None, joins: Joins::Reads { page: 20 } }, &[read("x"), read("1")]);
    let sent = all(&mut outbox).remove(0);
    assert_eq!(statuses(&outbox.answered(sent, ok(404, &json!({})))), [(0, 404)].into());
    assert_eq!(lines(&all(&mut outbox)), [("GET /Users/1".to_owned(), 1)]);
}

#[test]
fn a_trial_that_fails_is_none_of_the_accounts_business() {
    let check = |outcome: Outcome, answered: usize, again: usize| {
        let requests: Vec<ScimRequest> = (0..4).map(|id| read(&id.to_string())).collect();
        let mut outbox = outbox(Options { bulk: None, joins: Joins::Reads { page: 20 } }, &requests);
        let sent = all(&mut outbox).remove(0);
        outbox.answered(sent, ok(200, &json!({"id": "0"})));
        let sent = all(&mut outbox).remove(0);
        assert_eq!(sent.parts(), 4);
        let delivery = outbox.answered(sent, outcome);
        let sent = all(&mut outbox);
        assert_eq!((delivery.answers.len(), sent.len()), (answered, again));
        assert!(sent.iter().all(|sent| sent.parts() == 1));
    };
    check(ok(400, &json!({})), 0, 3);
    check(ok(500, &json!({})), 0, 3);
    check(found(&[json!({"id": "1"})]), 0, 3);
    check(found(&[json!({"id": "somebody"})]), 0, 3);
    check(Err(unclear("lost")), 3, 0);
}
