//! The CSV import: people from a file into a workforce directory.
//!
//! # The file
//!
//! One person a row. The header names the columns, either short (`userPrincipalName`) or as in
//! Entra's bulk-create template (`User name [userPrincipalName] Required`), in any case and order;
//! a first line `version:v1.0` may come before it. [`Header`] lists what is understood:
//!
//! * `userPrincipalName` is the key: required, unique in the file, compared without regard to case;
//! * the attributes of [`crate::attributes`] and any `extension_…` column;
//! * `manager` holds the `userPrincipalName` of somebody in the file or already in the directory;
//! * `groups` is our own addition: display names separated by semicolons. The import creates the
//!   groups that are missing and manages the memberships of those: a person of the file is a member
//!   of the groups in the cell and of no other managed group. To a group that somebody else made
//!   the import adds people, and never takes anybody out of it.
//!
//! An empty cell in a column clears the attribute (an empty `accountEnabled` means true); a column
//! that is absent leaves the attribute alone.
//!
//! Exports of other systems have headers of their own: [`ColumnNames`] says what they mean.
//!
//! The text is UTF-8 with or without a byte order mark, UTF-16 with one, or Windows-1252 (Latin-1),
//! which is told by the first character that is not ASCII ([`Encoding`]); cells are separated by
//! commas, semicolons or tabs (the header decides) and quoted as in RFC 4180; lines end in LF,
//! CRLF or CR.
//!
//! # The import
//!
//! [`Import`] takes the file's bytes in pieces of any size and gives rows and row errors. A
//! [`FileError`] means that the file as a whole cannot be used. The caller then works in passes:
//!
//! 1. [`apply_row`] for each row, with the resource of the same `userName` when there is one;
//! 2. managers: [`Roster::settle_managers`] finds unknown names and loops, and says what it has to be
//!    told of the directory for it ([`Unasked`]); then [`apply_manager`] for each [`Person`] of the
//!    [`Roster`];
//! 3. groups: [`new_group`] for each of [`Roster::groups`] that is missing, [`plan_memberships`]
//!    for each person;
//! 4. if those who are missing in the file are to be removed: everybody in the directory for whom
//!    [`Roster::names`] is false, but only if [`Roster::is_complete`].
//!
//! [`Tally`] adds up what was done to a [`Report`] and collects the errors.
//!
//! # Memory
//!
//! The bytes of the current piece and record (at most [`MAX_RECORD_BYTES`]), the rows that they
//! give and the roster are kept, nothing else. The roster takes about 110 bytes a person with
//! manager and three groups: 10 MB for 100,000 people, 35 MB for 300,000, and 40 MB at the most
//! while its vectors grow. [`MAX_ROSTER_BYTES`] and [`MAX_MEMBERSHIPS`] bound what a file made for
//! the purpose can reach.

mod column_names;
mod decode;
mod encoding;
mod error;
mod groups;
mod header;
mod import;
mod names;
mod plan;
mod report;
mod roster;
mod row;
mod tally;

pub use column_names::{ColumnName, ColumnNameError, ColumnNames, MAX_HEADER_CHARACTERS};
pub use decode::{Decoder, MAX_COLUMNS, MAX_FIELD_BYTES, MAX_RECORD_BYTES, Record};
pub use encoding::Encoding;
pub use error::{FileError, Problem, RowError};
pub use groups::{Group, MembershipPlan, is_managed_group, new_group, plan_memberships};
pub use header::{Column, Header};
pub use import::{Import, MAX_FILE_BYTES, MAX_ROWS};
pub use plan::{Change, Outcome, apply_manager, apply_row};
pub use report::{MAX_REPORTED_ERRORS, Report, ReportedError};
pub use roster::{MAX_MEMBERSHIPS, MAX_ROSTER_BYTES, Person, Roster, Unasked};
pub use row::{Cell, MAX_GROUPS_PER_ROW, MAX_USER_NAME_BYTES, Row};
pub use tally::{Action, ChunkOutcome, MAX_CHANGES, Notes, PlannedChange, Tally};
