//! What Microsoft documents of delta queries, the client credentials flow and throttling, a test each for what the
//! steps of a round do not show.

use super::*;

#[test]
fn each_cloud_logs_in_at_its_own_host_for_its_own_graph() {
    let check = |cloud: Cloud, login: &str, graph: &str| {
        let settings = Settings { endpoints: cloud.endpoints(None, None).unwrap(), ..settings() };
        let request = TokenRequest::new(&settings);
        assert_eq!(request.url, format!("https://{login}/contoso.com/oauth2/v2.0/token"));
        let scope = format!("&scope=https%3A%2F%2F{graph}%2F.default&");
        assert!(request.form("s").contains(&scope), "{}", request.form("s"));
    };
    check(Cloud::Global, "login.microsoftonline.com", "graph.microsoft.com");
    check(Cloud::UsGovernmentL4, "login.microsoftonline.us", "graph.microsoft.us");
    check(Cloud::UsGovernmentL5, "login.microsoftonline.us", "dod-graph.microsoft.us");
    check(Cloud::China, "login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn");
}

#[test]
fn a_query_asks_for_nothing_that_delta_queries_refuse_and_links_are_followed_as_they_are() {
    let mut driver = Driver::new(State::default());
    let first = driver.begin();
    for refused in ["$top", "$orderby", "$expand", "$filter"] {
        assert!(!first.contains(refused), "{first}");
    }
    let opaque = at("users/microsoft.graph.delta()?$skiptoken=a%2Bb%2f==+~'(x)&extra=%C3%BC#part");
    assert_eq!(url(driver.feed(page(json!([]), &opaque))), opaque);
    driver.crash();
    assert_eq!(url(driver.feed(login(3599))), opaque, "from what is kept, too");
}

#[test]
fn who_was_deleted_may_be_named_in_the_first_pass() {
    let mut driver = Driver::new(State::default());
    driver.begin();
    let entries = json!([{"id": "1", "@removed": {"reason": "changed"}}]);
    let Effect::Apply(batch) = driver.feed(page(entries, &at("users/delta?$skiptoken=1"))) else {
        panic!("no batch")
    };
    assert_eq!(batch.changes, [Change::Remove { source_id: "1".into(), permanent: false }]);
}

#[test]
fn properties_that_were_not_asked_for_are_passed_over() {
    let body = json!({"@odata.context": "c", "@odata.deltaLink": "x", "value": [{
        "@odata.type": "#microsoft.graph.user", "@odata.id": "users('1')", "id": "1",
        "userPrincipalName": "a@contoso.com", "signInActivity": {"lastSignInDateTime": "2024-01-01T00:00:00Z"},
        "skills": ["a"], "city@odata.type": "#String", "unknownFutureValue": 3
    }]});
    let chosen = Selection::default().choosing(&["city".to_owned()]).unwrap();
    let read = |full| {
        let page = Page::read(&body.to_string(), Kind::User, &chosen, full).unwrap();
        let [Change::Upsert(user)] = page.changes.as_slice() else { panic!("{page:?}") };
        user.attributes.clone()
    };
    let name = ("userPrincipalName".to_owned(), Some("a@contoso.com".to_owned()));
    assert_eq!(read(false), std::slice::from_ref(&name));
    assert_eq!(read(true), [name, ("city".to_owned(), None)]);
}

#[test]
fn members_that_are_no_people_and_no_groups_are_passed_over() {
    let of = |kind: &str, id: &str| json!({"@odata.type": format!("#microsoft.graph.{kind}"), "id": id});
    let mut gone = of("orgContact", "4");
    gone["@removed"] = json!({"reason": "deleted"});
    let members =
        [of("device", "1"), of("servicePrincipal", "2"), of("orgContact", "3"), gone, of("user", "5")];
    let body = json!({"@odata.deltaLink": "x", "value": [{"id": "g", "members@delta": members}]});
    let page = Page::read(&body.to_string(), Kind::Group, &Selection::default(), false).unwrap();
    let [Change::Upsert(group)] = page.changes.as_slice() else { panic!("{page:?}") };
    let ids: Vec<&str> = group.members.iter().map(|member| member.source_id.as_str()).collect();
    assert_eq!(ids, ["5"]);
    assert_eq!(group.attributes, [], "a piece of a group without its name does not clear it");
}

#[test]
fn throttling_without_a_time_is_waited_out_longer_each_time_and_with_one_as_long_as_it_says() {
    let throttled = |retry_after| Event::Answered(Answer { status: 429, retry_after, body: String::new() });
    let link = Some(at("users/delta?$deltatoken=1"));
    let users = Feed { link, link_at: 1_000_000, pass: 1, ..Feed::default() };
    let mut driver = Driver::new(State { users: users.clone(), ..State::default() });
    driver.begin();
    for pause in [FIRST_PAUSE_MS, 2 * FIRST_PAUSE_MS, 4 * FIRST_PAUSE_MS] {
        let effect = driver.feed(throttled(None));
        assert_eq!(rest(effect, &driver), pause);
        driver.now += pause;
        driver.crash();
        driver.feed(login(3599));
    }
    // On repeats, too, and whatever the answers before were.
    for seconds in [3_u32, 120, 1] {
        let effect = driver.feed(throttled(Some(seconds)));
        assert_eq!(rest(effect, &driver), i64::from(seconds) * 1_000);
        driver.now += i64::from(seconds) * 1_000;
        driver.crash();
        driver.feed(login(3599));
    }
    // Whoever is busy may say so with 503, and the login may be throttled as well.
    let busy = Event::Answered(Answer { status: 503, retry_after: Some(30), body: String::new() });
    let effect = driver.feed(busy);
    assert_eq!(rest(effect, &driver), 30_000);
    driver.now += 30_000;
    assert!(matches!(driver.crash(), Effect::Token(_)));
    let effect = driver.feed(throttled(Some(9)));
    assert_eq!(rest(effect, &driver), 9_000);
    assert_eq!(driver.kept.users, users, "the place is kept");
}

#[test]
fn a_place_that_is_lost_among_groups_costs_no_pass_over_people() {
    let feed = |kind: &str| {
        let link = Some(at(&format!("{kind}/delta?$deltatoken=1")));
        Feed { link, link_at: 1_000_000, pass: 2, ..Feed::default() }
    };
    let state = State { users: feed("users"), groups: feed("groups"), ..State::default() };
    let mut driver = Driver::new(state);
    assert_eq!(driver.begin(), at("users/delta?$deltatoken=1"));
    driver.feed(page(json!([]), &at("users/delta?$deltatoken=2")));
    assert!(url(driver.feed(refusal(410, "resyncRequired"))).starts_with(&at("groups/delta?$select=")));
    let weigh = driver.feed(page(json!([]), &at("groups/delta?$deltatoken=2")));
    assert_eq!(weigh, Effect::Weigh { users: 0, groups: 3 }, "nobody is absent among people");
    assert_eq!(driver.kept.users.link, Some(at("users/delta?$deltatoken=2")));
}

#[test]
fn a_permission_that_is_missing_for_groups_is_named_and_changes_of_people_are_followed() {
    let mut driver = Driver::new(State::default());
    driver.begin();
    driver.feed(page(json!([]), &at("users/delta?$deltatoken=1")));
    let many = Absent { users: 60, all_users: 100, groups: 0, all_groups: 3 };
    for number in 1..4 {
        let effect = driver.feed(refusal(403, "Authorization_RequestDenied"));
        assert_eq!(rest(effect, &driver), INTERVAL);
        let error = driver.kept.error.clone().unwrap();
        assert!(error.message.contains("GroupMember.Read.All"), "{}", error.message);
        // What is held stays held, and being allowed is no longer than it is.
        assert_eq!((driver.kept.held.is_some(), driver.kept.removals_allowed), (number == 2, number == 2));
        driver.now += INTERVAL;
        driver.crash();
        assert_eq!(url(driver.feed(login(3599))), at(&format!("users/delta?$deltatoken={number}")));
        let entries = json!([{"id": "1", "accountEnabled": false}]);
        let next = at(&format!("users/delta?$deltatoken={}", number + 1));
        assert!(matches!(driver.feed(page(entries, &next)), Effect::Apply(_)));
        let mut effect = driver.feed(Event::Applied(Applied::default()));
        // Who is absent goes, and what waits is tried, without groups.
        match number {
            1 => {
                assert_eq!(effect, Effect::Weigh { users: 1, groups: 0 });
                effect = driver.feed(Event::Weighed(many));
                driver.kept.allow_removals();
                driver.sync = Some(Sync::resume(settings(), driver.kept.clone(), None));
                driver.feed(Event::Started);
            }
            2 => {
                assert_eq!(effect, Effect::Sweep { sweep: Sweep::Objects(Kind::User), pass: 1 });
                let managers = driver.feed(Event::Applied(Applied::default()));
                assert_eq!(managers, Effect::Sweep { sweep: Sweep::Managers, pass: 1 });
                effect = driver.feed(Event::Applied(Applied::default()));
            }
            _ => {}
        }
        assert_eq!(effect, Effect::Settle { after: 0 });
        match driver.feed(Event::Applied(Applied::default())) {
            Effect::Token(_) => drop(driver.feed(login(3599))),
            effect => assert!(url(effect).starts_with(&at("groups/delta"))),
        }
    }
    assert_eq!(driver.notes.iter().filter(|note| note.code == "Authorization_RequestDenied").count(), 1);
    let settle = driver.feed(page(json!([]), &at("groups/delta?$deltatoken=1")));
    assert_eq!(settle, Effect::Weigh { users: 0, groups: 4 });
}

#[test]
fn groups_that_fail_for_a_while_are_waited_out_longer_each_time() {
    let mut driver = Driver::new(State::default());
    driver.begin();
    driver.feed(page(json!([]), &at("users/delta?$deltatoken=1")));
    let mut pause = FIRST_PAUSE_MS;
    for number in 1..15 {
        let effect = driver.feed(refusal(503, "serviceNotAvailable"));
        assert_eq!(rest(effect, &driver), pause.min(LONGEST_PAUSE_MS));
        driver.now += pause.min(LONGEST_PAUSE_MS);
        driver.crash();
        assert_eq!(url(driver.feed(login(3599))), at(&format!("users/delta?$deltatoken={number}")));
        let mut effect =
            driver.feed(page(json!([]), &at(&format!("users/delta?$deltatoken={}", number + 1))));
        // What is known of people is done without groups when those fail for long.
        let is_long = pause >= LONGEST_PAUSE_MS;
        assert_eq!(
            matches!(effect, Effect::Weigh { .. }) || effect == (Effect::Settle { after: 0 }),
            is_long
        );
        while let Effect::Weigh { .. } | Effect::Sweep { .. } | Effect::Settle { .. } = effect {
            let event = match effect {
                Effect::Weigh { .. } => Event::Weighed(Absent::default()),
                _ => Event::Applied(Applied::default()),
            };
            effect = driver.feed(event);
        }
        assert!(url(effect).starts_with(&at("groups/delta")));
        pause *= 2;
    }
}
