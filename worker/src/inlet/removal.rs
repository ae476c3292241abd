//! The end of an inlet. What it read must be forgotten elsewhere too, in more than one step: whoever asked for it does
//! a part while somebody waits, and the inlet's own alarm does what is left, however often it is broken off.

use serde::{Deserialize, Serialize};
use store::Settings as _;
use store::inlet::InletStore;

use super::record::InletSettings;
use super::{assign, keys};
use crate::error::ApiError;
use crate::objects::directory::{self, DirectoryCommand};
use crate::objects::inlet::Inlet;
use crate::objects::organization::{NAME, OrganizationCommand};
use crate::platform::settings::{save_setting, setting};
use crate::platform::stub::{self, ObjectKind};

/// How soon the alarm looks after a removal: whoever asked for it is done by then, as a rule.
const FOLLOW_AFTER_MS: i64 = 60_000;
/// Portions that one alarm does: each is a call to the directory.
const PORTIONS_AN_ALARM: usize = 20;

/// What is left of an inlet that is being removed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Removal {
    id: String,
    directory_id: String,
}

/// Ends the inlet: it does not run any more, and its secret is gone. May be repeated.
pub async fn begin(inlet: &Inlet) -> Result<(), ApiError> {
    inlet.abandon();
    let store = inlet.store();
    let Some(settings) = InletSettings::load(&store)? else { return Ok(()) };
    let removal = Removal { id: settings.id, directory_id: settings.directory_id };
    store::sql::in_transaction(&inlet.sql, || -> Result<(), ApiError> {
        for key in keys::ALL {
            store.remove_setting(key)?;
        }
        save_setting(&store, keys::REMOVAL, &removal)
    })?;
    inlet.arm(FOLLOW_AFTER_MS).await
}

/// Whether the inlet is being removed.
pub fn is_due(store: &InletStore<'_>) -> Result<bool, ApiError> {
    Ok(store.setting(keys::REMOVAL)?.is_some())
}

/// Goes on with a removal, which may be over elsewhere. Answers after how long to go on, or `None` at the end.
pub async fn go_on(inlet: &Inlet) -> Result<Option<i64>, ApiError> {
    let Some(removal) = setting::<Removal>(&inlet.store(), keys::REMOVAL)? else { return Ok(None) };
    let mut portions = 0;
    loop {
        let command = DirectoryCommand::ReleaseInlet { inlet: removal.id.clone() };
        if !directory::call::<bool>(&inlet.env, &removal.directory_id, &command).await? {
            break;
        }
        portions += 1;
        if portions >= PORTIONS_AN_ALARM {
            return Ok(Some(0));
        }
    }
    assign::release(inlet, &removal.id, &[]).await?;
    let command = OrganizationCommand::RemoveInlet { id: removal.id };
    stub::call::<_, ()>(&inlet.env, ObjectKind::Organization, NAME, &command).await?;
    let storage = inlet.state.storage();
    storage.delete_alarm().await?;
    storage.delete_all().await?;
    InletStore::open(&inlet.sql)?;
    Ok(None)
}
