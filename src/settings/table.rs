//! The settings by name, for `handler --help`, as `docs/settings.md` has them.

const PAGE: &str = include_str!("../../docs/settings.md");

/// One environment variable the handler reads.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub name: &'static str,
    pub about: &'static str,
}

impl Setting {
    /// Whether Azure or the Functions host sets it, and nobody else.
    pub fn is_set_for_us(&self) -> bool {
        self.about.contains(" sets it)")
    }
}

/// Every environment variable the handler reads.
pub fn all() -> impl Iterator<Item = Setting> {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| {
        let (name, about) = row.strip_suffix(" |")?.split_once("` | ")?;
        Some(Setting { name, about })
    })
}

/// The settings as `handler --help` lists them.
pub fn help() -> String {
    let lines = all().map(|setting| format!("  {}\n          {}\n", setting.name, setting.about));
    let title = "Settings (environment variables):\n".to_owned();
    std::iter::once(title).chain(lines).collect()
}
