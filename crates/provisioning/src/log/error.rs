//! Error codes of the provisioning log, each with its reason and what to do about it.
//!
//! The codes are those of the reference (Entra's "provisioning error codes"), so that what people
//! know and search for stays true.

use serde::{Deserialize, Serialize};

use super::ErrorCategory;

/// Why an entry did not succeed (Graph: `provisioningErrorInfo`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorInformation {
    /// One of [`ErrorCode`], as text.
    pub error_code: String,
    /// What went wrong, with the particulars of this object.
    pub reason: String,
    /// What the target said, when it said something.
    pub additional_details: Option<String>,
    /// Whose fault it is.
    pub error_category: ErrorCategory,
    /// What to change.
    pub recommended_action: Option<String>,
}

macro_rules! error_codes {
    ($($(#[$meta:meta])* $variant:ident = $action:literal,)*) => {
        /// A code of the provisioning log.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$meta])* $variant,)*
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [ErrorCode] = &[$(Self::$variant,)*];

            /// The code as it is written in the log.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant),)*
                }
            }

            /// What to do about it.
            pub fn recommended_action(self) -> &'static str {
                match self {
                    $(Self::$variant => $action,)*
                }
            }
        }
    };
}

error_codes! {
    /// The target refused because another account has the same unique value (409).
    Conflict = "Change the value that must be unique, or choose a matching attribute that finds the existing account so that it is taken over.",
    /// The target answered 429.
    TooManyRequests = "Nothing: the object is tried again. If it happens often, ask the application's vendor for a higher limit.",
    /// The target answered 5xx.
    InternalServerError = "Nothing: the object is tried again in the next cycle. If it goes on, give the details to the application's vendor.",
    /// The credentials are not accepted (401).
    Unauthorized = "Create a new token in the application, enter it under Admin Credentials, test the connection, and start provisioning again.",
    /// The credentials are accepted but may not do this (403).
    InsufficientRights = "Give the token the right to read and write users in the application, then start provisioning again.",
    /// The target does not know the method (405).
    MethodNotAllowed = "The application does not support this operation. Untick it in the target object actions of the mapping.",
    /// The target answered 422.
    UnprocessableEntity = "Check the values under Modified Properties against what the application accepts.",
    /// The target has no seat left (402).
    LicenseLimitExceeded = "Buy more seats in the application, or provision fewer people by assignment or a scoping filter.",
    /// The target answered 501.
    NotImplemented = "The application does not support this operation. Untick it in the target object actions of the mapping.",
    /// The HTTP exchange itself failed: connection refused, TLS, unknown host.
    WebExceptionProtocolError = "Nothing: the object is tried again. If it goes on, check that the tenant URL is right and that the application is up.",
    /// The target did not answer in time.
    Timeout = "Nothing: the object is tried again. If it goes on, tell the application's vendor that requests take too long.",
    /// The linked account is gone from the target.
    InvalidAnchor = "Nothing: the next cycle reads the account. If it is gone, the link is dropped and the account is matched or created again; if not, look at what the application says.",
    /// A required target attribute has no value.
    MandatoryFieldsMissing = "Fill in the source attribute, or give the mapping a default value.",
    /// A mapping gave a value that the target attribute cannot hold.
    InvalidValue = "Correct the source value or the mapping's expression so that it has the type of the target attribute.",
    /// A mapping's expression failed on this object.
    ExpressionFailed = "Correct the source value or the mapping's expression; try it in the expression builder with this person's values.",
    /// The target does not know an attribute that a mapping writes.
    SchemaAttributeNotFound = "Correct the target attribute's name in the mapping, or define the attribute in the application.",
    /// Several values for a target attribute that holds one.
    SchemaPropertyCanOnlyAcceptValue = "Map a single value, for example with Item or Join.",
    /// More than one account matches.
    DuplicateTargetEntries = "Remove the surplus accounts in the application, or match by an attribute that is unique there.",
    /// Two people of the source claim one account.
    DuplicateSourceEntries = "Give each person a matching value of their own.",
    /// The person has no value for any matching attribute.
    ImportSkipped = "Fill in the matching attribute of this person.",
    /// Nothing had to be done.
    EntrySynchronizationSkipped = "Nothing.",
    /// Source and target are already equal.
    RedundantExport = "Nothing.",
    /// The person is not assigned, or has no role that provisions.
    NotEffectivelyEntitled = "Assign the person, or a group the person is a member of, with a role other than Default Access.",
    /// The person is out of scope and the job is set to leave such accounts alone.
    SkipOutOfScopeDeletions = "Nothing. To disable such accounts, switch off SkipOutOfScopeDeletions.",
    /// The mapping's target object actions do not allow the operation.
    ActionDisabled = "Tick the action in the target object actions of the mapping if it should be done.",
    /// Deleting or disabling is held back because too many would go in one cycle.
    TooManyDeletes = "Look through the held deletions, then allow them or correct the assignments and restart provisioning.",
    /// Somebody rejected deleting or disabling the account.
    DeletionRejected = "Nothing. To delete or disable the account after all, approve it among the held deletions.",
    /// Manager or member is not provisioned.
    UnableToResolveReferenceAttributeValue = "Bring the referenced person into scope; the reference is set as soon as that account exists.",
    /// A request for one object answered with several.
    SystemForCrossDomainIdentityManagementMultipleEntriesInResponse = "Report to the application's vendor: a request by id must answer with one resource.",
    /// The answer is not SCIM.
    SystemForCrossDomainIdentityManagementServiceIncompatible = "Check that the tenant URL is the SCIM 2.0 endpoint; if it is, report the answer to the application's vendor.",
    /// The target refused the request as malformed (400).
    InvalidRequest = "Check the values under Modified Properties and the target attributes of the mapping against what the application accepts.",
    /// A fault of this service.
    InternalError = "Nothing: the object is tried again. If it goes on, report it with the cycle and change id.",
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ErrorCode {
    /// The category that goes with the code: only [`ErrorCode::InternalError`] is our fault.
    pub fn category(self) -> ErrorCategory {
        match self {
            Self::InternalError => ErrorCategory::Failure,
            Self::EntrySynchronizationSkipped | Self::RedundantExport => ErrorCategory::Success,
            _ => ErrorCategory::NonServiceFailure,
        }
    }

    /// Whether the fault lies with a reference. Such failures count apart in the quarantine rules.
    pub fn is_reference(self) -> bool {
        self == Self::UnableToResolveReferenceAttributeValue
    }

    /// Error information with the code's own recommended action.
    pub fn because(self, reason: impl Into<String>, details: Option<String>) -> ErrorInformation {
        ErrorInformation {
            error_code: self.as_str().to_owned(),
            reason: reason.into(),
            additional_details: details,
            error_category: self.category(),
            recommended_action: Some(self.recommended_action().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_says_what_to_do() {
        for code in ErrorCode::ALL {
            assert!(code.recommended_action().ends_with('.'), "{code}");
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
