//! The people of Contoso, the sample company of the tutorial and the tests.
//!
//! [`write_people`] writes them as a CSV file for the import: the same number of people is the same
//! file on every machine and every day. One chief executive, six levels of management down to the
//! staff (from [`FULL_DEPTH`] people on), eleven departments with fitting titles, offices in twelve
//! countries with the names that one meets there, and what real directories have: empty cells,
//! disabled accounts, people who work from home, people of the same name.

use std::io::{self, Write};

mod company;
mod names;
mod people;
mod random;

pub use people::{Level, People, Person};

/// From this number of people on all six levels of management are there.
pub const FULL_DEPTH: usize = 6;

/// The columns of the file, in their order.
pub const COLUMNS: &[&str] = &[
    "userPrincipalName",
    "displayName",
    "givenName",
    "surname",
    "jobTitle",
    "department",
    "employeeId",
    "manager",
    "mail",
    "accountEnabled",
    "usageLocation",
    "streetAddress",
    "city",
    "state",
    "postalCode",
    "country",
    "telephoneNumber",
    "mobile",
    "preferredLanguage",
    "companyName",
    "officeLocation",
    "employeeType",
    "extension_costCenter",
    "extension_businessUnit",
    "groups",
];

/// Writes a header and a row for each of `users` people. Rows are made as they are written; only
/// the names of those made before are kept, for uniqueness and for managers.
pub fn write_people(users: usize, out: &mut impl Write) -> io::Result<()> {
    write_row(out, COLUMNS.iter().copied())?;
    for person in People::new(users) {
        let groups = person.groups.join(";");
        let enabled = if person.enabled { "true" } else { "false" };
        write_row(
            out,
            [
                person.user_principal_name.as_str(),
                &person.display_name,
                person.given_name,
                &person.surname,
                &person.job_title,
                person.department,
                &person.employee_id,
                &person.manager,
                &person.mail,
                enabled,
                person.usage_location,
                person.street_address,
                person.city,
                person.state,
                person.postal_code,
                person.country,
                &person.telephone_number,
                &person.mobile,
                person.preferred_language,
                company::NAME,
                person.office_location,
                person.employee_type,
                &person.cost_center,
                person.business_unit,
                &groups,
            ]
            .into_iter(),
        )?;
    }
    Ok(())
}

/// One line of CSV (RFC 4180); quotes only where they are needed, so that the file reads well.
fn write_row<'c>(out: &mut impl Write, cells: impl Iterator<Item = &'c str>) -> io::Result<()> {
    for (number, cell) in cells.enumerate() {
        if number > 0 {
            out.write_all(b",")?;
        }
        if cell.contains([',', '"', '\r', '\n']) {
            write!(out, "\"{}\"", cell.replace('"', "\"\""))?;
        } else {
            out.write_all(cell.as_bytes())?;
        }
    }
    out.write_all(b"\n")
}
