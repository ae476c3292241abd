//! What fills a workforce directory: the table of source attributes, the CSV import and the Microsoft Graph inlet.
//!
//! * [`attributes`] relates the names by which mappings know a person's properties
//!   (`userPrincipalName`, `surname`, `extension_…`) to the places where the workforce directory
//!   keeps them in a SCIM User.
//! * [`csv`] turns the bytes of a CSV file into rows, says what each row changes in the directory,
//!   and explains each row that cannot be used.
//! * [`guard`] holds back removals that look like a mistake.
//! * [`graph`] follows a Microsoft Entra tenant by delta queries, as a state machine; what it learns it says
//!   in the words of [`mirror`].
//!
//! The crate does no I/O, reads no clock and makes no ids. It knows nothing of storage: the caller
//! brings the existing resources and writes the changed ones.

pub mod attributes;
pub mod csv;
pub mod graph;
pub mod guard;
pub mod mirror;
pub mod rules;
