//! On-demand provisioning: one person, or a group with some of its members, at once, with every step told; for
//! real or as a preview that writes nothing.

use std::cell::RefCell;

use api::job::OnDemandAnswer;
use provisioning::cycle::{Begin, Cycle, CycleKind, Mode, Watermark};
use provisioning::outbox::Options;
use provisioning::{SourceId, log};

use super::access;
use super::driver::{Driver, Keep, SliceEnd};
use super::engine::engine_job;
use super::keys;
use super::run::Running;
use super::secrets::Secrets;
use super::source::Source;
use super::target::Target;
use crate::error::ApiError;
use crate::objects::job::Job;
use crate::platform::settings::setting;
use crate::platform::{clock, random};

/// People of one request at most, also members of the group that is asked for.
pub const MAXIMUM_SUBJECTS: usize = 5;

/// How long one request may take.
const LIMIT_MS: i64 = 25_000;

/// Provisions people, or a group and the members of it that follow, now. `write: false` tells what would be done.
pub async fn provision(job: &Job, subjects: Vec<String>, write: bool) -> Result<OnDemandAnswer, ApiError> {
    let record = job.record()?;
    let store = job.store();
    let secrets = Secrets::complete_of(job)?;
    let Some(_running) = Running::begin(job) else {
        return Err(ApiError::conflict(
            "A cycle is running. Wait until it ends, or pause it, then try again.",
        ));
    };
    let engine_job = engine_job(job, &record, &secrets)?;
    let source = Source { env: &job.env, sql: &job.sql, record: &record, job: &engine_job };
    let assignments = source.mirror_assignments().await?;
    let generation = job.generation.get();
    let entries = RefCell::new(Vec::new());
    let driver = Driver {
        sql: &job.sql,
        job: &engine_job,
        source,
        target: Target::of(job, &secrets, engine_job.settings.quirks)?,
        options: Options::default(),
        stop: &|| false,
        current: &|| job.generation.get() == generation,
        keep: if write { Keep::Results(&entries) } else { Keep::Nothing(&entries) },
        slice_ms: LIMIT_MS,
    };
    let since: Watermark = setting(&store, keys::WATERMARK)?.unwrap_or_default();
    let main: SourceId = subjects.first().cloned().unwrap_or_default().into();
    let cycle = Cycle::new(Begin {
        cycle_id: random::uuid()?.into(),
        kind: CycleKind::OnDemand,
        mode: if write { Mode::Execute } else { Mode::Plan },
        since,
        until: Watermark { assignments, ..since },
        linked: 0,
        staged: 0,
        approved: false,
        recent: 0,
        expected: Some(subjects.len() as u64),
        subjects: subjects.into_iter().map(Into::into).collect(),
        now: clock::now_ms(),
    });
    let end = driver.run(cycle).await;
    access::keep(job)?;
    let end = end?;
    match end {
        SliceEnd::Finished(report) => {
            let answer = log::OnDemandAnswer::of(&report, &entries.into_inner(), &main);
            Ok(OnDemandAnswer { key: answer.key, value: answer.value })
        }
        SliceEnd::Abandoned => {
            Err(ApiError::conflict("The job was restarted or saved meanwhile; try again."))
        }
        SliceEnd::Yielded => Err(ApiError::new(
            504,
            "Timeout",
            format!("The application did not answer within {} seconds; try again.", LIMIT_MS / 1000),
        )),
    }
}
