//! The platform's cryptography, for what is done seldom and waits anyway: RSA would be a crate of its own.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;

/// Octets of the salt of RSASSA-PSS: as many as the hash has (RFC 7518 section 3.5).
const SALT_LENGTH: u32 = 32;

/// SHA-1, for thumbprints of certificates and for nothing that has to be secure.
pub async fn sha1(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let promise =
        subtle()?.digest_with_str_and_js_u8_array("SHA-1", &Uint8Array::from(bytes)).map_err(text)?;
    octets(promise).await
}

/// RSASSA-PSS with SHA-256, by a key in PKCS#8.
pub async fn sign_ps256(key: &[u8], message: &[u8]) -> Result<Vec<u8>, String> {
    let subtle = subtle()?;
    let algorithm = object(&[("name", "RSA-PSS".into()), ("hash", "SHA-256".into())])?;
    let usages = Array::of1(&"sign".into());
    let key: Object = Uint8Array::from(key).into();
    let promise = subtle.import_key_with_object("pkcs8", &key, &algorithm, false, &usages).map_err(text)?;
    let key: web_sys::CryptoKey =
        JsFuture::from(promise).await.map_err(text)?.dyn_into().map_err(|_| "no key was made".to_owned())?;
    let algorithm = object(&[("name", "RSA-PSS".into()), ("saltLength", SALT_LENGTH.into())])?;
    let promise = subtle
        .sign_with_object_and_js_u8_array(&algorithm, &key, &Uint8Array::from(message))
        .map_err(text)?;
    octets(promise).await
}

fn subtle() -> Result<web_sys::SubtleCrypto, String> {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into()).map_err(text)?;
    Ok(crypto.unchecked_into::<web_sys::Crypto>().subtle())
}

async fn octets(promise: js_sys::Promise) -> Result<Vec<u8>, String> {
    Ok(Uint8Array::new(&JsFuture::from(promise).await.map_err(text)?).to_vec())
}

fn object(members: &[(&str, JsValue)]) -> Result<Object, String> {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &(*name).into(), value).map_err(text)?;
    }
    Ok(object)
}

/// What the platform says about an error; keys are not in it.
fn text(error: JsValue) -> String {
    match error.dyn_into::<js_sys::Error>() {
        Ok(error) => String::from(error.message()),
        Err(_) => "the platform refused".to_owned(),
    }
}
