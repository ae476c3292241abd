//! Identifiers, one type each, so that a source id can never stand where a target id is meant.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! identifier {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identifier! {
    /// The id of an object in the source (the workforce directory).
    SourceId
}

identifier! {
    /// The id that the target gave to an account (`id` of RFC 7643, section 3.1).
    TargetId
}

identifier! {
    /// The id of one cycle; `cycleId` of the log.
    CycleId
}

identifier! {
    /// A place in a list that the driver reads page by page. Only the driver knows what is inside
    /// (a key, usually); the machine keeps it and hands it back.
    Cursor
}

/// The all-zero GUID: the id of the role "Default Access" in every application.
pub const DEFAULT_ACCESS: &str = "00000000-0000-0000-0000-000000000000";

/// Where random bytes come from. The engine draws none itself: the Worker passes the platform's
/// generator, tests pass a counted one.
pub trait Random {
    /// Fills `bytes`. Must be fit for passwords (`RandomString`) when it runs for real.
    fn fill(&self, bytes: &mut [u8]);
}

/// A GUID for a record of ours; see [`guid_at`].
pub fn new_guid(now: i64, random: &dyn Random) -> String {
    let mut bytes = [0_u8; 16];
    random.fill(&mut bytes);
    guid_at(now, bytes)
}

/// A GUID in Graph's form, lower case: version 7 (RFC 9562, section 5.7), with the time `now` (Unix milliseconds)
/// first and 74 of the random bits after it. What is made together lies together in an index, and what is made later
/// comes later. It is no secret.
pub fn guid_at(now: i64, random: [u8; 16]) -> String {
    let mut bytes = random;
    for (byte, of_time) in bytes.iter_mut().zip(now.to_be_bytes().into_iter().skip(2)) {
        *byte = of_time;
    }
    guid(bytes, 7)
}

/// A random GUID, version 4 (RFC 9562, section 5.4), for values that are given to others.
pub fn random_guid(random: &dyn Random) -> String {
    let mut bytes = [0_u8; 16];
    random.fill(&mut bytes);
    guid(bytes, 4)
}

/// The bytes as text, with version and variant laid over them.
fn guid(mut bytes: [u8; 16], version: u8) -> String {
    bytes[6] = (bytes[6] & 0x0f) | (version << 4);
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let mut text = String::with_capacity(36);
    for (position, byte) in bytes.iter().enumerate() {
        if matches!(position, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 0x0f] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);

    impl Random for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn guid_has_time_version_and_variant() {
        // The moment of RFC 9562, appendix A.6.
        let now = 0x017f_22e2_79b0;
        assert_eq!(new_guid(now, &Fixed(0)), "017f22e2-79b0-7000-8000-000000000000");
        assert_eq!(new_guid(now, &Fixed(0xff)), "017f22e2-79b0-7fff-bfff-ffffffffffff");
        assert_eq!(guid_at(0, [0x55; 16]), "00000000-0000-7555-9555-555555555555");
        assert_eq!(random_guid(&Fixed(0)), "00000000-0000-4000-8000-000000000000");
        assert_eq!(random_guid(&Fixed(0xff)), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn guids_of_later_sort_later() {
        for before in [1, 0xfff, 0x017f_22e2_79b0] {
            assert!(guid_at(before, [0xff; 16]) < guid_at(before + 1, [0; 16]));
        }
    }
}
