//! The machine, step by step. Whole histories are in `crates/store/tests/graph.rs`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::machine::{FIRST_PAUSE_MS, LONGEST_PAUSE_MS, LONGEST_RETRY_AFTER_MS, MAX_RESYNCS, TOKEN_LIFE_MS};
use super::*;
use crate::mirror::{Absent, Applied, Change, Kind, Sweep};

mod protocol;
mod removals;

const GRAPH: &str = "https://graph.microsoft.com";
const INTERVAL: i64 = 40 * 60_000;

fn settings() -> Settings {
    Settings {
        tenant_id: "contoso.com".into(),
        client_id: "client".into(),
        endpoints: Cloud::Global.endpoints(None, None).unwrap(),
        selection: Selection::default(),
        rules: Default::default(),
        assignments: Vec::new(),
        interval_ms: INTERVAL,
    }
}

fn answer(status: u16, body: &Value) -> Event {
    Event::Answered(Answer { status, retry_after: None, body: body.to_string() })
}

fn login(seconds: i64) -> Event {
    answer(200, &json!({"token_type": "Bearer", "expires_in": seconds, "access_token": "at"}))
}

fn page(entries: Value, link: &str) -> Event {
    let name = if link.contains("$deltatoken") { "@odata.deltaLink" } else { "@odata.nextLink" };
    answer(200, &json!({"value": entries, name: link}))
}

fn refusal(status: u16, code: &str) -> Event {
    answer(status, &json!({"error": {"code": code, "message": "no"}}))
}

fn at(path: &str) -> String {
    format!("{GRAPH}/v1.0/{path}")
}

/// A machine in the hands of a driver that keeps what is committed.
struct Driver {
    settings: Settings,
    sync: Option<Sync>,
    kept: State,
    notes: Vec<Note>,
    now: i64,
}

impl Driver {
    fn new(kept: State) -> Self {
        let sync = Some(Sync::resume(settings(), kept.clone(), None));
        Self { settings: settings(), sync, kept, notes: vec![], now: 1_000_000 }
    }

    /// Feeds an event; commits are carried out at once.
    fn feed(&mut self, event: Event) -> Effect {
        let (sync, effect) = step(self.sync.take().unwrap(), event, self.now);
        self.sync = Some(sync);
        match effect {
            Effect::Commit { state, notes } => {
                self.kept = *state;
                self.notes.extend(notes);
                self.feed(Event::Committed)
            }
            effect => effect,
        }
    }

    /// What is in memory is lost.
    fn crash(&mut self) -> Effect {
        self.sync = Some(Sync::resume(self.settings.clone(), self.kept.clone(), None));
        self.feed(Event::Started)
    }

    /// Starts and logs in; gives the first query.
    fn begin(&mut self) -> String {
        assert!(matches!(self.feed(Event::Started), Effect::Token(_)));
        url(self.feed(login(3599)))
    }
}

fn url(effect: Effect) -> String {
    match effect {
        Effect::Get { url, .. } => url,
        other => panic!("{other:?}"),
    }
}

fn rest(effect: Effect, driver: &Driver) -> i64 {
    match effect {
        Effect::Rest { until } => until - driver.now,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_secret_goes_into_the_form_and_nothing_else() {
    let mut driver = Driver::new(State::default());
    let Effect::Token(request) = driver.feed(Event::Started) else { panic!("no token") };
    assert_eq!(request.url, "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token");
    assert_eq!(
        request.form("a&b c"),
        "client_id=client&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&grant_type=client_credentials&client_secret=a%26b%20c"
    );
    let assertion = request.assertion(&[0xff, 0xfe], "j1", 1_700_000_000_999);
    let part = |text: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("JSON")
    };
    let (header, claims) = assertion.split_once('.').expect("two parts");
    assert_eq!(part(header), json!({"alg": "PS256", "typ": "JWT", "x5t#S256": "__4"}));
    let end = 1_700_000_000 + super::token::ASSERTION_SECONDS;
    let expected = json!({
        "aud": request.url, "iss": "client", "sub": "client", "jti": "j1",
        "nbf": 1_700_000_000, "iat": 1_700_000_000, "exp": end,
    });
    assert_eq!(part(claims), expected);
    let form = request.signed_form("a.b", &[0xff]);
    assert!(form.ends_with("&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=a.b._w"), "{form}");
    let shown =
        format!("{:?}", driver.feed(answer(200, &json!({"access_token": "tops3cret", "expires_in": 3599}))));
    assert!(!shown.contains("tops3cret"), "{shown}");
}

#[test]
fn a_round_reads_people_then_groups_sweeps_settles_and_ends() {
    let mut driver = Driver::new(State::default());
    let first = driver.begin();
    assert!(first.starts_with(&at("users/delta?$select=userPrincipalName,")), "{first}");
    assert!(first.contains("manager"), "{first}");
    let entries = json!([{"id": "1", "userPrincipalName": "a@contoso.com", "manager@delta": [{"id": "2"}]}]);
    let Effect::Apply(batch) = driver.feed(page(entries, &at("users/delta?$skiptoken=1"))) else {
        panic!("no batch")
    };
    assert_eq!((batch.kind, batch.pass, batch.changes.len()), (Kind::User, 1, 1));
    assert_eq!(driver.kept.users.link, None, "the page is not durable yet");
    assert_eq!(url(driver.feed(Event::Applied(Applied::default()))), at("users/delta?$skiptoken=1"));
    assert_eq!(driver.kept.users.link, Some(at("users/delta?$skiptoken=1")));
    // An empty page with a next link is no end, and nothing to write.
    assert_eq!(
        url(driver.feed(page(json!([]), &at("users/delta?$skiptoken=2")))),
        at("users/delta?$skiptoken=2")
    );
    let groups = url(driver.feed(page(json!([]), &at("users/delta?$deltatoken=1"))));
    assert_eq!(groups, at("groups/delta?$select=displayName,members"));
    let weigh = driver.feed(page(json!([]), &at("groups/delta?$deltatoken=1")));
    assert_eq!(weigh, Effect::Weigh { users: 1, groups: 1 });
    let mut effect = driver.feed(Event::Weighed(Absent::default()));
    let sweeps = [Sweep::Objects(Kind::User), Sweep::Managers, Sweep::Members, Sweep::Objects(Kind::Group)];
    for sweep in sweeps {
        assert_eq!(effect, Effect::Sweep { sweep, pass: 1 });
        // A portion says that there is more.
        let more = driver.feed(Event::Applied(Applied { next: Some(7), ..Applied::default() }));
        assert_eq!(more, Effect::Sweep { sweep, pass: 1 });
        effect = driver.feed(Event::Applied(Applied::default()));
    }
    assert_eq!(effect, Effect::Settle { after: 0 });
    assert_eq!(
        driver.feed(Event::Applied(Applied { next: Some(9), ..Applied::default() })),
        Effect::Settle { after: 9 }
    );
    assert_eq!(driver.feed(Event::Applied(Applied::default())), Effect::Finish);
    let last = driver.kept.last.clone().unwrap();
    assert_eq!((last.full, last.pages, last.users), (true, 4, 1));
    assert!(driver.kept.round.is_none());

    // The next round follows the delta links and sweeps nothing.
    assert!(matches!(driver.crash(), Effect::Token(_)));
    assert_eq!(url(driver.feed(login(3599))), at("users/delta?$deltatoken=1"));
    assert_eq!(
        url(driver.feed(page(json!([]), &at("users/delta?$deltatoken=2")))),
        at("groups/delta?$deltatoken=1")
    );
    assert_eq!(driver.feed(page(json!([]), &at("groups/delta?$deltatoken=2"))), Effect::Settle { after: 0 });
    assert_eq!(driver.feed(Event::Applied(Applied::default())), Effect::Finish);
    assert_eq!(driver.kept.last.as_ref().map(|last| last.full), Some(false));
}

#[test]
fn a_crash_repeats_the_page_whose_link_is_not_kept() {
    let mut driver = Driver::new(State::default());
    let first = driver.begin();
    let entries = json!([{"id": "1", "userPrincipalName": "a@contoso.com"}]);
    assert!(matches!(driver.feed(page(entries, &at("users/delta?$skiptoken=1"))), Effect::Apply(_)));
    assert_eq!(driver.kept.users.pass, 1, "kept before it marks anything");
    driver.crash();
    assert_eq!(url(driver.feed(login(3599))), first);
    // Whoever was met the first time may be gone by now, so the second time has another number.
    let entries = json!([{"id": "1", "userPrincipalName": "a@contoso.com"}]);
    let Effect::Apply(batch) = driver.feed(page(entries, &at("users/delta?$skiptoken=1"))) else {
        panic!("no batch")
    };
    assert_eq!(batch.pass, 2);
}

#[test]
fn removals_say_whether_they_are_final_and_members_are_people_and_groups() {
    let body = json!({"@odata.deltaLink": "x", "value": [
        {"id": "1", "@removed": {"reason": "changed"}},
        {"id": "2", "@removed": {"reason": "deleted"}},
        {"id": "3", "displayName": "Sales", "members@delta": [
            {"@odata.type": "#microsoft.graph.user", "id": "4"},
            {"@odata.type": "#microsoft.graph.group", "id": "5", "@removed": {"reason": "deleted"}},
            {"@odata.type": "#microsoft.graph.device", "id": "6"},
        ]},
        {"displayName": "without an id"},
    ]});
    let page = Page::read(&body.to_string(), Kind::Group, &Selection::default(), true).unwrap();
    let [
        Change::Remove { permanent: false, .. },
        Change::Remove { permanent: true, .. },
        Change::Upsert(group),
    ] = page.changes.as_slice()
    else {
        panic!("{page:?}")
    };
    let members: Vec<(&str, bool)> =
        group.members.iter().map(|m| (m.source_id.as_str(), m.removed)).collect();
    assert_eq!(members, [("4", false), ("5", true)]);
    let check =
        |body: &str, error| assert_eq!(Page::read(body, Kind::User, &Selection::default(), true), Err(error));
    check("<html>", PageError::NotAPage);
    check("{}", PageError::NotAPage);
    check(r#"{"value":[]}"#, PageError::NoLink);
}

#[test]
fn an_expired_token_is_renewed_once() {
    let mut driver = Driver::new(State::default());
    let first = driver.begin();
    driver.feed(page(json!([]), &at("users/delta?$skiptoken=1")));
    assert!(matches!(driver.feed(refusal(401, "InvalidAuthenticationToken")), Effect::Token(_)));
    assert_eq!(url(driver.feed(login(3599))), at("users/delta?$skiptoken=1"));
    // A token that is refused when it is new is not a matter of its age.
    let effect = driver.feed(refusal(401, "InvalidAuthenticationToken"));
    assert_eq!(rest(effect, &driver), INTERVAL);
    assert_eq!(driver.kept.error.as_ref().unwrap().code, "InvalidAuthenticationToken");
    assert_ne!(first, at("users/delta?$skiptoken=1"));
    // One that is about to run out is renewed before it is used.
    let mut driver = Driver::new(State::default());
    driver.feed(Event::Started);
    driver.feed(login(3599));
    driver.now += 3_550_000;
    assert!(matches!(driver.feed(page(json!([]), &at("users/delta?$skiptoken=1"))), Effect::Token(_)));
}

#[test]
fn throttling_and_faults_are_waited_out() {
    let mut driver = Driver::new(State::default());
    driver.begin();
    let throttled = Event::Answered(Answer { status: 429, retry_after: Some(17), body: String::new() });
    let effect = driver.feed(throttled);
    assert_eq!(rest(effect, &driver), 17_000);
    // Resumed too early, it goes on resting, without asking anything.
    driver.now += 16_999;
    assert_eq!(rest(driver.crash(), &driver), 1);
    driver.now += 1;
    let mut pause = FIRST_PAUSE_MS * 2;
    for _ in 0..20 {
        assert!(matches!(driver.crash(), Effect::Token(_)));
        driver.feed(login(3599));
        let effect = driver.feed(refusal(503, "serviceNotAvailable"));
        assert_eq!(rest(effect, &driver), pause.min(LONGEST_PAUSE_MS));
        driver.now += pause.min(LONGEST_PAUSE_MS);
        pause *= 2;
    }
    driver.crash();
    let effect = driver.feed(Event::Unanswered("connection refused".into()));
    assert_eq!(rest(effect, &driver), LONGEST_PAUSE_MS);
    driver.now += LONGEST_PAUSE_MS;
    driver.crash();
    let forever = Event::Answered(Answer { status: 429, retry_after: Some(u32::MAX), body: String::new() });
    let effect = driver.feed(forever);
    assert_eq!(rest(effect, &driver), LONGEST_RETRY_AFTER_MS);
    assert_eq!(driver.notes.iter().filter(|note| note.code == "serviceNotAvailable").count(), 1, "said once");
    // A good page ends the series.
    driver.now += LONGEST_RETRY_AFTER_MS;
    driver.crash();
    driver.feed(login(3599));
    driver.feed(page(json!([]), &at("users/delta?$skiptoken=1")));
    assert_eq!(driver.kept.attempts, 0);
}

#[test]
fn a_missing_permission_is_named() {
    let mut driver = Driver::new(State::default());
    driver.begin();
    let effect = driver.feed(refusal(403, "Authorization_RequestDenied"));
    assert_eq!(rest(effect, &driver), INTERVAL);
    let error = driver.kept.error.clone().unwrap();
    assert!(error.message.contains("User.Read.All"), "{}", error.message);
}

#[test]
fn a_lost_place_is_a_new_pass_and_not_for_ever() {
    let link = Some(at("users/delta?$deltatoken=1"));
    let users = Feed { link, link_at: 1_000_000, pass: 4, ..Feed::default() };
    let state = State { users, ..State::default() };
    for gone in
        [refusal(410, ""), refusal(404, "syncStateNotFound"), refusal(400, "Directory_ExpiredPageToken")]
    {
        let mut driver = Driver::new(state.clone());
        assert_eq!(driver.begin(), at("users/delta?$deltatoken=1"));
        assert!(url(driver.feed(gone)).starts_with(&at("users/delta?$select=")));
        assert_eq!((driver.kept.users.link.as_ref(), driver.kept.users.sweep), (None, false));
        assert_eq!(driver.notes.last().map(|note| note.code.as_str()), Some("Resync"));
        for _ in 1..MAX_RESYNCS {
            assert!(matches!(driver.feed(refusal(410, "")), Effect::Get { .. }));
        }
        let effect = driver.feed(refusal(410, ""));
        assert_eq!(rest(effect, &driver), FIRST_PAUSE_MS);
    }
}

#[test]
fn links_older_than_seven_days_are_not_tried() {
    let check = |age: i64, expected: bool| {
        let link = Some(at("users/delta?$deltatoken=1"));
        let users = Feed { link, link_at: 1_000_000 - age, pass: 1, ..Feed::default() };
        let mut driver = Driver::new(State { users, ..State::default() });
        assert_eq!(driver.begin() == at("users/delta?$deltatoken=1"), expected, "{age}");
    };
    check(TOKEN_LIFE_MS - 1, true);
    check(TOKEN_LIFE_MS, false);
}

#[test]
fn the_token_is_sent_to_graph_only() {
    for link in [
        "https://evil.example/v1.0/users/delta?$skiptoken=1",
        "https://graph.microsoft.com.evil.example/?$skiptoken",
    ] {
        let mut driver = Driver::new(State::default());
        driver.begin();
        let effect = driver.feed(page(json!([]), link));
        assert!(matches!(effect, Effect::Rest { .. }), "{effect:?}");
        assert!(driver.kept.error.as_ref().unwrap().message.contains("away"));
    }
}

#[test]
fn a_page_that_names_itself_ends_no_round() {
    let mut driver = Driver::new(State::default());
    let first = driver.begin();
    let effect = driver.feed(answer(200, &json!({"value": [], "@odata.nextLink": first})));
    assert_eq!(rest(effect, &driver), FIRST_PAUSE_MS);
}

#[test]
fn a_reset_reads_everything_and_keeps_the_numbers_rising() {
    let mut state = State::default();
    state.users.pass = 3;
    state.rest_until = Some(i64::MAX);
    state.reset();
    assert_eq!((state.users.pass, state.users.link.as_ref(), state.rest_until), (3, None, None));
    let mut driver = Driver::new(state);
    assert!(driver.begin().contains("$select="));
    driver.feed(page(json!([]), &at("users/delta?$skiptoken=1")));
    assert_eq!(driver.kept.users.pass, 4);
}

#[test]
fn state_survives_as_json() {
    let mut driver = Driver::new(State::default());
    driver.begin();
    driver.feed(refusal(503, ""));
    let text = serde_json::to_string(&driver.kept).unwrap();
    assert_eq!(serde_json::from_str::<State>(&text).unwrap(), driver.kept);
    assert_eq!(serde_json::from_str::<State>("{}").unwrap(), State::default());
}

#[test]
fn test_connection_names_every_missing_permission() {
    let probes = Probe::all(&settings());
    assert!(probes.iter().all(|probe| probe.url.ends_with("&$deltatoken=latest")), "{probes:?}");
    let answer = |status: u16, code: &str| Answer {
        status,
        retry_after: None,
        body: json!({"error": {"code": code, "message": "no"}}).to_string(),
    };
    let denied = || answer(403, "Authorization_RequestDenied");
    let check = |users: Answer, groups: Answer, parts: &[&str]| {
        let verdict =
            Probe::verdict(&[(Subject::Objects(Kind::User), users), (Subject::Objects(Kind::Group), groups)]);
        let message = verdict.err().map(|failure| failure.message).unwrap_or_default();
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
        assert_eq!(message.is_empty(), parts.is_empty(), "{message}");
    };
    check(answer(200, ""), answer(200, ""), &[]);
    check(denied(), answer(200, ""), &["permission User.Read.All of"]);
    check(answer(200, ""), denied(), &["permission GroupMember.Read.All of"]);
    check(denied(), denied(), &["permissions User.Read.All and GroupMember.Read.All of"]);
    check(answer(503, "x"), denied(), &["GroupMember.Read.All"]);
    check(answer(503, "x"), answer(200, ""), &["no"]);
}

/// Reads both kinds to their ends; gives the effect after the last page.
fn read_all(driver: &mut Driver, token: u32) -> Effect {
    assert!(matches!(driver.crash(), Effect::Token(_)));
    driver.feed(login(3599));
    driver.feed(page(json!([]), &at(&format!("users/delta?$deltatoken={token}"))));
    driver.feed(page(json!([]), &at(&format!("groups/delta?$deltatoken={token}"))))
}
