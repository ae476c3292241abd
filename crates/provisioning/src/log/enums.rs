//! Enumerations of the provisioning log, with Graph's spelling.

use serde::{Deserialize, Serialize};

macro_rules! graph_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $text)] $variant,)*
            /// A value of a later version; never produced here.
            #[serde(rename = "unknownFutureValue", other)]
            UnknownFutureValue,
        }

        impl $name {
            /// Graph's spelling.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::UnknownFutureValue => "unknownFutureValue",
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

graph_enum! {
    /// What was done to the account (Graph: `provisioningAction`).
    Action {
        /// An account was created.
        Create = "create",
        /// Attributes were changed.
        Update = "update",
        /// The account was deleted.
        Delete = "delete",
        /// A deletion or disabling that accidental-deletion prevention holds back.
        StagedDelete = "stageddelete",
        /// The account was disabled by an update.
        Disable = "disable",
        /// Nothing was written: already equal, out of scope, skipped.
        Other = "other",
    }
}

graph_enum! {
    /// Outcome of an entry or a step (Graph: `provisioningResult`).
    Status {
        /// Done.
        Success = "success",
        /// Done, but something needs attention.
        Warning = "warning",
        /// Not done because of an error.
        Failure = "failure",
        /// Not done because nothing had to be done.
        Skipped = "skipped",
    }
}

graph_enum! {
    /// Kind of step (Graph: `provisioningStepType`).
    StepType {
        /// Reading the source object.
        Import = "import",
        /// Deciding whether it is in scope.
        Scoping = "scoping",
        /// Finding its account.
        Matching = "matching",
        /// Evaluating the mappings and the difference.
        Processing = "processing",
        /// Resolving manager or members.
        ReferenceResolution = "referenceResolution",
        /// Writing to the target.
        Export = "export",
    }
}

graph_enum! {
    /// Who started the change (Graph: `initiatorType`).
    InitiatorType {
        /// A person, through the portal or the API.
        User = "user",
        /// An application.
        Application = "application",
        /// The provisioning service itself.
        System = "system",
    }
}

graph_enum! {
    /// Whose fault an error is (Graph: `provisioningStatusErrorCategory`).
    ErrorCategory {
        /// The service's own.
        Failure = "failure",
        /// The source's, the target's or the configuration's.
        NonServiceFailure = "nonServiceFailure",
        /// No error.
        Success = "success",
    }
}
