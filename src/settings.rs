//! The environment, read once. Every problem is found at the same time and named; none ends the process.

pub mod table;

use cosmos_store::settings::StorageSettings;
use custom_handler::settings::{ProcessSettings, Reader};
use rest::auth_settings::AuthMode;

/// What the process runs with.
#[derive(Debug)]
pub struct Settings {
    pub process: ProcessSettings,
    pub storage: StorageSettings,
    pub auth_mode: Option<AuthMode>,
    /// Everything that is missing or wrong, as sentences that begin with the setting's name.
    pub problems: Vec<String>,
}

impl Settings {
    pub fn from_env() -> Self {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads settings from `lookup`, which returns a variable's value.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let mut reader = Reader::new(&lookup);
        Self {
            storage: StorageSettings::read(&mut reader),
            process: ProcessSettings::read(&mut reader),
            auth_mode: AuthMode::read(&mut reader),
            problems: reader.problems(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::too_many_lines, reason = "tables of cases")]
mod tests;
