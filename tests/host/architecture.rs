//! The arrows between crates, folders and files go one way. They are read from the `use` items, as the
//! compiler reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use syn::{Item, ItemUse, UseTree};

/// Sources of each crate of the tower, the highest first.
const CRATES: [&str; 4] = [
    "src",
    "crates/rest/src",
    "crates/cosmos-store/src",
    "crates/custom-handler/src",
];

/// For each foreign crate, the only places that name it.
const KNOWN_IN: [(&str, &[&str]); 9] = [
    ("azure_data_cosmos", &["crates/cosmos-store/src"]),
    ("azure_identity", &["crates/cosmos-store/src/credential.rs"]),
    ("azure_core", &["crates/cosmos-store/src"]),
    ("jsonwebtoken", &["crates/rest/src/caller"]),
    (
        "opentelemetry",
        &[
            "crates/custom-handler/src/telemetry",
            "crates/cosmos-store/src/metrics.rs",
        ],
    ),
    ("tracing_subscriber", &["crates/custom-handler/src"]),
    ("ring", &["crates/rest/src/caller/signature.rs"]),
    ("rustls", &["crates/custom-handler/src/tls.rs"]),
    ("hyper", &["crates/custom-handler/src/serve.rs"]),
];

type ModulePath = Vec<String>;

/// The files of a crate and what each imports.
struct Imports {
    modules: BTreeMap<ModulePath, PathBuf>,
    /// The first segments are resolved: `crate` and `super` are gone.
    used: BTreeMap<ModulePath, BTreeSet<ModulePath>>,
    /// Crates that are named, by file.
    foreign: Vec<(PathBuf, String)>,
}

impl Imports {
    fn of(crate_root: &str) -> Self {
        let root = xtask::root().join(crate_root);
        let mut imports = Self {
            modules: BTreeMap::new(),
            used: BTreeMap::new(),
            foreign: Vec::new(),
        };
        for path in files(&root) {
            let module = module_of(path.strip_prefix(&root).unwrap());
            let source = fs::read_to_string(&path).unwrap();
            let file = syn::parse_file(&source).unwrap();
            let paths = outside_tests(&file.items).flat_map(|item| paths(&item.tree));
            let children: Vec<_> = modules(&file.items).collect();
            let (own, foreign): (Vec<_>, Vec<_>) = paths.partition(|path| {
                ["crate", "super", "self"].contains(&path[0].as_str())
                    || children.contains(&path[0])
            });
            let own = own.into_iter().map(|path| resolve(&module, &path));
            imports.used.insert(module.clone(), own.collect());
            let name = path.strip_prefix(xtask::root()).unwrap().to_owned();
            let foreign = foreign
                .into_iter()
                .map(|mut path| (name.clone(), path.remove(0)));
            imports.foreign.extend(foreign);
            imports.modules.insert(module, name);
        }
        imports
    }

    /// The file that an import reaches: the longest path that is a module.
    fn target(&self, path: &[String]) -> Option<&ModulePath> {
        let mut lengths = (1..=path.len()).rev();
        lengths.find_map(|length| Some(self.modules.get_key_value(&path[..length])?.0))
    }

    fn arrows(&self) -> BTreeMap<&ModulePath, BTreeSet<&ModulePath>> {
        let arrows = self.used.iter().map(|(from, used)| {
            let targets = used.iter().filter_map(|path| self.target(path));
            (from, targets.filter(|to| *to != from).collect())
        });
        arrows.collect()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// `users/mod.rs` is `users`; the root of the crate has no name.
fn module_of(path: &Path) -> ModulePath {
    let parts = path.with_extension("");
    let parts = parts.iter().map(|part| part.to_str().unwrap().to_owned());
    parts
        .filter(|part| !["lib", "main", "mod"].contains(&part.as_str()))
        .collect()
}

/// The `use` items of a file, without those of its unit tests.
fn outside_tests(items: &[Item]) -> impl Iterator<Item = &ItemUse> {
    items.iter().filter_map(|item| match item {
        Item::Use(item) => Some(item),
        _ => None,
    })
}

/// The modules that a file declares.
fn modules(items: &[Item]) -> impl Iterator<Item = String> {
    items.iter().filter_map(|item| match item {
        Item::Mod(module) => Some(module.ident.to_string()),
        _ => None,
    })
}

/// Every path of a tree: `a::{b, c::d}` has `a::b` and `a::c::d`.
fn paths(tree: &UseTree) -> Vec<ModulePath> {
    match tree {
        UseTree::Path(path) => paths(&path.tree)
            .into_iter()
            .map(|rest| [vec![path.ident.to_string()], rest].concat())
            .collect(),
        UseTree::Name(name) if name.ident == "self" => vec![Vec::new()],
        UseTree::Name(name) => vec![vec![name.ident.to_string()]],
        UseTree::Rename(rename) if rename.ident == "self" => vec![Vec::new()],
        UseTree::Rename(rename) => vec![vec![rename.ident.to_string()]],
        UseTree::Glob(_) => vec![Vec::new()],
        UseTree::Group(group) => group.items.iter().flat_map(paths).collect(),
    }
}

/// The path from the root of the crate.
fn resolve(module: &[String], path: &[String]) -> ModulePath {
    let mut resolved = match path[0].as_str() {
        "crate" => Vec::new(),
        _ => module.to_vec(),
    };
    for segment in path {
        match segment.as_str() {
            "crate" | "self" => {}
            "super" => drop(resolved.pop()),
            name => resolved.push(name.to_owned()),
        }
    }
    resolved
}

/// A way from `from` back to itself.
fn circle<'a>(
    arrows: &BTreeMap<&'a ModulePath, BTreeSet<&'a ModulePath>>,
    from: &'a ModulePath,
) -> Option<Vec<&'a ModulePath>> {
    let mut ways = vec![vec![from]];
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop() {
        for next in &arrows[way[way.len() - 1]] {
            let longer = [way.clone(), vec![*next]].concat();
            if *next == from {
                return Some(longer);
            }
            if seen.insert(*next) {
                ways.push(longer);
            }
        }
    }
    None
}

fn shown(way: &[&ModulePath]) -> String {
    let names: Vec<_> = way.iter().map(|module| module.join("::")).collect();
    names.join(" → ")
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut circles = Vec::new();
    for crate_root in CRATES {
        let imports = Imports::of(crate_root);
        let arrows = imports.arrows();
        let found = arrows.keys().filter_map(|from| circle(&arrows, from));
        circles.extend(found.map(|way| format!("{crate_root}: {}", shown(&way))));
    }
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

/// `http → service → mod`: only the route table imports an `http`, and a folder's `mod` knows no service.
#[test]
fn nothing_in_a_resource_imports_what_is_above_it() {
    let imports = Imports::of("src");
    let floor = |module: &ModulePath| match module.last().map(String::as_str) {
        Some("http") => 2,
        Some("service") => 1,
        _ => 0,
    };
    for (from, targets) in imports.arrows() {
        let is_mod = imports.modules[from].ends_with("mod.rs");
        for to in targets {
            let allowed = if is_mod {
                floor(to) == 0
            } else {
                floor(to) < 2
            };
            assert!(allowed || *from == ["app"], "{}", shown(&[from, to]));
        }
    }
}

#[test]
fn what_is_foreign_is_known_in_one_place() {
    for (path, named) in CRATES.iter().flat_map(|root| Imports::of(root).foreign) {
        let rule = KNOWN_IN.iter().find(|(foreign, _)| *foreign == named);
        let known_in = rule.map_or(&[""][..], |(_, places)| *places);
        let allowed = known_in
            .iter()
            .any(|place| path.to_str().unwrap().starts_with(place));
        assert!(allowed, "{} names {named}", path.display());
    }
}

/// A tenant's things are the app's business.
#[test]
fn no_crate_below_the_app_names_a_resource() {
    for path in CRATES[1..]
        .iter()
        .flat_map(|root| files(&xtask::root().join(root)))
    {
        let text = fs::read_to_string(&path).unwrap().to_lowercase();
        for resource in ["workspace", "project"] {
            let named = text.contains(resource);
            assert!(!named, "{} names a {resource}", path.display());
        }
    }
}

#[test]
fn files_are_short_enough_to_read() {
    let others = [
        "doctor/src",
        "emulator/src",
        "functions-host",
        "xtask/src",
        "tests/api",
        "tests/emulator",
        "tests/host",
    ];
    for path in CRATES
        .iter()
        .chain(&others)
        .flat_map(|root| files(&xtask::root().join(root)))
    {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 300, "{} has {lines} lines", path.display());
    }
}

#[test]
fn grouped_and_renamed_imports_are_seen() {
    let item: ItemUse = syn::parse_quote! { use super::{a::{self, B as C}, d::*}; };
    let module = ["x".to_owned(), "y".to_owned()];
    let found: Vec<_> = paths(&item.tree)
        .iter()
        .map(|path| resolve(&module, path).join("::"))
        .collect();
    assert_eq!(found, ["x::a", "x::a::B", "x::d"]);
}
