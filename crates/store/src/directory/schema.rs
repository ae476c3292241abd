//! The tables of a directory.
//!
//! A resource is its JSON document plus extracted columns for what is looked up. Keys are folded
//! ([`scim::filter::fold`]) so that equality and ranges follow the case rules of the schema. Memberships and
//! e-mail addresses refer to resources by `seq`, the number in the order of creation.

use crate::migrations::Migration;

/// All steps.
pub(super) const MIGRATIONS: &[Migration] = &[FIRST, ANCHORS, REQUESTS, VOICES, DISPUTES, IMPORTS];

const FIRST: Migration = Migration {
    number: 1,
    statements: &[
        "CREATE TABLE resources (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            type TEXT NOT NULL,
            document TEXT NOT NULL,
            version INTEGER NOT NULL,
            created INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            deleted INTEGER,
            display TEXT,
            user_name_key TEXT,
            display_name_key TEXT,
            external_id TEXT,
            employee_number_key TEXT,
            manager_id TEXT,
            active INTEGER
        )",
        // Unique among the live only: the name of a deleted person is free at once.
        "CREATE UNIQUE INDEX resources_user_name ON resources (user_name_key) WHERE deleted IS NULL",
        // A person who comes back while in the recycle bin is restored.
        "CREATE INDEX resources_deleted_user_name ON resources (user_name_key)
            WHERE deleted IS NOT NULL AND user_name_key IS NOT NULL",
        "CREATE INDEX resources_live ON resources (type) WHERE deleted IS NULL",
        "CREATE INDEX resources_display_name ON resources (display_name_key) WHERE deleted IS NULL",
        "CREATE INDEX resources_external_id ON resources (external_id) WHERE external_id IS NOT NULL",
        "CREATE INDEX resources_employee_number ON resources (employee_number_key)
            WHERE employee_number_key IS NOT NULL",
        "CREATE INDEX resources_manager ON resources (manager_id) WHERE manager_id IS NOT NULL",
        "CREATE INDEX resources_modified ON resources (modified) WHERE deleted IS NULL",
        "CREATE INDEX resources_deleted ON resources (deleted) WHERE deleted IS NOT NULL",
        "CREATE TABLE emails (
            value_key TEXT NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (value_key, seq)
        ) WITHOUT ROWID",
        "CREATE TABLE members (
            group_seq INTEGER NOT NULL,
            member_seq INTEGER NOT NULL,
            added INTEGER NOT NULL,
            PRIMARY KEY (group_seq, member_seq)
        ) WITHOUT ROWID",
        "CREATE INDEX members_by_member ON members (member_seq)",
        // The newest entry is never removed, so numbers are not used again and a reader's position stays valid.
        "CREATE TABLE change_log (
            seq INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            type TEXT NOT NULL,
            id TEXT NOT NULL,
            member_id TEXT,
            attributes TEXT NOT NULL
        )",
        "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE tokens (
            id TEXT PRIMARY KEY,
            label TEXT NOT NULL,
            digest TEXT NOT NULL UNIQUE,
            created INTEGER NOT NULL,
            expires INTEGER,
            last_used INTEGER,
            scope TEXT NOT NULL,
            revoked INTEGER,
            client_id TEXT
        )",
        "CREATE INDEX tokens_by_client ON tokens (client_id) WHERE client_id IS NOT NULL",
        "CREATE TABLE clients (
            id TEXT PRIMARY KEY,
            label TEXT NOT NULL,
            digest TEXT NOT NULL,
            scope TEXT NOT NULL,
            created INTEGER NOT NULL,
            last_used INTEGER
        )",
        "CREATE TABLE custom_attributes (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            name_key TEXT NOT NULL UNIQUE,
            type TEXT NOT NULL,
            created INTEGER NOT NULL
        )",
        "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ],
};

/// What inlets mirror: which resource is whose at the source, and references between objects there. They refer
/// to each other by number, so that a reference may come before what it refers to.
const ANCHORS: Migration = Migration {
    number: 2,
    statements: &[
        "CREATE TABLE anchors (
            number INTEGER PRIMARY KEY,
            inlet TEXT NOT NULL,
            source_id TEXT NOT NULL,
            type TEXT,
            resource_id TEXT,
            pass INTEGER NOT NULL DEFAULT 0,
            manager INTEGER,
            manager_pass INTEGER NOT NULL DEFAULT 0,
            unsettled INTEGER NOT NULL DEFAULT 0,
            deferred TEXT,
            UNIQUE (inlet, source_id)
        )",
        "CREATE INDEX anchors_by_resource ON anchors (resource_id) WHERE resource_id IS NOT NULL",
        "CREATE INDEX anchors_unsettled ON anchors (inlet, number) WHERE unsettled = 1",
        "CREATE TABLE source_members (
            group_number INTEGER NOT NULL,
            member_number INTEGER NOT NULL,
            pass INTEGER NOT NULL,
            settled INTEGER NOT NULL,
            PRIMARY KEY (group_number, member_number)
        ) WITHOUT ROWID",
        "CREATE INDEX source_members_by_member ON source_members (member_number)",
        "CREATE INDEX source_members_unsettled ON source_members (group_number, member_number) WHERE settled = 0",
    ],
};

/// What each inlet says about a person, and the inlets' rules: one person may come from several.
const VOICES: Migration = Migration {
    number: 4,
    statements: &[
        "ALTER TABLE anchors ADD COLUMN said TEXT",
        "ALTER TABLE anchors ADD COLUMN absent INTEGER NOT NULL DEFAULT 0",
        "CREATE TABLE inlet_rules (
            inlet TEXT PRIMARY KEY,
            precedence INTEGER NOT NULL,
            join_by TEXT NOT NULL
        ) WITHOUT ROWID",
    ],
};

/// People about whom inlets say different things, by attribute, and which of them are to be looked at since the
/// order of the inlets is another one: from which person on.
const DISPUTES: Migration = Migration {
    number: 5,
    statements: &[
        "CREATE TABLE disputes (
            resource_id TEXT NOT NULL,
            attribute TEXT NOT NULL,
            PRIMARY KEY (resource_id, attribute)
        ) WITHOUT ROWID",
        "CREATE INDEX disputes_by_attribute ON disputes (attribute, resource_id)",
        "CREATE TABLE disputes_due (attribute TEXT PRIMARY KEY, after TEXT NOT NULL) WITHOUT ROWID",
        // What was said before is gone through.
        "INSERT INTO disputes_due (attribute, after) SELECT '', '' WHERE EXISTS (SELECT 1 FROM anchors)",
    ],
};

/// Who changed something, and the last requests of SCIM clients.
const REQUESTS: Migration = Migration {
    number: 3,
    statements: &[
        "ALTER TABLE change_log ADD COLUMN client TEXT",
        "CREATE TABLE request_blocks (
            first INTEGER PRIMARY KEY,
            count INTEGER NOT NULL,
            records TEXT NOT NULL
        )",
    ],
};

/// CSV imports: the last ones, the file of the one under way, and texts about each: what its chunks did, and what
/// came of it.
const IMPORTS: Migration = Migration {
    number: 6,
    statements: &[
        "CREATE TABLE imports (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            state TEXT NOT NULL,
            preview INTEGER NOT NULL,
            remove_missing INTEGER NOT NULL,
            forced INTEGER NOT NULL,
            started INTEGER NOT NULL,
            ended INTEGER,
            started_by TEXT NOT NULL,
            columns TEXT NOT NULL,
            bytes INTEGER NOT NULL DEFAULT 0,
            progress TEXT NOT NULL DEFAULT '{}',
            audit TEXT,
            news INTEGER NOT NULL DEFAULT 0,
            resumed INTEGER NOT NULL DEFAULT 0
        )",
        "CREATE TABLE import_parts (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
        "CREATE TABLE import_texts (
            import INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            number INTEGER NOT NULL,
            piece INTEGER NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (import, kind, number, piece)
        ) WITHOUT ROWID",
    ],
};
