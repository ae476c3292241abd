//! Codes that no other test produces. `docs/error-codes.md` names the test of each.

use super::flows::{map, scim_job};
use super::*;
use crate::cycle::{
    Begin, Cycle, CycleKind, Effect, Event, Mode, ScimResponse, SourceEntry, SourceObject, Watermark, step,
};
use crate::id::Cursor;
use crate::job::Context;
use crate::simulate::{Dice, Fault};
use crate::target::Purpose;

/// The code of the first person's last entry, after a request with this purpose was answered so.
fn answered(purpose: Purpose, fault: Fault) -> String {
    let (mut world, job) = (company(1), peakon_job());
    if purpose != Purpose::Create {
        clean(&mut world, &job);
        world.directory.change(&id(0), |_| {});
    }
    world.target.faults = vec![(purpose, fault)];
    cycle(&mut world, &job, &Run::default());
    code(log_of(&world, &id(0)).last().unwrap()).unwrap().to_owned()
}

#[test]
fn answers_that_are_no_success_have_their_codes() {
    for (purpose, fault, expected) in [
        (Purpose::Create, Fault::Status(302), "WebExceptionProtocolError"),
        (Purpose::Create, Fault::Status(402), "LicenseLimitExceeded"),
        (Purpose::Create, Fault::Answer(400, r#"{"scimType":"invalidPath"}"#), "SchemaAttributeNotFound"),
        (
            Purpose::Create,
            Fault::Answer(201, "<html>"),
            "SystemForCrossDomainIdentityManagementServiceIncompatible",
        ),
        (
            Purpose::Read,
            Fault::Answer(200, r#"{"Resources":[{"id":"1"},{"id":"2"}]}"#),
            "SystemForCrossDomainIdentityManagementMultipleEntriesInResponse",
        ),
    ] {
        assert_eq!(answered(purpose, fault), expected);
    }
}

#[test]
fn values_that_do_not_fit_have_their_codes() {
    let mut schema = scim().schema.clone();
    let mappings = &mut schema.synchronization_rules[0].object_mappings[0].attribute_mappings;
    let active = mappings.iter_mut().find(|mapping| mapping.target_attribute_name == "active").unwrap();
    active.source = map("active", "[givenName]").source;
    let mut text_for_a_boolean = job(scim(), &schema).unwrap();
    text_for_a_boolean.settings.sync_all = true;
    let list_for_one = scim_job(vec![map("title", "[department]")]);
    for (job, expected) in
        [(text_for_a_boolean, "InvalidValue"), (list_for_one, "SchemaPropertyCanOnlyAcceptValue")]
    {
        let mut world = company(1);
        world.directory.change(&id(0), |person| {
            person.attributes.insert("department".to_owned(), json!(["Sales", "Legal"]));
        });
        cycle(&mut world, &job, &Run::default());
        let entry = log_of(&world, &id(0))[0];
        assert_eq!((verdict(entry), code(entry)), ((Action::Create, Status::Warning), Some(expected)));
    }
}

#[test]
fn person_who_is_not_active_is_skipped_and_told_so_on_demand() {
    let (mut world, job) = (company(2), peakon_job());
    world.directory.change(&id(1), |person| person.enabled = false);
    cycle(&mut world, &job, &Run { subjects: vec![id(1)], ..Run::default() });
    let entry = log_of(&world, &id(1))[0];
    assert_eq!(
        (verdict(entry), code(entry)),
        ((Action::Other, Status::Skipped), Some("EntrySynchronizationSkipped"))
    );
}

#[test]
fn answer_that_nothing_asked_for_is_a_fault_of_ours() {
    let (job, dice) = (peakon_job(), Dice::new(1));
    let context = Context { now: 0, job: &job, random: &dice };
    let cycle = Cycle::new(Begin {
        cycle_id: "c".into(),
        kind: CycleKind::OnDemand,
        mode: Mode::Plan,
        since: Watermark::default(),
        until: Watermark::default(),
        linked: 0,
        staged: 0,
        approved: false,
        recent: 0,
        expected: None,
        subjects: vec![id(0)],
        now: 0,
    });
    let (cycle, _) = step(cycle, Event::Started, &context);
    let nobody =
        ScimResponse { status: 200, body: r#"{"totalResults":0}"#.to_owned(), ..ScimResponse::default() };
    let (cycle, _) = step(cycle, Event::Response { effect_id: 1, outcome: Ok(nobody) }, &context);
    let mut world = company(1);
    let object: SourceObject = world.directory.object(&id(0)).unwrap();
    let entry = SourceEntry {
        source_id: id(0),
        object: Some(object),
        assignments: world.directory.assignments(&id(0)),
        position: Cursor::from("s000"),
        ..SourceEntry::default()
    };
    world.now = 0;
    let (cycle, effects) = step(cycle, Event::Page { entries: vec![entry], next: None }, &context);
    let Some(Effect::Send { effect_id, .. }) = effects.first() else { panic!("{effects:?}") };
    // The driver answers a search as if it had been asked for a link.
    let (_, effects) = step(cycle, Event::LinkFound { effect_id: *effect_id, link: None }, &context);
    let Some(Effect::Commit(batch)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(code(&batch.log[0]), Some("InternalError"));
}
