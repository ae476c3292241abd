//! What fills a workforce directory: the table of source attributes, the CSV import and the Microsoft Graph inlet.
//!
//! * [`attributes`] relates the names by which mappings know a person's properties
//!   (`userPrincipalName`, `surname`, `extension_…`) to the places where the workforce directory
//!   keeps them in a SCIM User.
//! * [`assignments`] makes an application's assignments equal to those at a source.
//! * [`certificate`] reads the certificate and key with which an inlet signs in.
//! * [`csv`] turns the bytes of a CSV file into rows, says what each row changes in the directory,
//!   and explains each row that cannot be used.
//! * [`guard`] holds back removals that look like a mistake.
//! * [`graph`] follows a Microsoft Entra tenant by delta queries, as a state machine; what it learns it says
//!   in the words of [`mirror`].
//! * [`rules`] and [`order`] say how one person from several inlets is found, and whose word counts.
//!
//! The crate does no I/O, reads no clock and makes no ids. It knows nothing of storage: the caller
//! brings the existing resources and writes the changed ones.

pub mod assignments;
pub mod attributes;
pub mod certificate;
pub mod csv;
pub mod graph;
pub mod guard;
pub mod mirror;
pub mod order;
pub mod rules;
