//! Quarantine: slowing a job down because too much of it fails, and switching it off when that
//! lasts.
//!
//! Pure functions over plain records. The driver keeps [`JobHealth`] with the job and asks
//! [`after_cycle`] once a cycle is over.

mod health;
mod recent;
mod threshold;

use serde::{Deserialize, Serialize};

pub use health::{Health, JobHealth, QuarantineState, after_cycle, interrupted, resumed};
pub use recent::{RECENT_MS, RecentDeletions};
pub use threshold::{EscrowLimits, deletions_held, escrow_reason};

/// Why a job is in quarantine (Graph: `quarantineReason`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum QuarantineReason {
    /// Too many failures that are no references.
    EncounteredBaseEscrowThreshold,
    /// Too many failures, references included.
    EncounteredTotalEscrowThreshold,
    /// Too large a share of failures.
    EncounteredEscrowProportionThreshold,
    /// The target refuses: credentials, address, or not SCIM.
    EncounteredQuarantineException,
    /// Not known.
    Unknown,
    /// By an operator.
    QuarantinedOnDemand,
    /// Accidental-deletion prevention.
    TooManyDeletes,
    /// The source stopped delivering.
    IngestionInterrupted,
}

impl QuarantineReason {
    /// Every reason.
    pub const ALL: &'static [Self] = &[
        Self::EncounteredBaseEscrowThreshold,
        Self::EncounteredTotalEscrowThreshold,
        Self::EncounteredEscrowProportionThreshold,
        Self::EncounteredQuarantineException,
        Self::Unknown,
        Self::QuarantinedOnDemand,
        Self::TooManyDeletes,
        Self::IngestionInterrupted,
    ];
}
