//! Parts that several pages share and that know the API.

pub(crate) mod access;
pub(crate) mod act;
pub(crate) mod application;
pub(crate) mod create;
pub(crate) mod credential;
pub(crate) mod curl;
pub(crate) mod directory_list;
pub(crate) mod ended;
pub(crate) mod entry;
pub(crate) mod guard;
pub(crate) mod history;
pub(crate) mod interval;
pub(crate) mod paging;
pub(crate) mod picker;
pub(crate) mod query;
pub(crate) mod remote;
pub(crate) mod requests;
pub(crate) mod tenant;
pub(crate) mod timeline;
pub(crate) mod words;
