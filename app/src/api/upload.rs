//! Sends a file and tells how much of it is gone: `fetch` does not.

use super::ApiError;
use std::rc::Rc;
use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, ProgressEvent, XmlHttpRequest};

/// A file that is not dealt with after two seconds goes on without this request (RFC 7240).
const PREFER: &str = "respond-async, wait=2";

/// `POST` of a file. `progress` gets percent; 100 means that the server has it all and works.
pub(crate) async fn upload(
    path: &str,
    kind: &str,
    file: &File,
    progress: impl Fn(u64) + 'static,
) -> Result<String, ApiError> {
    let (status, text) =
        exchange(path, kind, file, Rc::new(progress)).await.map_err(|error| ApiError::unreachable(&error))?;
    if (200..300).contains(&status) { Ok(text) } else { Err(ApiError::from_answer(status, &text)) }
}

async fn exchange(
    path: &str,
    kind: &str,
    file: &File,
    progress: Rc<dyn Fn(u64)>,
) -> Result<(u16, String), JsValue> {
    let request = XmlHttpRequest::new()?;
    request.open("POST", path)?;
    request.set_request_header("accept", "application/json")?;
    request.set_request_header("content-type", kind)?;
    request.set_request_header("prefer", PREFER)?;
    let sent = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        let (loaded, total) = (event.loaded(), event.total());
        // Both are lengths in bytes, in floating point.
        let percent = if total > 0.0 { (loaded / total * 100.0).clamp(0.0, 100.0) } else { 0.0 };
        progress(whole(percent));
    });
    request.upload()?.set_onprogress(Some(wasm_bindgen::JsCast::unchecked_ref(sent.as_ref())));
    let ended = js_sys::Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request.send_with_opt_blob(Some(file))?;
    JsFuture::from(ended).await?;
    let status = request.status()?;
    if status == 0 {
        return Err(js_sys::Error::new("the connection broke").into());
    }
    Ok((status, request.response_text()?.unwrap_or_default()))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between 0 and 100")]
fn whole(percent: f64) -> u64 {
    percent as u64
}
