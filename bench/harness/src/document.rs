//! docs/performance.md: people write it, except for what stands between two comments.

use anyhow::Context;
use std::fs;
use std::path::PathBuf;

const BEGIN: &str = "<!-- measured by cargo xtask bench --update -->";
const END: &str = "<!-- end of what was measured -->";

#[derive(Debug)]
pub(super) struct Document {
    path: PathBuf,
    before: String,
    after: String,
}

impl Document {
    /// Fails when it does not say where the numbers go.
    pub(super) fn open(path: PathBuf) -> anyhow::Result<Self> {
        let unusable = || format!("cannot update {}", path.display());
        let text = fs::read_to_string(&path).with_context(unusable)?;
        let (before, after) = around(&text).with_context(unusable)?;
        let (before, after) = (before.to_owned(), after.to_owned());
        Ok(Self {
            path,
            before,
            after,
        })
    }

    pub(super) fn update(&self, measured: &str) -> anyhow::Result<()> {
        let Self {
            path,
            before,
            after,
        } = self;
        let text = format!("{before}\n\n{}\n\n{after}", measured.trim());
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// What stays: up to the first comment and from the second one on, with them.
fn around(text: &str) -> anyhow::Result<(&str, &str)> {
    let missing = |marker: &str| format!("it has no line `{marker}` where it should be");
    let (before, rest) = text.split_once(BEGIN).with_context(|| missing(BEGIN))?;
    let (_, after) = rest.split_once(END).with_context(|| missing(END))?;
    let before = &text[..before.len() + BEGIN.len()];
    Ok((before, &text[text.len() - after.len() - END.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn updated(text: &str, measured: &str) -> anyhow::Result<String> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("performance.md");
        fs::write(&path, text)?;
        Document::open(path.clone())?.update(measured)?;
        Ok(fs::read_to_string(path)?)
    }

    #[test]
    fn what_people_wrote_stays() {
        let text = format!("# Title\n\n{BEGIN}\nold\n{END}\n\nThe end\n");
        let new = format!("# Title\n\n{BEGIN}\n\nnew\n\n{END}\n\nThe end\n");
        assert_eq!(updated(&text, "\nnew\n").unwrap(), new);
        assert_eq!(updated(&new, "new").unwrap(), new);
    }

    #[test]
    fn a_missing_comment_is_named() {
        for (text, missing) in [
            (format!("{END}\n"), BEGIN),
            (format!("{BEGIN}\nnumbers\n"), END),
            (format!("{END}\n{BEGIN}\n"), END),
        ] {
            let error = format!("{:#}", updated(&text, "new").unwrap_err());
            assert!(error.contains("performance.md"), "{error}");
            assert!(error.contains(missing), "{error}");
        }
    }
}
