//! What stands in two places says the same in both.

use crate::copy;
use cosmos_functions::app;
use cosmos_functions::settings::table;
use functions_host::{Function, overlaps, route};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

fn file(path: &str) -> String {
    fs::read_to_string(xtask::root().join(path)).unwrap()
}

fn json(path: &str) -> Value {
    serde_json::from_str(&file(path)).unwrap()
}

fn functions() -> Vec<Function> {
    let folders = fs::read_dir(xtask::root().join("functions")).unwrap();
    folders
        .map(|folder| {
            let name = folder.unwrap().file_name().into_string().unwrap();
            let definition = file(&format!("functions/{name}/function.json"));
            Function::parse(name, &definition).unwrap()
        })
        .collect()
}

/// The routes below `/api`, with a value for each parameter.
fn example_paths() -> Vec<String> {
    let routes = app::routes().into_iter().map(|route| route.path);
    routes
        .filter_map(|path| path.strip_prefix("/api/"))
        .map(|path| path.replace(['{', '}'], ""))
        .collect()
}

#[test]
fn every_route_has_one_function_and_every_function_a_route() {
    let functions = functions();
    let mut reached = BTreeSet::new();
    for path in example_paths() {
        let matching = functions.iter().filter(|f| f.parameters(&path).is_some());
        let names: Vec<_> = matching.map(|function| function.name.as_str()).collect();
        assert_eq!(names.len(), 1, "{path} belongs to {names:?}");
        assert_eq!(route(&functions, &path).unwrap().name, names[0]);
        reached.insert(names[0].to_owned());
    }
    let http = functions.iter().filter(|f| f.template().is_some());
    let all: BTreeSet<_> = http.map(|function| function.name.clone()).collect();
    assert_eq!(reached, all);
}

#[test]
fn every_other_trigger_has_a_route_of_its_name_outside_of_api() {
    let routes = app::routes().into_iter().map(|route| route.path);
    let outside = routes.filter(|path| *path != "/" && !path.starts_with("/api/"));
    let functions = functions();
    let triggered = functions.iter().filter(|f| f.template().is_none());
    let paths: BTreeSet<_> = triggered.map(|f| format!("/{}", f.name)).collect();
    assert_eq!(
        outside.map(ToOwned::to_owned).collect::<BTreeSet<_>>(),
        paths
    );
}

#[test]
fn no_two_functions_take_the_same_path() {
    let functions = functions();
    for (index, one) in functions.iter().enumerate() {
        for other in &functions[index + 1..] {
            if let (Some(a), Some(b)) = (one.template(), other.template()) {
                assert!(!overlaps(a, b), "{} and {}", one.name, other.name);
            }
        }
    }
}

/// The host would answer a method that is not listed 404, not 405; and it would want keys for a level.
#[test]
fn the_app_alone_decides_about_methods_and_callers() {
    for folder in fs::read_dir(xtask::root().join("functions")).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        let function = json(&format!("functions/{name}/function.json"));
        let trigger = &function["bindings"][0];
        if trigger["type"] == "httpTrigger" {
            assert!(trigger.get("methods").is_none(), "{name}");
            assert_eq!(trigger["authLevel"], "anonymous", "{name}");
        }
    }
}

#[test]
fn the_host_starts_the_binary_this_package_builds() {
    let host = json("host.json");
    let handler = &host["customHandler"];
    // As written: Core Tools makes the zip entry of just this name executable.
    assert_eq!(handler["description"]["defaultExecutablePath"], "handler");
    let built = env!("CARGO_BIN_EXE_handler");
    assert_eq!(std::path::Path::new(built).file_stem().unwrap(), "handler");
    assert_eq!(handler["enableProxyingHttpRequest"], true);
    // Callers would reach timers, and chunked bodies would fail.
    assert!(handler["enableForwardingHttpRequest"].is_null());
    assert_eq!(host["extensions"]["http"]["routePrefix"], "api");
}

#[test]
fn the_settings_example_has_every_setting_one_can_make() {
    let example = json("local.settings.json.example");
    let values = example["Values"].as_object().unwrap();
    let mut names: BTreeSet<_> = values.keys().map(String::as_str).collect();
    // What Core Tools itself needs; the timer would need a storage account.
    assert!(names.remove("FUNCTIONS_WORKER_RUNTIME"));
    assert!(names.remove("AzureWebJobs.reconcile_memberships.Disabled"));
    assert!(names.remove("AzureWebJobs.reconcile_moves.Disabled"));
    let ours = table::all().filter(|setting| !setting.is_set_for_us());
    assert_eq!(names, ours.map(|setting| setting.name).collect());
}

#[test]
fn ci_runs_what_contributors_are_told_to() {
    let (told, ci) = (file("CONTRIBUTING.md"), file(".ci/run"));
    for command in [
        "cargo test",
        "cargo test -p browser-tests",
        "cargo xtask check",
        "cargo xtask contract",
        "cargo xtask package",
        "cargo test --test package",
        "cargo install --locked cargo-deny",
    ] {
        assert!(told.contains(command), "CONTRIBUTING: {command}");
        assert!(ci.contains(command), ".ci/run: {command}");
    }
    for alias in ["dev", "xtask"] {
        assert!(file(".cargo/config.toml").contains(&format!("\n{alias} = ")));
    }
}

#[test]
fn what_python_brings_is_pinned() {
    for tools in [".ci/requirements.txt", "xtask/src/package/requirements.txt"] {
        let requirements = file(tools);
        let named = requirements.lines().filter(|line| line.contains("=="));
        assert!(named.clone().count() > 0 && named.clone().all(|line| line.ends_with(" \\")));
        assert!(requirements.contains("--hash=sha256:"), "{tools}");
    }
    let listed = Command::new("git")
        .args(["ls-files", "*requirements.txt"])
        .current_dir(xtask::root())
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.lines().count() > 2, "{listed}");
    // What git knows may have been taken out.
    let is_there = |path: &&str| xtask::root().join(path).exists();
    for path in listed.lines().filter(is_there) {
        let requirements = file(path);
        let packages = requirements
            .lines()
            .filter(|line| !line.starts_with(['#', ' ']));
        for package in packages.filter(|line| !line.is_empty()) {
            assert!(package.contains("=="), "{path}: {package}");
        }
    }
}

#[test]
fn github_runs_what_ci_runs() {
    let workflow = file(".github/workflows/ci.yml");
    let ci = file(".ci/run");
    let commands = ci.lines().filter(|line| line.starts_with("cargo "));
    assert!(commands.clone().count() > 3);
    for command in commands {
        assert!(workflow.contains(command), "ci.yml: {command}");
    }
}

#[test]
fn dependabot_looks_at_every_manifest() {
    let dependabot = file(".github/dependabot.yml");
    let files = copy::repository();
    for path in files.keys() {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_manifest =
            name == "Cargo.lock" || name == "package.json" || name == "requirements.txt";
        assert!(
            !is_manifest || dependabot.contains(&format!("\"/{folder}\"")),
            "{path}"
        );
    }
}

#[test]
fn actions_are_pinned_by_commit() {
    let mut actions = 0;
    for name in ["azure-dev.yml", "bench.yml", "ci.yml"] {
        let workflow = file(&format!(".github/workflows/{name}"));
        for line in workflow.lines().filter(|line| line.contains("uses:")) {
            let (_, version) = line.split_once('@').unwrap();
            let (commit, tag) = version.split_once(" # v").unwrap();
            let is_commit = commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit());
            assert!(is_commit && !tag.is_empty(), "{name}: {line}");
            actions += 1;
        }
    }
    assert!(actions > 5);
}

#[test]
fn azd_deploys_what_is_packaged() {
    let azure = file("azure.yaml");
    for line in [
        "host: function",
        "language: custom",
        "dist: dist/app.zip",
        "run: cargo xtask package",
    ] {
        assert!(azure.contains(&format!("{line}\n")), "azure.yaml: {line}");
    }
    assert!(file("xtask/src/lib.rs").contains("\"dist/app.zip\""));
}

/// Jobs that hold the token Azure trusts, and compile or install what somebody else wrote.
fn trusted_builds(workflow: &str) -> Vec<&str> {
    const BUILDS: [&str; 6] = ["cargo ", "rustup ", "rust-cache", "npm ", "npx ", "pip "];
    let jobs = workflow.split("\n    name: ");
    jobs.filter(|job| job.contains("id-token: write"))
        .filter(|job| BUILDS.iter().any(|tool| job.contains(tool)))
        .collect()
}

#[test]
fn what_compiles_dependencies_never_holds_the_token_that_azure_trusts() {
    let workflow = file(".github/workflows/azure-dev.yml");
    assert!(workflow.contains("id-token: write") && workflow.contains("sha256sum --check"));
    for name in ["azure-dev.yml", "bench.yml", "ci.yml"] {
        let found = trusted_builds(&file(&format!(".github/workflows/{name}"))).len();
        assert_eq!(found, 0, "{name}");
    }
    let planted = workflow.replace("azd provision", "cargo xtask package && azd provision");
    assert_eq!(trusted_builds(&planted).len(), 1);
}

/// The features of a package as cargo resolves them, one a line.
fn feature_tree(edges: &str) -> String {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", "cosmos-functions", "--edges", edges])
        .args(["--prefix", "none", "--locked", "--offline"])
        .current_dir(xtask::root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{tree:?}");
    String::from_utf8(tree.stdout).unwrap()
}

#[test]
fn the_shipped_handler_has_no_emulator_in_it() {
    const EMULATOR: &str = "__internal_in_memory_emulator";
    assert!(!feature_tree("normal,build,features").contains(EMULATOR));
    // The tests do, which shows that the tree would tell.
    assert!(feature_tree("normal,build,dev,features").contains(EMULATOR));
}

/// What is between backticks and reads like the name of a test, without its modules.
fn tests_named_in(page: &str) -> BTreeSet<&str> {
    let names = page.split('`').skip(1).step_by(2);
    names
        .filter_map(|path| path.rsplit("::").next())
        .filter(|name| name.matches('_').count() > 2)
        .filter(|name| name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric()))
        .collect()
}

#[test]
fn pages_name_tests_that_are_there() {
    let pages = ["docs/host.md", "docs/reliability.md"].map(file);
    let [host, reliability] = pages.each_ref().map(|page| tests_named_in(page));
    assert!(host.len() > 40, "{host:?}");
    assert!(reliability.len() > 15, "{reliability:?}");
    let mut sources = String::new();
    let tracked = Command::new("git")
        .args(["ls-files", "*.rs"])
        .current_dir(xtask::root())
        .output();
    for path in String::from_utf8(tracked.unwrap().stdout).unwrap().lines() {
        sources.push_str(&fs::read_to_string(xtask::root().join(path)).unwrap_or_default());
    }
    for name in host.union(&reliability) {
        assert!(sources.contains(&format!("fn {name}(")), "{name}");
    }
}
