//! What can be taken out: whole folders, and the lines elsewhere that name them. Sources have no marks for it; a test
//! finds each line.

pub(super) struct Part {
    pub(super) name: &'static str,
    /// In a few words.
    pub(super) what: &'static str,
    /// Whether it is for this repository alone.
    pub(super) leaves_by_itself: bool,
    /// Folders and files, which are removed.
    pub(super) paths: &'static [&'static str],
    pub(super) edits: &'static [Edit],
}

/// Text that a file has once, and what it becomes.
pub(super) struct Edit {
    pub(super) file: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
}

const fn cut(file: &'static str, from: &'static str) -> Edit {
    Edit { file, from, to: "" }
}

const fn edit(file: &'static str, from: &'static str, to: &'static str) -> Edit {
    Edit { file, from, to }
}

pub(super) const PARTS: &[Part] = &[
    Part {
        name: "bench",
        what: "the benchmark, and what it measured",
        leaves_by_itself: true,
        paths: &[
            "bench",
            ".github/workflows/bench.yml",
            "docs/performance.md",
            "docs/performance.svg",
        ],
        edits: &[
            cut(
                ".ci/run",
                "
# The benchmark is a workspace of its own.
cargo fmt --manifest-path bench/Cargo.toml --all --check
cargo clippy --manifest-path bench/Cargo.toml --workspace --all-targets -- -D warnings
cargo test --manifest-path bench/Cargo.toml --workspace --exclude bench-floor
",
            ),
            cut(
                ".github/workflows/ci.yml",
                "  bench:
    name: Format, lints and tests of the benchmark
    runs-on: ubuntu-24.04
    timeout-minutes: 45
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - uses: Swatinem/rust-cache@6323deb102c322ba6fcbdcafc7e3dddab59af2b6 # v2.9.2
      - run: cargo fmt --manifest-path bench/Cargo.toml --all --check
      - run: cargo clippy --manifest-path bench/Cargo.toml --workspace --all-targets -- -D warnings
      - run: cargo test --manifest-path bench/Cargo.toml --workspace --exclude bench-floor

",
            ),
            cut(".github/workflows/ci.yml", INSTRUCTIONS_JOB),
            cut(
                "CONTRIBUTING.md",
                "| `cargo xtask bench --instructions` | instructions per request, within the bounds in [bench/instructions.json](bench/instructions.json) | `valgrind` |\n",
            ),
            edit("Cargo.toml", r#"exclude = ["bench", "#, "exclude = ["),
            edit(
                "Cargo.toml",
                "# docs/performance.md says what it brings. Huge pages",
                "# Huge pages",
            ),
            edit(
                ".cargo/config.toml",
                "# For the benchmark as well, which is a workspace of its own: they share the builds of their dependencies.",
                "# For tests/outside as well, which is a workspace of its own: they share the builds of their dependencies.",
            ),
            edit(
                ".github/dependabot.yml",
                r#"["/", "/bench", "/tests/outside"]"#,
                r#"["/", "/tests/outside"]"#,
            ),
            edit(
                ".github/dependabot.yml",
                r#"["/bench/peers/node", "/tests/kql"]"#,
                r#"["/tests/kql"]"#,
            ),
            edit(
                ".github/dependabot.yml",
                r#""/.ci", "/bench/peers/python", "#,
                r#""/.ci", "#,
            ),
            edit("README.md", "the package, the benchmark.", "the package."),
            cut(
                "README.md",
                "| [docs/performance.md](docs/performance.md) | how fast it is beside the same in Python and Node |\n",
            ),
            cut(
                "CONTRIBUTING.md",
                "| `cargo xtask bench --quick` | requests per second beside the least that such a service can be | nothing more; without `--quick` Python and Node |\n",
            ),
            cut(
                "CONTRIBUTING.md",
                "
`cargo xtask bench --quick` takes a minute and a half once everything is built, and fails below 0.90 of that floor's point reads per second. Without
`--quick` it takes about a quarter of an hour. [bench/README.md](bench/README.md) says how it measures.",
            ),
            edit("AGENTS.md", "`functions-host`,\n`xtask` and `bench` never", "`functions-host` and\n`xtask` never"),
            edit("docs/architecture.svg", " · tests · bench<", " · tests<"),
            edit(
                "docs/from-fastapi.md",
                "the handler itself; [performance.md](performance.md) has both, measured side by side",
                "the handler itself",
            ),
            edit(
                "tests/host/agreement.rs",
                "    let mut actions = 0;\n    for name in [\"azure-dev.yml\", \"bench.yml\", \"ci.yml\"] {",
                "    let mut actions = 0;\n    for name in [\"azure-dev.yml\", \"ci.yml\"] {",
            ),
            edit(
                "tests/host/agreement.rs",
                "sha256sum --check\"));\n    for name in [\"azure-dev.yml\", \"bench.yml\", \"ci.yml\"] {",
                "sha256sum --check\"));\n    for name in [\"azure-dev.yml\", \"ci.yml\"] {",
            ),
            edit("xtask/Cargo.toml", " | contract | bench", " | contract"),
            cut("xtask/src/lib.rs", BENCH_COMMAND),
            cut("xtask/src/lib.rs", BENCH_HARNESS),
            cut("xtask/src/lib.rs", BENCH_RUN),
        ],
    },
    Part {
        name: "checked",
        what: "what this repository was checked against, and its own history",
        leaves_by_itself: true,
        paths: &["docs/checked.md", "CHANGELOG.md"],
        edits: &[
            cut(
                "README.md",
                "| [docs/checked.md](docs/checked.md) | what all of this was checked against, and what it was not |\n",
            ),
            cut("README.md", "| [CHANGELOG.md](CHANGELOG.md) | what has changed |\n"),
            edit(
                "CONTRIBUTING.md",
                "and each builds. A change that users notice has a line in [CHANGELOG.md](CHANGELOG.md).",
                "and each builds.",
            ),
            edit(
                "AGENTS.md",
                " to the letter. A change that users notice has a line in `CHANGELOG.md`.",
                " to the letter.",
            ),
        ],
    },
    Part {
        name: "adopt",
        what: "this command",
        leaves_by_itself: true,
        paths: &["xtask/src/adopt", "xtask/src/adopt.rs"],
        edits: &[
            cut("xtask/src/lib.rs", "pub mod adopt;\n"),
            cut(".github/workflows/ci.yml", ADOPT_JOB),
            cut("xtask/src/lib.rs", ADOPT_COMMAND),
            cut(
                "xtask/src/lib.rs",
                "            Self::Adopt(options) => adopt::run(root(), &options),\n",
            ),
            cut("README.md", ADOPT_README),
        ],
    },
    Part {
        name: "outside",
        what: "the package of somebody else's that tests its handler with the kits",
        leaves_by_itself: false,
        paths: &["tests/outside"],
        edits: &[
            cut(
                ".ci/run",
                "# The emulator and the stand-in Functions host as other repositories use them.
(cd tests/outside && cargo test --locked)

",
            ),
            cut(
                ".github/workflows/ci.yml",
                "      - run: cargo test --locked
        working-directory: tests/outside
",
            ),
            edit(".github/dependabot.yml", ", \"/tests/outside\"]", "]"),
            cut("README.md", "\n  [tests/outside](tests/outside) shows how."),
            cut(
                "CONTRIBUTING.md",
                "| `cargo test` in [tests/outside](tests/outside) | the emulator and the stand-in Functions host, from a package of somebody else's | nothing more |\n",
            ),
            edit(
                "docs/architecture.md",
                "; other repositories use them, too\n([tests/outside](../tests/outside)). ",
                "; other repositories use them, too.\n",
            ),
            cut(
                "emulator/README.md",
                "
[tests/outside](../tests/outside) is a whole package that tests its handler so, under a stand-in [Functions host](../functions-host).
",
            ),
            cut(
                "functions-host/README.md",
                "
[tests/outside](../tests/outside) is a whole package that tests its handler so, with [cosmos-emulator](../emulator) as its storage.
",
            ),
        ],
    },
];

const BENCH_COMMAND: &str = "    /// Measure the handler beside services in other languages and the least one can be (peers need Python and Node).
    #[command(disable_help_flag = true)]
    Bench {
        /// Arguments for the harness, for example --help.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        harness: Vec<OsString>,
    },
";
const BENCH_HARNESS: &str = "/// The benchmark is a workspace of its own.
const BENCH: &str = \"run --quiet --manifest-path bench/Cargo.toml --package harness --\";

";
const BENCH_RUN: &str = "            Self::Bench { harness } => {
                process::hand_over(cargo::command(root()).args(BENCH.split(' ')).args(harness))
            }
";
const ADOPT_COMMAND: &str =
    "    /// Make this repository a service of your own: rename everything, take parts out.
    Adopt(adopt::Options),
";
const ADOPT_JOB: &str = r#"  adopt:
    name: A service of one's own
    runs-on: ubuntu-24.04
    timeout-minutes: 60
    permissions:
      contents: read
    strategy:
      fail-fast: false
      matrix:
        shape: ["--with bench,checked,adopt", "--without outside"]
    env:
      SHAPE: ${{ matrix.shape }}
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - uses: Swatinem/rust-cache@6323deb102c322ba6fcbdcafc7e3dddab59af2b6 # v2.9.2
      # In words: the shape has several.
      - run: cargo xtask adopt my-service --yes $SHAPE
      - run: cargo test

"#;
const ADOPT_README: &str = "- `cargo xtask adopt my-service` renames everything (crate, azd, telemetry, user agent, documents) and takes out the benchmark, this repository's
  history and the command itself; `--with` keeps one of them. It refuses while something is not committed, and asks.
";

const INSTRUCTIONS_JOB: &str = "  instructions:
    name: Instructions per request
    runs-on: ubuntu-24.04
    timeout-minutes: 45
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - uses: Swatinem/rust-cache@6323deb102c322ba6fcbdcafc7e3dddab59af2b6 # v2.9.2
      - run: sudo apt-get update && sudo apt-get install --yes valgrind
      - run: cargo xtask bench --instructions

";
