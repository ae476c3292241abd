//! Whether accounts may be read together from a target whose lists are not known: they may leave out what a single
//! answer tells. So the first account is read alone, then once more with the next ones; only if both answers say the
//! same are the others taken from lists.

use serde_json::Value as Json;

use super::{Item, lookups};
use crate::cycle::EffectId;
use crate::target::Outcome;

/// How far the trial is. Each endpoint is tried by itself.
#[derive(Debug, Default)]
pub(super) enum Trial {
    /// Nothing is known.
    #[default]
    Open,
    /// The first account was asked for alone.
    Asked(EffectId),
    /// What was told of the first account.
    Told(Box<Item>, Json),
    /// The first account was asked for again, with others.
    Again(EffectId, Json),
    /// Lists of this kind tell the same.
    Passed(String),
}

impl Trial {
    /// Whether the answer is awaited that decides.
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self, Self::Asked(_) | Self::Again(..))
    }

    /// Whether this account may be read with others.
    pub(super) fn has_passed(&self, item: &Item) -> bool {
        matches!(self, Self::Passed(kind) if Some(kind) == lookups::kind(item).as_ref())
    }

    /// Takes the answer to a request that went alone.
    pub(super) fn answered(&mut self, item: &Item, outcome: &Outcome) {
        match self {
            Self::Asked(id) if *id == item.effect_id => {}
            // It could not go with others after all.
            Self::Again(id, _) if *id == item.effect_id => return *self = Self::Open,
            _ => return,
        }
        let response = outcome.as_ref().ok().filter(|response| response.status == 200);
        let told = response.and_then(|response| serde_json::from_str(&response.body).ok());
        *self = told.map_or(Self::Open, |told| Self::Told(Box::new(item.clone()), told));
    }

    /// The list did not come to the first account: it is asked for again. Says whether this is the list.
    pub(super) fn postpone(&mut self, first: &Item) -> bool {
        match std::mem::take(self) {
            Self::Again(id, told) if id == first.effect_id => {
                *self = Self::Told(Box::new(first.clone()), told);
                true
            }
            other => {
                *self = other;
                false
            }
        }
    }

    /// Takes what a list tells of the first account, if this is the list; says whether it tells the same.
    pub(super) fn compare(&mut self, first: &Item, listed: Option<&str>) -> Option<bool> {
        let Self::Again(id, told) = self else { return None };
        if *id != first.effect_id {
            return None;
        }
        let is_same = listed.and_then(|listed| serde_json::from_str(listed).ok()).as_ref() == Some(told);
        *self = match lookups::kind(first) {
            Some(kind) if is_same => Self::Passed(kind),
            _ => Self::Open,
        };
        Some(is_same)
    }
}
