//! The cycle: a state machine that provisions everybody, or what changed, without calling
//! anything.
//!
//! The driver owns the loop. It makes a [`Cycle`] with [`Cycle::new`] or [`Cycle::resume`], feeds
//! [`Event::Started`] and then one event for every effect that asks for one, until
//! [`Effect::Yield`] or [`Effect::Finish`]:
//!
//! ```text
//! Probe ──► Import (page by page) ──► Deprovision ──► References ──► Done
//!   │          │  ReadPage → Page → [Send → Response]* → Commit → Committed ─┐
//!   │          └───────────────────────────────────────────────────────────┘
//!   └── the target refuses: the cycle fails, the job goes into quarantine
//! ```
//!
//! Invariants:
//! - Progress and results are in one [`Batch`]; nothing is kept outside of it.
//! - At most [`WINDOW`] requests are in flight, and one per object; the window of objects is larger only where
//!   their requests go together ([`crate::outbox`]).
//! - An account is looked up before it is created; a creation is never repeated blindly.
//! - An account that is linked to one object is never linked to another.
//! - An object whose account is already as wanted costs one read and no write.
//! - A deletion that was held is carried out when it is approved, or when all are let through; one that was rejected
//!   never is, until the object was in scope again.

mod effect;
mod entry;
mod event;
mod machine;
mod object;
mod page;
mod phase;
mod references;
mod report;
mod state;

pub use effect::{
    Batch, CreationChange, Effect, EffectId, EscrowChange, LinkChange, PageScope, ReferenceChange,
    StagedChange, WINDOW,
};
pub use entry::{
    Assignment, Creation, Decision, Escrow, Link, PendingReference, ReferenceEntry, SourceEntry,
    SourceObject, StagedDeletion, Standing,
};
pub use event::{Event, ScimResponse, TransportError, TransportErrorKind};
pub use machine::{Cycle, step};
pub use report::{ActionCount, Counters, CycleError, CycleResult, Report};
pub use state::{Begin, CycleKind, CycleState, Mode, Phase, Watermark};

#[cfg(test)]
mod tests;
