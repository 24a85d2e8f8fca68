//! How large a package may be. A target without bounds may have any size.

use super::{Packed, Target, megabytes};
use anyhow::{Context, ensure};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;

/// Below the repository: bytes, by target.
const FILE: &str = "xtask/sizes.json";

/// How much more than what was measured a bound allows.
const PERCENT: u64 = 2;

const HANDLER: &str = "handler";
const ZIP: &str = "zip";

pub(super) fn check(root: &Path, target: Target, packed: &Packed) -> anyhow::Result<()> {
    let bounds = read(root)?;
    let problems = problems(&bounds[target.triple()], packed);
    ensure!(
        problems.is_empty(),
        "{}; see {FILE}: `cargo xtask package --update` makes new bounds",
        problems.join("; ")
    );
    Ok(())
}

fn problems(bounds: &Value, packed: &Packed) -> Vec<String> {
    let sizes = [(HANDLER, packed.handler), (ZIP, packed.zip)];
    let larger = sizes.into_iter().filter_map(|(what, size)| {
        let most = bounds[what].as_u64()?;
        let (found, allowed) = (megabytes(size), megabytes(most));
        (size > most).then(|| format!("the {what} has {found}, may have {allowed}"))
    });
    larger.collect()
}

pub(super) fn update(root: &Path, target: Target, packed: &Packed) -> anyhow::Result<()> {
    let most = |size: u64| size * (100 + PERCENT) / 100;
    let bounds = json!({HANDLER: most(packed.handler), ZIP: most(packed.zip)});
    let mut all = read(root)?;
    all[target.triple()] = bounds;
    fs::write(root.join(FILE), format!("{all:#}\n")).with_context(|| format!("cannot write {FILE}"))
}

fn read(root: &Path) -> anyhow::Result<Value> {
    let path = root.join(FILE);
    if !path.exists() {
        return Ok(Map::new().into());
    }
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {FILE}"))?;
    serde_json::from_str(&text).with_context(|| format!("{FILE} is no use"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Linkage;

    fn packed(handler: u64, zip: u64) -> Packed {
        let linkage = Linkage {
            libraries: Vec::new(),
            versions: Vec::new(),
        };
        Packed {
            linkage,
            handler,
            zip,
        }
    }

    #[test]
    fn a_package_may_be_two_percent_larger_than_the_one_its_bounds_were_made_of() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("xtask")).unwrap();
        let target = Target::StaticX86_64;
        check(root.path(), target, &packed(u64::MAX, u64::MAX)).unwrap();
        update(root.path(), target, &packed(10_000_000, 5_000_000)).unwrap();
        check(root.path(), target, &packed(10_200_000, 5_100_000)).unwrap();
        check(root.path(), Target::DynamicX86_64, &packed(u64::MAX, 1)).unwrap();
        let error = check(root.path(), target, &packed(10_200_001, 5_100_001));
        let error = error.unwrap_err().to_string();
        let said =
            "the handler has 10.21 MB, may have 10.20 MB; the zip has 5.11 MB, may have 5.10 MB;";
        assert!(error.starts_with(said), "{error}");
    }
}
