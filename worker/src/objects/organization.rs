//! The organization's object: directories, applications, assignments, members, API keys, sign-in links, audits.

use serde::{Deserialize, Serialize};
use store::Settings as _;
use store::organization::{
    ApiKeyRecord, AssignmentRecord, DirectoryRecord, InletRecord, MemberRecord, OrganizationStore,
    ServicePrincipalRecord, SignInOutcome,
};
use worker::{Env, Request, Response, Result, State};

use super::directory::{self, DirectoryCommand};
use super::{answer, json};
use crate::error::ApiError;
use crate::platform::sql::ObjectSql;
use crate::platform::stub::{self, ObjectKind};
use crate::platform::{clock, random};

/// The name of the one organization of an installation.
pub const NAME: &str = "organization";

const ID: &str = "id";
const DISPLAY_NAME: &str = "displayName";
const WORKFORCE: &str = "workforceDirectoryId";
const WORKFORCE_READY: &str = "workforceReady";

/// What the organization's object can be asked.
#[derive(Debug, Serialize, Deserialize)]
pub enum OrganizationCommand {
    /// → [`Description`]. Makes the organization and its workforce directory at the first call.
    Describe,
    /// → `Vec<DirectoryRecord>`.
    Directories,
    /// → `Option<DirectoryRecord>`.
    Directory {
        /// Its id.
        id: String,
    },
    /// → `()`.
    SaveDirectory {
        /// The record.
        directory: DirectoryRecord,
    },
    /// → `()`.
    RemoveDirectory {
        /// Its id.
        id: String,
    },
    /// → `Vec<InletRecord>`.
    Inlets,
    /// → `()`.
    SaveInlet {
        /// The record.
        inlet: InletRecord,
    },
    /// → `()`.
    RemoveInlet {
        /// Its id.
        id: String,
    },
    /// → `Vec<ServicePrincipalRecord>`.
    ServicePrincipals,
    /// → `Option<ServicePrincipalRecord>`.
    ServicePrincipal {
        /// Its id.
        id: String,
    },
    /// → `()`.
    SaveServicePrincipal {
        /// The record.
        principal: ServicePrincipalRecord,
    },
    /// → `()`.
    RemoveServicePrincipal {
        /// Its id.
        id: String,
    },
    /// → `bool`: false when it exists already.
    AddAssignment {
        /// The assignment.
        assignment: AssignmentRecord,
    },
    /// → `Option<AssignmentRecord>`: the removed one.
    RemoveAssignment {
        /// The application.
        service_principal_id: String,
        /// The assignment.
        id: String,
    },
    /// → `Vec<AssignmentRecord>`.
    Assignments {
        /// The application.
        service_principal_id: String,
        /// After this assignment.
        after: String,
        /// How many.
        limit: i64,
    },
    /// → `i64`.
    AssignmentCount {
        /// The application.
        service_principal_id: String,
    },
    /// → `AssignmentChanges`.
    AssignmentChanges {
        /// The application.
        service_principal_id: String,
        /// After this sequence number.
        since: i64,
        /// How many.
        limit: i64,
    },
    /// → `Vec<Made>`: what an inlet made.
    MadeAssignments {
        /// The application.
        service_principal_id: String,
        /// The inlet.
        inlet: String,
        /// After this assignment.
        after: String,
        /// How many.
        limit: i64,
    },
    /// → `(u64, u64)`: how many were added and removed.
    ChangeMadeAssignments {
        /// The application.
        service_principal_id: String,
        /// The inlet.
        inlet: String,
        /// To be made.
        add: Vec<AssignmentRecord>,
        /// To be removed, if the inlet made them.
        remove: Vec<String>,
    },
    /// → `()`. What an inlet made counts as made by hand from now on.
    ReleaseAssignments {
        /// The inlet.
        inlet: String,
        /// But those to these applications.
        but: Vec<String>,
    },
    /// → `Vec<MemberRecord>`.
    Members,
    /// → `Option<MemberRecord>`.
    MemberByEmail {
        /// In small letters.
        email: String,
    },
    /// → `Added`.
    AddMember {
        /// The record.
        member: MemberRecord,
    },
    /// → `Option<MemberRecord>`: as it was.
    SetMemberRole {
        /// Their id.
        id: String,
        /// What they may do from now on.
        role: String,
    },
    /// → `Option<MemberRecord>`: the removed one.
    RemoveMember {
        /// Their id.
        id: String,
    },
    /// → `Vec<ApiKeyRecord>`.
    ApiKeys,
    /// → `Added`.
    AddApiKey {
        /// The record.
        key: ApiKeyRecord,
        /// SHA-256 of the key.
        digest: String,
    },
    /// → `Option<ApiKeyRecord>`: the removed one.
    RemoveApiKey {
        /// Its id.
        id: String,
    },
    /// → `Option<ApiKeyRecord>`: the key, if it is good. Notes that it was used.
    UseApiKey {
        /// SHA-256 of the key.
        digest: String,
    },
    /// → `i64`: when it expires.
    AddSignInLink {
        /// Digest of its code.
        digest: String,
        /// Whose it is.
        email: Option<String>,
    },
    /// → [`SignIn`].
    UseSignInLink {
        /// Digest of its code.
        digest: String,
    },
    /// → `()`.
    AddAudit {
        /// The API's `directoryAudit`.
        document: String,
        /// An entry with the same key is added once.
        #[serde(default)]
        key: Option<String>,
    },
    /// → [`Audits`].
    Audits {
        /// Before this place.
        before: Option<i64>,
        /// How many.
        limit: i64,
    },
}

/// Who the organization is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Description {
    /// Its id: `tenantId` of the logs.
    pub id: String,
    /// Its name.
    pub display_name: String,
    /// Its workforce directory.
    pub workforce_directory_id: String,
}

/// What became of a sign-in link.
#[derive(Debug, Serialize, Deserialize)]
pub struct SignIn {
    /// Whether it was good.
    pub signed_in: bool,
    /// Whose it was.
    pub email: Option<String>,
}

/// A page of the audit log.
#[derive(Debug, Serialize, Deserialize)]
pub struct Audits {
    /// The API's entries as JSON, with their place.
    pub documents: Vec<(i64, String)>,
    /// Whether there are older ones.
    pub more: bool,
}

/// The object.
pub struct Organization {
    sql: ObjectSql,
    env: Env,
    /// Why the schema could not be brought up to date, if so. A constructor must not fail.
    broken: Option<String>,
}

impl Organization {
    /// The platform makes it, on the first request after it slept.
    pub fn new(state: State, env: Env) -> Self {
        let sql = ObjectSql::new(&state);
        let broken = OrganizationStore::open(&sql).err().map(|error| error.to_string());
        Self { sql, env, broken }
    }

    /// Takes a command.
    pub async fn fetch(&self, request: Request) -> Result<Response> {
        answer(request, async |command| self.handle(command).await).await
    }

    async fn handle(&self, command: OrganizationCommand) -> std::result::Result<String, ApiError> {
        if let Some(reason) = &self.broken {
            return Err(ApiError::internal(format!("the organization's database: {reason}")));
        }
        let store = OrganizationStore::opened(&self.sql);
        match command {
            OrganizationCommand::Describe => json(self.describe().await?),
            OrganizationCommand::Directories => json(store.directories()?),
            OrganizationCommand::Directory { id } => json(store.directory(&id)?),
            OrganizationCommand::SaveDirectory { directory } => json(store.save_directory(&directory)?),
            OrganizationCommand::RemoveDirectory { id } => json(store.remove_directory(&id)?),
            OrganizationCommand::Inlets => json(store.inlets()?),
            OrganizationCommand::SaveInlet { inlet } => json(store.save_inlet(&inlet)?),
            OrganizationCommand::RemoveInlet { id } => json(store.remove_inlet(&id)?),
            OrganizationCommand::ServicePrincipals => json(store.service_principals()?),
            OrganizationCommand::ServicePrincipal { id } => json(store.service_principal(&id)?),
            OrganizationCommand::SaveServicePrincipal { principal } => {
                json(store.save_service_principal(&principal)?)
            }
            OrganizationCommand::RemoveServicePrincipal { id } => json(store.remove_service_principal(&id)?),
            OrganizationCommand::AddAssignment { assignment } => json(store.add_assignment(&assignment)?),
            OrganizationCommand::RemoveAssignment { service_principal_id, id } => {
                json(store.remove_assignment(&service_principal_id, &id)?)
            }
            OrganizationCommand::Assignments { service_principal_id, after, limit } => {
                json(store.assignments(&service_principal_id, &after, limit)?)
            }
            OrganizationCommand::AssignmentCount { service_principal_id } => {
                json(store.assignment_count(&service_principal_id)?)
            }
            OrganizationCommand::AssignmentChanges { service_principal_id, since, limit } => {
                json(store.assignment_changes_since(&service_principal_id, since, limit)?)
            }
            OrganizationCommand::MadeAssignments { service_principal_id, inlet, after, limit } => {
                json(store.made_assignments(&service_principal_id, &inlet, &after, limit)?)
            }
            OrganizationCommand::ChangeMadeAssignments { service_principal_id, inlet, add, remove } => {
                json(store.change_made_assignments(&service_principal_id, &inlet, &add, &remove)?)
            }
            OrganizationCommand::ReleaseAssignments { inlet, but } => {
                json(store.release_assignments(&inlet, &but)?)
            }
            OrganizationCommand::Members => json(store.members()?),
            OrganizationCommand::MemberByEmail { email } => json(store.member_by_email(&email)?),
            OrganizationCommand::AddMember { member } => json(store.add_member(&member)?),
            OrganizationCommand::SetMemberRole { id, role } => json(store.set_member_role(&id, &role)?),
            OrganizationCommand::RemoveMember { id } => json(store.remove_member(&id)?),
            OrganizationCommand::ApiKeys => json(store.api_keys()?),
            OrganizationCommand::AddApiKey { key, digest } => json(store.add_api_key(&key, &digest)?),
            OrganizationCommand::RemoveApiKey { id } => json(store.remove_api_key(&id)?),
            OrganizationCommand::UseApiKey { digest } => json(store.use_api_key(&digest, clock::now_ms())?),
            OrganizationCommand::AddSignInLink { digest, email } => {
                json(store.add_sign_in_link(&digest, email.as_deref(), clock::now_ms())?)
            }
            OrganizationCommand::UseSignInLink { digest } => {
                let now = clock::now_ms();
                json(match store.use_sign_in_link(&digest, now)? {
                    SignInOutcome::SignedIn(Some(email)) => {
                        SignIn { signed_in: store.note_sign_in(&email, now)?, email: Some(email) }
                    }
                    SignInOutcome::SignedIn(None) => SignIn { signed_in: true, email: None },
                    SignInOutcome::Refused => SignIn { signed_in: false, email: None },
                })
            }
            OrganizationCommand::AddAudit { document, key } => {
                json(store.add_audit(clock::now_ms(), &document, key.as_deref())?)
            }
            OrganizationCommand::Audits { before, limit } => {
                let page = store.audits(before, limit)?;
                json(Audits { documents: page.documents, more: page.more })
            }
        }
    }

    /// The ids are kept before the directory's object is asked to begin, and that request may be repeated, so
    /// a crash in between is mended by the next call.
    async fn describe(&self) -> std::result::Result<Description, ApiError> {
        let store = OrganizationStore::opened(&self.sql);
        if store.setting(ID)?.is_none() {
            let (id, workforce) = (random::uuid()?, random::uuid()?);
            store::sql::in_transaction(&self.sql, || -> std::result::Result<(), ApiError> {
                store.set_setting(ID, &id)?;
                store.set_setting(DISPLAY_NAME, "My organization")?;
                store.set_setting(WORKFORCE, &workforce)?;
                store.save_directory(&DirectoryRecord {
                    id: workforce.clone(),
                    display_name: "Workforce directory".to_owned(),
                    profile: "workforce".to_owned(),
                    enabled: true,
                    created_at: clock::now_ms(),
                })?;
                Ok(())
            })?;
        }
        let setting = |key: &str| -> std::result::Result<String, ApiError> {
            store.setting(key)?.ok_or_else(|| ApiError::internal(format!("the organization has no {key}")))
        };
        let description = Description {
            id: setting(ID)?,
            display_name: setting(DISPLAY_NAME)?,
            workforce_directory_id: setting(WORKFORCE)?,
        };
        if store.setting(WORKFORCE_READY)?.is_none() {
            let record = store.directory(&description.workforce_directory_id)?;
            let created_at = record.map_or_else(clock::now_ms, |record| record.created_at);
            let command = DirectoryCommand::Initialize {
                id: description.workforce_directory_id.clone(),
                profile: directory::Profile::Workforce,
                display_name: "Workforce directory".to_owned(),
                enabled: true,
                created_at,
            };
            stub::call::<_, ()>(
                &self.env,
                ObjectKind::Directory,
                &description.workforce_directory_id,
                &command,
            )
            .await?;
            store.set_setting(WORKFORCE_READY, "1")?;
        }
        Ok(description)
    }
}
