//! What a file is sent with. An import is sent with exactly what its preview was sent with.

use super::Form;
use crate::api::endpoints;
use leptos::prelude::*;

/// Why a preview is not shown that somebody waited for.
pub(super) const CHANGED: &str = "The file or the options were changed while the preview was made, so it is not shown. Choose Preview again.";

/// Why a preview cannot be imported.
pub(super) const UNKNOWN: &str = "Choose the file again and look at its preview";

/// What becomes of people who are not in the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Options {
    /// They are deleted.
    pub(super) remove_missing: bool,
    /// However many they are. Nothing without the other.
    pub(super) force: bool,
}

impl Options {
    /// The address to which a file is sent with these options.
    pub(super) fn address(self, directory: &str, preview: bool) -> String {
        let mut query = Vec::new();
        for (name, value) in [
            ("preview", preview),
            ("removeMissing", self.remove_missing),
            ("force", self.remove_missing && self.force),
        ] {
            if value {
                query.push([name, "=true"].concat());
            }
        }
        endpoints::directory_part(directory, &["import?", &query.join("&")].concat())
    }
}

/// A file and its options.
#[derive(Clone, PartialEq)]
pub(super) struct Wanted {
    pub(super) file: web_sys::File,
    pub(super) options: Options,
}

impl Form {
    /// What the form says now; nothing when no file is chosen, or the page was left.
    pub(super) fn wanted(self) -> Option<Wanted> {
        let file = self.file.try_get_untracked().flatten()?.files()?.get(0)?;
        let remove_missing = self.remove_missing.try_get_untracked()?;
        let force = self.force.try_get_untracked()?;
        Some(Wanted { file, options: Options { remove_missing, force } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_asks_for_what_its_preview_asked_for() {
        let asked = |remove_missing: bool, force: bool, preview: bool| {
            let address = Options { remove_missing, force }.address("d", preview);
            address.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default()
        };
        assert_eq!(asked(false, false, false), "");
        assert_eq!(asked(false, true, true), "preview=true");
        for (remove_missing, force) in [(true, false), (true, true)] {
            let import = asked(remove_missing, force, false);
            assert_eq!(asked(remove_missing, force, true), format!("preview=true&{import}"));
        }
        assert_eq!(asked(true, true, false), "removeMissing=true&force=true");
    }
}
