//! JSON between types and text: the one source and the one sink.
//!
//! serde's generics make a parser for each type and each kind of source, and a writer for each type and each kind
//! of sink. With texts only there is one of each a type. (Trait objects, `erased_serde`, were measured and are
//! larger still: they bring every method of every visitor.)

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Error, Value};

/// Reads a text.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text)
}

/// Writes a text.
pub fn write<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value)
}

/// As a tree, by way of the text.
pub fn value<T: Serialize>(value: &T) -> Result<Value, Error> {
    read(&write(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Sample {
        first_name: String,
        ages: Vec<u8>,
        #[serde(default)]
        note: Option<String>,
    }

    #[test]
    fn types_go_there_and_back() {
        let sample = Sample { first_name: "Ada".into(), ages: vec![36], note: None };
        let text = write(&sample).expect("text");
        assert_eq!(text, r#"{"firstName":"Ada","ages":[36],"note":null}"#);
        assert_eq!(read::<Sample>(&text).expect("a sample"), sample);
        assert_eq!(
            value(&sample).expect("a tree"),
            serde_json::json!({"firstName": "Ada", "ages": [36], "note": null})
        );
    }

    #[test]
    fn errors_name_the_place() {
        let check = |text: &str, part: &str| {
            let message = read::<Sample>(text).expect_err(text).to_string();
            assert!(message.contains(part), "{text}: {message}");
        };
        check("{", "line 1 column 1");
        check(r#"{"ages":[]}"#, "firstName");
        check(r#"{"firstName":"a","ages":[300]}"#, "300");
        check(r#"{"firstName":"a","ages":[]} x"#, "trailing");
    }
}
