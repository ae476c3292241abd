//! A directory's object: SCIM resources, tokens, custom attributes, the change log, and the CSV import.
//!
//! It has one alarm for all that it does by itself: requests that were noted are written, an import is worked on,
//! people whom another order of the inlets concerns are looked at.

mod answers;
mod attributes;
mod clients;
mod command;
mod deleted;
mod import;
mod mirror;
mod requests;
mod scim;
mod source;
mod tokens;

use std::cell::{Cell, RefCell};

use ::scim::schema::SchemaSet;
use ::scim::service::RateLimit;
pub use answers::{
    AttributeOrders, ChangeLogEnds, ChangesPage, ClientRecord, DeletedItem, DirectoryDescription,
    HistoryPage, MembersPage, Membership, Principal, RequestsPage, ResourcesPage, SourceResource,
    TokenRecord,
};
pub use command::{DirectoryCommand, Profile};
use import::Importing;
pub use import::{ImportOptions, ImportRequest, ImportStatus, LONGEST_WAIT_MS};
use store::Settings as _;
use store::directory::import::{Imports, MAX_IMPORTS};
use store::directory::{self as store_directory, DirectoryStore, Way};
use worker::{Env, Request, Response, Result, State};

use super::{answer, json, write};
use crate::error::ApiError;
use crate::platform::clock;
use crate::platform::sql::ObjectSql;
use crate::platform::stub::{self, COMMAND_URL, ObjectKind};

/// A file arrives under this address.
pub const IMPORT_URL: &str = "https://object.internal/import";

/// Settings of the directory's store.
mod keys {
    pub(super) const ID: &str = "id";
    pub(super) const PROFILE: &str = "profile";
    pub(super) const DISPLAY_NAME: &str = "displayName";
    pub(super) const ENABLED: &str = "enabled";
    pub(super) const CREATED_AT: &str = "createdAt";
    pub(super) const IGNORE_UNKNOWN_MEMBERS: &str = "ignoreUnknownMembers";
    pub(super) const IMPORT_COLUMNS: &str = "importColumns";
    pub(super) const REQUESTS_PER_SECOND: &str = "requestsPerSecond";
}

/// How long changes are kept for readers: 30 days.
const CHANGES_KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// An alarm that is overdue for so long is set again: 10 seconds.
const ALARM_OVERDUE_MS: i64 = 10_000;
/// What one tidying removes at most.
const TIDY_LIMIT: usize = 1_000;

/// Asks a directory's object.
pub async fn call<T: serde::de::DeserializeOwned>(
    env: &Env,
    id: &str,
    command: &DirectoryCommand,
) -> std::result::Result<T, ApiError> {
    stub::call(env, ObjectKind::Directory, id, command).await
}

/// What is read from the settings once and kept in memory.
#[derive(Clone)]
struct Setup {
    profile: Profile,
    enabled: bool,
    ignore_unknown_members: bool,
    /// Requests a second that clients with a token may send; 0 is any number.
    requests_per_second: u32,
}

/// The object. A directory that was never initialized keeps nothing: anybody can name an id.
pub struct Directory {
    state: State,
    env: Env,
    sql: ObjectSql,
    setup: RefCell<Option<Setup>>,
    schemas: RefCell<Option<std::rc::Rc<SchemaSet>>>,
    /// What clients with a token may send at this moment, if there is a limit.
    rate: RefCell<Option<RateLimit>>,
    /// The import under way.
    importing: Importing,
    /// When the alarm is set to, as far as this object knows. Whatever it is set for, it does all that is due.
    alarm_at: Cell<Option<i64>>,
    /// Requests that were noted and are not written yet.
    pending: RefCell<Vec<serde_json::Value>>,
}

impl Directory {
    /// The platform makes it, on the first request after it slept.
    pub fn new(state: State, env: Env) -> Self {
        let sql = ObjectSql::new(&state);
        Self {
            state,
            env,
            sql,
            setup: RefCell::new(None),
            schemas: RefCell::new(None),
            rate: RefCell::new(None),
            importing: Importing::default(),
            alarm_at: Cell::new(None),
            pending: RefCell::new(Vec::new()),
        }
    }

    /// Takes a command, a file to import, or a SCIM request.
    pub async fn fetch(&self, mut request: Request) -> Result<Response> {
        let url = request.url()?;
        let address = format!("{}{}", url.origin().ascii_serialization(), url.path());
        if address == COMMAND_URL {
            return answer(request, async |command| self.handle(command).await).await;
        }
        if address == IMPORT_URL {
            let wanted = crate::router::decode(url.query().unwrap_or_default());
            let wanted = match crate::json::read(&wanted) {
                Ok(wanted) => wanted,
                Err(error) => return write(Err(error.into())),
            };
            return write(self.import(&mut request, &wanted).await.and_then(json));
        }
        self.serve(request).await
    }

    /// Writes the requests that were noted, works on an import for a while, and goes on with what another order of
    /// the inlets made due. Never an error: it would be repeated for nothing.
    pub async fn alarm(&self) -> Result<Response> {
        self.alarm_at.set(None);
        if let Err(error) = self.flush() {
            worker::console_error!("requests: {}", error.internal.unwrap_or(error.message));
        }
        if let Err(error) = self.follow_orders().await {
            worker::console_error!("order of inlets: {}", error.internal.unwrap_or(error.message));
        }
        self.work_on_import().await;
        Response::ok("")
    }

    /// Sees to it that the alarm goes off within so many milliseconds.
    async fn wake_within(&self, ms: i64) -> std::result::Result<(), ApiError> {
        let now = clock::now_ms();
        // One that is overdue may be lost.
        if self.alarm_at.get().is_some_and(|at| at <= now + ms && at > now - ALARM_OVERDUE_MS) {
            return Ok(());
        }
        self.alarm_at.set(Some(now + ms));
        let set = self.state.storage().set_alarm(ms).await;
        if set.is_err() {
            self.alarm_at.set(None);
        }
        Ok(set?)
    }

    /// The directory's setup, or 404. Brings the schema of the database up to date on the first call.
    fn setup(&self) -> std::result::Result<Setup, ApiError> {
        if let Some(setup) = self.setup.borrow().as_ref() {
            return Ok(setup.clone());
        }
        let missing = || ApiError::new(404, "Request_ResourceNotFound", "There is no such directory.");
        if !self.exists()? {
            return Err(missing());
        }
        DirectoryStore::migrate(&self.sql)?;
        let store = DirectoryStore::new(&self.sql, store_directory::Profile::Application);
        let profile = match store.setting(keys::PROFILE)?.as_deref() {
            Some("workforce") => Profile::Workforce,
            Some(_) => Profile::Application,
            None => return Err(missing()),
        };
        let enabled = store.setting(keys::ENABLED)?.as_deref() == Some("true");
        let ignore_unknown_members = store.setting(keys::IGNORE_UNKNOWN_MEMBERS)?.as_deref() == Some("true");
        let requests_per_second =
            store.setting(keys::REQUESTS_PER_SECOND)?.and_then(|text| text.parse().ok()).unwrap_or(0);
        *self.rate.borrow_mut() =
            (requests_per_second > 0).then(|| RateLimit::new(requests_per_second, clock::now_ms()));
        let setup = Setup { profile, enabled, ignore_unknown_members, requests_per_second };
        *self.setup.borrow_mut() = Some(setup.clone());
        Ok(setup)
    }

    /// Whether the database has tables at all. Reads only.
    fn exists(&self) -> std::result::Result<bool, ApiError> {
        use store::sql::Sql as _;
        let rows = self.sql.query(
            "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'",
            &[],
        )?;
        Ok(rows.first().is_some())
    }

    fn store(&self) -> std::result::Result<DirectoryStore<'_>, ApiError> {
        let setup = self.setup()?;
        let profile = match setup.profile {
            Profile::Workforce => store_directory::Profile::Workforce,
            Profile::Application => store_directory::Profile::Application,
        };
        Ok(DirectoryStore::new(&self.sql, profile).ignoring_unknown_members(setup.ignore_unknown_members))
    }

    /// The schemas with the custom attributes of this moment.
    fn schemas(&self) -> std::result::Result<std::rc::Rc<SchemaSet>, ApiError> {
        if let Some(schemas) = self.schemas.borrow().as_ref() {
            return Ok(std::rc::Rc::clone(schemas));
        }
        let schemas = std::rc::Rc::new(self.load_schemas()?);
        *self.schemas.borrow_mut() = Some(std::rc::Rc::clone(&schemas));
        Ok(schemas)
    }

    async fn handle(&self, command: DirectoryCommand) -> std::result::Result<String, ApiError> {
        match command {
            DirectoryCommand::Initialize { id, profile, display_name, enabled, created_at } => {
                json(self.initialize(&id, profile, &display_name, enabled, created_at)?)
            }
            DirectoryCommand::Describe => json(self.describe()?),
            DirectoryCommand::Rows => json(self.sql.take_rows()),
            DirectoryCommand::Update {
                display_name,
                enabled,
                ignore_unknown_members,
                requests_per_second,
            } => {
                let store = self.store()?;
                let text = |flag: bool| if flag { "true" } else { "false" };
                store::sql::in_transaction(&self.sql, || -> std::result::Result<(), ApiError> {
                    store.set_setting(keys::DISPLAY_NAME, &display_name)?;
                    if let Some(ignore) = ignore_unknown_members {
                        store.set_setting(keys::IGNORE_UNKNOWN_MEMBERS, text(ignore))?;
                    }
                    if let Some(number) = requests_per_second {
                        store.set_setting(keys::REQUESTS_PER_SECOND, &number.to_string())?;
                    }
                    Ok(store.set_setting(keys::ENABLED, text(enabled))?)
                })?;
                *self.setup.borrow_mut() = None;
                json(())
            }
            DirectoryCommand::Destroy => {
                *self.setup.borrow_mut() = None;
                *self.schemas.borrow_mut() = None;
                self.pending.borrow_mut().clear();
                self.importing.clear();
                self.alarm_at.set(None);
                self.state.storage().delete_alarm().await?;
                self.state.storage().delete_all().await?;
                json(())
            }
            DirectoryCommand::Tokens => json(self.tokens()?),
            DirectoryCommand::CreateToken { token, digest } => json(self.create_token(&token, &digest)?),
            DirectoryCommand::RevokeToken { id } => json(self.revoke_token(&id)?),
            DirectoryCommand::Clients => json(self.clients()?),
            DirectoryCommand::CreateClient { client, digest } => json(self.create_client(&client, &digest)?),
            DirectoryCommand::RemoveClient { id } => json(self.remove_client(&id)?),
            DirectoryCommand::IssueToken { client_id, client_digest, token_digest, expires_at } => {
                json(self.issue_token(&client_id, &client_digest, &token_digest, expires_at)?)
            }
            DirectoryCommand::TokenExpiry { digest } => json(self.token_expiry(&digest)?),
            DirectoryCommand::Attributes => json(self.attributes()?),
            DirectoryCommand::CreateAttribute { name, kind } => json(self.create_attribute(&name, kind)?),
            DirectoryCommand::UpdateAttribute { id, kind } => json(self.update_attribute(&id, kind)?),
            DirectoryCommand::DeleteAttribute { id } => json(self.delete_attribute(&id)?),
            DirectoryCommand::Requests { before, limit, failed } => {
                json(self.requests(before, limit, failed)?)
            }
            DirectoryCommand::History { id, before, limit } => json(self.history(&id, before, limit)?),
            DirectoryCommand::DeletedItems { after, limit } => json(self.deleted_items(after, limit)?),
            DirectoryCommand::Restore { id } => json(self.restore(&id)?),
            DirectoryCommand::Principal { id } => json(self.principal(&id)?),
            DirectoryCommand::ChangeLogEnds => {
                let store = self.store()?;
                let (oldest, latest) = (store.oldest_sequence()?, store.latest_sequence()?);
                json(ChangeLogEnds { oldest, latest })
            }
            DirectoryCommand::ChangesSince { since, limit } => json(self.changes_since(since, limit)?),
            DirectoryCommand::UsersPage { after, limit, nested } => {
                json(self.users_page(after, limit, nested)?)
            }
            DirectoryCommand::GroupsPage { after, limit } => json(self.groups_page(after, limit)?),
            DirectoryCommand::UsersByIds { ids, nested } => json(self.users_by_ids(&ids, nested)?),
            DirectoryCommand::GroupsReached { ids, up } => {
                let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                let way = if up { Way::UpAtAnyTime } else { Way::Down };
                json(self.store()?.groups_reached(&ids, way)?)
            }
            DirectoryCommand::GroupsByIds { ids } => json(self.groups_by_ids(&ids)?),
            DirectoryCommand::GroupMembers { group_id, after, limit } => {
                json(self.group_members(&group_id, after, limit)?)
            }
            DirectoryCommand::MirrorBatch { inlet, batch } => {
                let applied = self.mirror_batch(&inlet, batch)?;
                self.follow_later().await?;
                json(applied)
            }
            DirectoryCommand::MirrorSweep { inlet, sweep, pass } => {
                json(self.mirror_sweep(&inlet, sweep, pass)?)
            }
            DirectoryCommand::MirrorAbsent { inlet, users, groups } => {
                json(self.mirror(&inlet, |mirror| mirror.absent(users, groups))?)
            }
            DirectoryCommand::MirrorSettle { inlet, after } => json(self.mirror_settle(&inlet, after)?),
            DirectoryCommand::MirrorPrincipals { inlet, source_ids, named } => {
                json(self.mirror(&inlet, |mirror| Ok(mirror.principals(&source_ids, named)?))?)
            }
            DirectoryCommand::Mirrored { inlet } => json(self.mirrored(&inlet)?),
            DirectoryCommand::MirrorRules { inlet, rules } => {
                self.mirror(&inlet, |mirror| mirror.set_rules(&rules))?;
                json(self.follow_later().await?)
            }
            DirectoryCommand::AttributeOrders => json(self.attribute_orders()?),
            DirectoryCommand::SetAttributeOrders { orders } => {
                self.mirror("", |mirror| mirror.set_orders(&orders))?;
                json(self.follow_later().await?)
            }
            DirectoryCommand::Reorder => json(self.mirror("", |mirror| mirror.reorder())?),
            DirectoryCommand::ReleaseInlet { inlet } => json(self.release_inlet(&inlet)?),
            DirectoryCommand::Conflicts { after, people } => {
                json(self.mirror("", |mirror| mirror.conflicts(&after, people))?)
            }
            DirectoryCommand::ImportColumns => json(self.import_columns()?),
            DirectoryCommand::SetImportColumns { columns } => json(self.set_import_columns(columns)?),
            DirectoryCommand::ImportProgress => json(self.import_progress()?),
            DirectoryCommand::Imports => json(self.import_list().await?),
            DirectoryCommand::Import { id, wait_ms } => json(self.import_status(&id, wait_ms).await?),
            DirectoryCommand::EndImport { id } => json(self.end_import(&id).await?),
            DirectoryCommand::Wake => {
                let imported = self.wake().await?;
                json(self.mirror("", |mirror| Ok(mirror.take_reordered()?))? || imported)
            }
            DirectoryCommand::Tidy => {
                self.tidy()?;
                json(self.follow_later().await?)
            }
        }
    }

    fn initialize(
        &self,
        id: &str,
        profile: Profile,
        display_name: &str,
        enabled: bool,
        created_at: i64,
    ) -> std::result::Result<(), ApiError> {
        DirectoryStore::migrate(&self.sql)?;
        let store = DirectoryStore::new(&self.sql, store_directory::Profile::Application);
        store::sql::in_transaction(&self.sql, || -> std::result::Result<(), ApiError> {
            if store.setting(keys::PROFILE)?.is_some() {
                return Ok(());
            }
            store.set_setting(keys::ID, id)?;
            let name = if profile == Profile::Workforce { "workforce" } else { "application" };
            store.set_setting(keys::PROFILE, name)?;
            store.set_setting(keys::DISPLAY_NAME, display_name)?;
            store.set_setting(keys::ENABLED, if enabled { "true" } else { "false" })?;
            Ok(store.set_setting(keys::CREATED_AT, &created_at.to_string())?)
        })
    }

    fn describe(&self) -> std::result::Result<DirectoryDescription, ApiError> {
        let setup = self.setup()?;
        let store = self.store()?;
        let counts = store.counts()?;
        Ok(DirectoryDescription {
            display_name: store.setting(keys::DISPLAY_NAME)?.unwrap_or_default(),
            profile: setup.profile,
            enabled: setup.enabled,
            ignore_unknown_members: setup.ignore_unknown_members,
            requests_per_second: setup.requests_per_second,
            created_at: store.setting(keys::CREATED_AT)?.and_then(|text| text.parse().ok()).unwrap_or(0),
            users: counts.users as u64,
            groups: counts.groups as u64,
        })
    }

    fn tidy(&self) -> std::result::Result<(), ApiError> {
        let store = self.store()?;
        let now = clock::now_ms();
        store.purge_deleted(now - store_directory::RESTORABLE_MS, TIDY_LIMIT, now)?;
        store.prune_changes(now - CHANGES_KEPT_MS, TIDY_LIMIT)?;
        Imports::new(&self.sql).prune(now, MAX_IMPORTS)?;
        Ok(())
    }
}
