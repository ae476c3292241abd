//! The provisioning log as CSV: three files that are joined by the change id, as Entra's download gives them.

use serde_json::Value;

use crate::error::ApiError;
use crate::job::report::{LOG_HEADER, log_line, row};

/// One of the three files: `$part`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// An entry a line, without its steps.
    Logs,
    /// A step a line.
    Steps,
    /// A changed property a line.
    Properties,
}

impl Part {
    /// The part that a parameter names.
    pub fn parse(name: Option<&str>) -> Result<Self, ApiError> {
        match name {
            None | Some("provisioningLogs") => Ok(Self::Logs),
            Some("provisioningSteps") => Ok(Self::Steps),
            Some("modifiedProperties") => Ok(Self::Properties),
            Some(other) => Err(ApiError::bad_request(format!(
                "$part is `{other}`; use provisioningLogs, provisioningSteps or modifiedProperties."
            ))),
        }
    }

    /// The file's name, without its ending.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Logs => "ProvisioningLogs",
            Self::Steps => "ProvisioningLogs_ProvisioningSteps",
            Self::Properties => "ProvisioningLogs_ModifiedProperties",
        }
    }

    /// The first line.
    pub fn header(self) -> &'static str {
        match self {
            Self::Logs => LOG_HEADER,
            Self::Steps => "changeId,id,number,name,provisioningStepType,status,description,details\r\n",
            Self::Properties => "changeId,id,displayName,oldValue,newValue\r\n",
        }
    }

    /// The lines of an entry.
    pub fn lines(self, entry: &Value) -> String {
        let name = match self {
            Self::Logs => return log_line(entry),
            Self::Steps => "provisioningSteps",
            Self::Properties => "modifiedProperties",
        };
        let mut text = String::new();
        let parts = entry.get(name).and_then(Value::as_array).into_iter().flatten();
        for (number, part) in (1..).zip(parts) {
            let at = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or("");
            let of = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or("");
            match self {
                Self::Steps => {
                    let details = part.get("details").filter(|details| !details.is_null());
                    row(
                        &mut text,
                        &[
                            of("changeId"),
                            of("id"),
                            &i32::to_string(&number),
                            at("name"),
                            at("provisioningStepType"),
                            at("status"),
                            at("description"),
                            &details.map(Value::to_string).unwrap_or_default(),
                        ],
                    );
                }
                _ => row(
                    &mut text,
                    &[of("changeId"), of("id"), at("displayName"), at("oldValue"), at("newValue")],
                ),
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_parts_of_an_entry_are_lines_with_its_change() {
        let entry = json!({
            "id": "e", "changeId": "c", "provisioningAction": "create",
            "provisioningSteps": [
                {"name": "EntryImport", "provisioningStepType": "import", "status": "success",
                 "description": "Read Ada, from a file", "details": {"mail": "=1+1"}},
                {"name": "EntryExportAdd", "provisioningStepType": "export", "status": "failure",
                 "description": "no", "details": null},
            ],
            "modifiedProperties": [{"displayName": "userName", "oldValue": null, "newValue": "=ada"}],
        });
        assert_eq!(
            Part::Steps.lines(&entry),
            "c,e,1,EntryImport,import,success,\"Read Ada, from a file\",\"{\"\"mail\"\":\"\"=1+1\"\"}\"\r\n\
             c,e,2,EntryExportAdd,export,failure,no,\r\n"
        );
        assert_eq!(Part::Properties.lines(&entry), "c,e,userName,,'=ada\r\n");
        for part in [Part::Steps, Part::Properties] {
            let columns = part.header().split(',').count();
            assert!(part.lines(&json!({})).is_empty());
            assert!(columns >= 5 && part.header().ends_with("\r\n"));
        }
    }

    #[test]
    fn parts_have_names() {
        assert_eq!(Part::parse(None).ok(), Some(Part::Logs));
        assert_eq!(Part::parse(Some("provisioningSteps")).ok(), Some(Part::Steps));
        assert!(Part::parse(Some("steps")).is_err());
    }
}
