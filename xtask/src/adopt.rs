//! `cargo xtask adopt my-service`: makes this repository a service of one's own.

mod name;
mod parts;
mod text;
mod tree;

#[cfg(test)]
mod tests;

use crate::{cargo, process};
use anyhow::{bail, ensure};
use name::Name;
use parts::{PARTS, Part};
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::Path;
use tree::Tree;

#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// Its name, as in my-service.
    name: Name,
    /// Parts to take out besides those that leave by themselves, with commas between them.
    #[arg(long, value_delimiter = ',', value_name = "PARTS")]
    without: Vec<String>,
    /// Parts to keep of those that leave by themselves.
    #[arg(long, value_delimiter = ',', value_name = "PARTS")]
    with: Vec<String>,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
}

/// Renames everything and takes parts out. Refuses where there is something to lose: git must have it all.
pub fn run(root: &Path, options: &Options) -> anyhow::Result<()> {
    let leaving = leaving(options)?;
    let tree = Tree::of(root)?;
    ensure!(tree.is_clean()?, "there are changes that are not committed");
    tell(options, &leaving);
    if !options.yes && io::stdin().is_terminal() && !agreed()? {
        bail!("nothing was changed");
    }
    for part in &leaving {
        println!("{}: {}", part.name, tree.take_out(part)?);
    }
    let tree = Tree::of(root)?;
    for part in &leaving {
        for file in tree.with_words(part.words) {
            println!("{} is still named in {}", part.name, file.display());
        }
    }
    let renamed = tree.rename(&options.name)?;
    println!("renamed to {} in {renamed} files", options.name);
    settle(root)?;
    println!("\nSee it with `git diff`, and try it with `cargo test`.");
    Ok(())
}

/// Names change the order of `use` items and the lock file.
fn settle(root: &Path) -> anyhow::Result<()> {
    process::run("cargo fmt", cargo::command(root).args(["fmt", "--all"]))?;
    let mut lock = cargo::command(root);
    process::run(
        "cargo update",
        lock.args(["update", "--workspace", "--quiet", "--offline"]),
    )
}

fn leaving(options: &Options) -> anyhow::Result<Vec<&'static Part>> {
    for name in options.without.iter().chain(&options.with) {
        let known: Vec<_> = PARTS.iter().map(|part| part.name).collect();
        let is_known = known.contains(&name.as_str());
        ensure!(
            is_known,
            "there is no part {name}; there are {}",
            known.join(", ")
        );
    }
    let named = |part: &Part, names: &[String]| names.iter().any(|name| name == part.name);
    let takes = |gone: &Part, part: &Part| gone.needed_by.contains(&part.name);
    let leaves = |part: &&Part| {
        let mut needed = PARTS.iter().filter(|gone| takes(gone, part));
        named(part, &options.without)
            || needed.any(|gone| named(gone, &options.without))
            || part.leaves_by_itself && !named(part, &options.with)
    };
    Ok(PARTS.iter().filter(leaves).collect())
}

fn tell(options: &Options, leaving: &[&Part]) {
    println!("This becomes {}. What leaves it:", options.name);
    for part in leaving {
        println!("  {}: {}", part.name, part.what);
    }
}

fn agreed() -> anyhow::Result<bool> {
    print!("Go on? [y/N] ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
