//! The part of a cycle that is kept: small, and replaced with every commit.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::report::{Counters, CycleError};
use crate::id::{Cursor, CycleId, SourceId};

/// Everything that survives a crash. What is under way in a page is not part of it: after a crash
/// the page is read again, and every object looks before it writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CycleState {
    /// The cycle.
    pub cycle_id: CycleId,
    /// Everything, or changes.
    pub kind: CycleKind,
    /// For real, or as a plan.
    pub mode: Mode,
    /// Where it stands.
    pub phase: Phase,
    /// The watermark of the last finished cycle: where changes begin.
    pub since: Watermark,
    /// The watermark taken when this cycle began: what it leaves when it succeeds.
    pub until: Watermark,
    /// What was done so far.
    pub counters: Counters,
    /// When it began, Unix milliseconds.
    pub started: i64,
    /// When it ended, Unix milliseconds.
    pub ended: Option<i64>,
    /// Why it ended early.
    pub error: Option<CycleError>,
    /// Linked accounts when it began; the base of the percent threshold.
    pub linked_at_start: u64,
    /// Deletions and disablings that wait for a decision or were set aside, those of earlier cycles included.
    pub staged: u64,
    /// Of those, the ones of earlier cycles.
    #[serde(default)]
    pub undecided: u64,
    /// Whether held deletions were approved.
    #[serde(default)]
    pub approved: bool,
    /// Deletions and disablings of the cycles shortly before, which count with those of this one.
    #[serde(default)]
    pub recent: u64,
    /// Only these objects, in on-demand provisioning; empty otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<SourceId>,
}

/// What a new cycle is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Begin {
    /// A fresh GUID.
    pub cycle_id: CycleId,
    /// Everything, or changes.
    pub kind: CycleKind,
    /// For real, or as a plan.
    pub mode: Mode,
    /// The watermark of the last finished cycle; the default one before the first.
    pub since: Watermark,
    /// The source's present watermark, read before the first page.
    pub until: Watermark,
    /// Linked accounts now.
    pub linked: u64,
    /// Deletions and disablings of earlier cycles that wait for a decision.
    pub staged: u64,
    /// Whether some were approved.
    pub approved: bool,
    /// Deletions and disablings of the cycles shortly before; see [`crate::quarantine::RecentDeletions`].
    pub recent: u64,
    /// Objects that will be read, if the driver knows; for the progress bar.
    pub expected: Option<u64>,
    /// Only these objects, in on-demand provisioning; empty otherwise.
    pub subjects: Vec<SourceId>,
    /// Now, Unix milliseconds.
    pub now: i64,
}

/// What a cycle looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CycleKind {
    /// Every object.
    Initial,
    /// Changes after the watermark.
    Incremental,
    /// The given objects, at once.
    OnDemand,
}

/// Whether a cycle writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// Writes are sent.
    Execute,
    /// Writes are recorded and taken as done; nothing but reads is sent. Batches hold log entries
    /// (the plan's items) and state only.
    Plan,
}

/// Where a cycle stands. Kept as an object with a `name`, and read by hand: what serde makes for such a type weighs
/// several kilobytes in a Worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "name", try_from = "Value")]
pub enum Phase {
    /// Asking the target whether it is there and lets us in.
    Probe,
    /// Reading source objects, one object mapping after the other.
    Import {
        /// Index of the object mapping.
        mapping: usize,
        /// Where to go on.
        cursor: Option<Cursor>,
    },
    /// Carrying out, or holding, the deletions and disablings that were set aside.
    Deprovision {
        /// Index of the object mapping.
        mapping: usize,
        /// Where to go on.
        cursor: Option<Cursor>,
        /// Whether they are held: the threshold is reached and nobody allowed them.
        hold: bool,
    },
    /// Setting references whose two ends now exist.
    References {
        /// Where to go on.
        cursor: Option<Cursor>,
    },
    /// Over.
    Done,
}

impl TryFrom<Value> for Phase {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let mapping =
            value.get("mapping").and_then(Value::as_u64).and_then(|index| usize::try_from(index).ok());
        let mapping = mapping.ok_or("a phase without the index of its mapping");
        let cursor = value.get("cursor").and_then(Value::as_str).map(Cursor::from);
        match value.get("name").and_then(Value::as_str).unwrap_or_default() {
            "probe" => Ok(Self::Probe),
            "import" => Ok(Self::Import { mapping: mapping?, cursor }),
            "deprovision" => {
                let hold = value.get("hold").and_then(Value::as_bool).ok_or("a phase without `hold`")?;
                Ok(Self::Deprovision { mapping: mapping?, cursor, hold })
            }
            "references" => Ok(Self::References { cursor }),
            "done" => Ok(Self::Done),
            _ => Err("a phase that is not known"),
        }
    }
}

/// How far the source was read: positions in its two change logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Watermark {
    /// Sequence number of the directory's change log.
    pub directory: i64,
    /// Sequence number of the assignments' change log.
    pub assignments: i64,
}

impl CycleState {
    /// The state of a cycle that has not begun to work.
    pub fn begin(begin: Begin) -> Self {
        let counters = Counters { expected: begin.expected, ..Counters::default() };
        Self {
            cycle_id: begin.cycle_id,
            kind: begin.kind,
            mode: begin.mode,
            phase: Phase::Probe,
            since: begin.since,
            until: begin.until,
            counters,
            started: begin.now,
            ended: None,
            error: None,
            linked_at_start: begin.linked,
            staged: begin.staged,
            undecided: begin.staged,
            approved: begin.approved,
            recent: if begin.approved { 0 } else { begin.recent },
            subjects: begin.subjects,
        }
    }

    /// Whether the cycle is over.
    pub fn is_done(&self) -> bool {
        self.phase == Phase::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_is_read_as_it_was_kept() {
        let cursor = Some(Cursor::from("walk:7"));
        for phase in [
            Phase::Probe,
            Phase::Import { mapping: 0, cursor: None },
            Phase::Import { mapping: 1, cursor: cursor.clone() },
            Phase::Deprovision { mapping: 1, cursor: cursor.clone(), hold: true },
            Phase::References { cursor },
            Phase::References { cursor: None },
            Phase::Done,
        ] {
            let kept = serde_json::to_string(&phase).unwrap();
            assert_eq!(serde_json::from_str::<Phase>(&kept).unwrap(), phase, "{kept}");
        }
        for text in [
            "{}",
            r#"{"name":"import"}"#,
            r#"{"name":"deprovision","mapping":0}"#,
            r#"{"name":"other"}"#,
            "7",
        ] {
            assert!(serde_json::from_str::<Phase>(text).is_err(), "{text}");
        }
    }
}
