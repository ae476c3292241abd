//! What the target of a job can do, as it says itself, and what follows from it: which requests go together.
//!
//! It is asked at the beginning of a cycle, at most once a day, when address or credentials changed, and after Test
//! Connection.

use provisioning::JobSettings;
use provisioning::cycle::Mode;
use provisioning::outbox::{Joins, MAX_PAGE, Options};
use provisioning::target::capabilities;
use serde_json::{Value, json};
use store::job::JobStore;

use super::keys;
use super::secrets::Secrets;
use super::target::Target;
use crate::error::ApiError;
use crate::platform::clock;
use crate::platform::secret::digest;
use crate::platform::settings::{save_setting, setting};

/// How long an answer holds.
const HOLDS_MS: i64 = 24 * 60 * 60 * 1000;
/// Objects of a page, and under way at a time, where requests go together: enough for whole batches, and a few
/// megabytes of an object's memory.
const TOGETHER: u32 = 250;

/// Whose answer it is: with another address, token or OAuth client it is asked anew. No secret can be told from it.
const OF: &str = "of";
/// What the API shows.
const SAID: &str = "said";

/// What the target said last, as the API shows it; null when it was never asked.
pub fn describe(store: &JobStore<'_>, secrets: &Secrets) -> Result<Value, ApiError> {
    Ok(known(store, secrets)?.unwrap_or_default())
}

fn key(secrets: &Secrets) -> Result<String, ApiError> {
    let client = secrets.client()?.map(|client| client.id).unwrap_or_default();
    Ok(digest(&format!("{}\n{}\n{client}", secrets.target()?.join(""), secrets.token().expose())))
}

fn known(store: &JobStore<'_>, secrets: &Secrets) -> Result<Option<Value>, ApiError> {
    let saved: Option<Value> = setting(store, keys::CAPABILITIES)?;
    let Some(mut saved) = saved.filter(|_| secrets.complete()) else { return Ok(None) };
    let is_same = saved.get(OF).and_then(Value::as_str) == Some(key(secrets)?.as_str());
    Ok(saved.get_mut(SAID).map(Value::take).filter(|_| is_same))
}

/// Asks the target, unless its answer still holds; says whether it did.
pub async fn refresh(store: &JobStore<'_>, target: &Target, secrets: &Secrets) -> Result<bool, ApiError> {
    let checked = known(store, secrets)?
        .and_then(|said| said.get("checkedDateTime").and_then(Value::as_str).and_then(clock::parse_rfc3339));
    if checked.is_some_and(|checked| clock::now_ms() - checked < HOLDS_MS) {
        return Ok(false);
    }
    ask(store, target, secrets).await?;
    Ok(true)
}

/// Asks the target. Without a clear answer nothing changes.
pub async fn ask(store: &JobStore<'_>, target: &Target, secrets: &Secrets) -> Result<(), ApiError> {
    let outcome = target.send(&capabilities::request()).await;
    let Some(mut said) = capabilities::read(&outcome) else { return Ok(()) };
    if let Some(said) = said.as_object_mut() {
        said.insert("checkedDateTime".to_owned(), clock::rfc3339(clock::now_ms()).into());
    }
    save_setting(store, keys::CAPABILITIES, &json!({OF: key(secrets)?, SAID: said}))
}

/// Notes that the target refused Bulk, though it offers it: single requests until it is asked again.
pub fn note_refused(store: &JobStore<'_>) -> Result<(), ApiError> {
    let Some(mut saved) = setting::<Value>(store, keys::CAPABILITIES)? else { return Ok(()) };
    if let Some(bulk) = saved.pointer_mut("/said/bulk").and_then(Value::as_object_mut) {
        bulk.insert("supported".to_owned(), false.into());
        bulk.insert("refused".to_owned(), true.into());
    }
    save_setting(store, keys::CAPABILITIES, &saved)
}

/// Which requests go together in a cycle, a plan, or a drift check, which reads everybody; the engine's settings
/// follow.
pub fn options(
    store: &JobStore<'_>,
    target: &Target,
    secrets: &Secrets,
    mode: Mode,
    drift: bool,
    settings: &mut JobSettings,
) -> Result<Options, ApiError> {
    let said = known(store, secrets)?;
    let page = said.as_ref().and_then(capabilities::page);
    let options = Options {
        bulk: said.as_ref().filter(|_| mode == Mode::Execute).and_then(capabilities::bulk),
        // How others evaluate a filter is not known.
        joins: match page {
            _ if target.is_own() => Joins::Searches { page: page.unwrap_or(MAX_PAGE) },
            Some(page) if drift => Joins::Reads { page },
            _ => Joins::Nothing,
        },
    };
    if options != Options::default() {
        (settings.page_size, settings.window) = (TOGETHER, TOGETHER);
    }
    Ok(options)
}
