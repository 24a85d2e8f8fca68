//! What `infra/` and `azure.yaml` say, checked offline: against themselves, against the schemas of what they deploy,
//! against rules of ours, and against the code. The Bicep compiler has not read them here.

pub mod checks;
pub mod infra;
pub mod repository;

mod bicep;
mod schema;

use infra::Infra;
use repository::Repository;
use std::collections::BTreeMap;
use std::fmt;

/// Something that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub file: String,
    /// From 1; 0 for the file as a whole.
    pub line: usize,
    pub message: String,
}

impl Finding {
    pub fn new(file: impl Into<String>, line: usize, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// The app's settings in Azure by name, each with its Bicep expression as written, such as
/// `'ManagedIdentityCredential'` or `cosmosEndpoint`. Those that turn out to be empty are not deployed.
pub fn app_settings() -> anyhow::Result<BTreeMap<String, String>> {
    let infra = Infra::of(Repository::read()?)?;
    let settings = infra.app_settings().into_iter();
    Ok(settings
        .map(|setting| (setting.name.clone(), setting.value.text.clone()))
        .collect())
}
