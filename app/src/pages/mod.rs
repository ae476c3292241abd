//! The pages, one module each.

pub(crate) mod applications;
pub(crate) mod assignments;
pub(crate) mod attributes;
pub(crate) mod audit;
pub(crate) mod deleted;
pub(crate) mod dry_run;
pub(crate) mod employees;
pub(crate) mod gallery;
pub(crate) mod groups;
pub(crate) mod home;
pub(crate) mod import;
pub(crate) mod inbound;
pub(crate) mod inlets;
pub(crate) mod logs;
pub(crate) mod mappings;
pub(crate) mod on_demand;
pub(crate) mod organization;
pub(crate) mod overview;
pub(crate) mod people;
pub(crate) mod person;
pub(crate) mod provisioning;
pub(crate) mod reports;
pub(crate) mod signed_out;
pub(crate) mod tenant;
pub(crate) mod tenants;
pub(crate) mod unknown;
