//! The API's codes about inlets in the words of the screen.

use crate::ui::badge::{Tone, badge};
use leptos::prelude::AnyView;

/// Clouds, and their names.
pub(super) const CLOUDS: [(&str, &str); 5] = [
    ("global", "Microsoft Entra ID (global)"),
    ("usGovernmentL4", "US Government L4"),
    ("usGovernmentL5", "US Government L5 (DoD)"),
    ("china", "China, operated by 21Vianet"),
    ("custom", "Another address"),
];

/// A cloud's name.
pub(super) fn cloud(code: &str) -> String {
    CLOUDS.iter().find(|(known, _)| *known == code).map_or(code, |(_, name)| name).to_owned()
}

/// State of an inlet, as a badge.
pub(super) fn state(code: &str) -> AnyView {
    match code {
        "running" => badge(Tone::Info, "Running"),
        "idle" => badge(Tone::Good, "Up to date"),
        "waiting" => badge(Tone::Bad, "Waiting to try again"),
        "paused" => badge(Tone::Warning, "Paused"),
        _ => badge(Tone::Neutral, "Unknown"),
    }
}

/// Level of a log entry, as a badge.
pub(super) fn level(code: &str) -> AnyView {
    match code {
        "error" => badge(Tone::Bad, "Error"),
        "warning" => badge(Tone::Warning, "Warning"),
        _ => badge(Tone::Neutral, "Information"),
    }
}

/// What a round is at.
pub(super) fn phase(code: &str) -> &'static str {
    match code {
        "users" => "Reading people",
        "groups" => "Reading groups",
        "sweep" => "Looking for what is gone",
        "settle" => "Setting managers and memberships",
        _ => "Done",
    }
}

/// A heading for a code of `validateCredentials`.
pub(super) fn problem(code: &str) -> &'static str {
    match code {
        "InvalidCredentials" => "The credentials were not accepted.",
        "MissingPermission" => "A permission is missing.",
        "HostNotFound" => "The host was not found.",
        "ConnectionRefused" => "The connection was refused.",
        "Timeout" => "There was no answer in time.",
        "TlsError" => "A secure connection could not be made.",
        _ => "The test did not succeed.",
    }
}
