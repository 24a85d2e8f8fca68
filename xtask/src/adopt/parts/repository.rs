//! What is about this repository and not about a service.

use super::{Edit, NOTHING, Part, cut, edit};

pub(super) const BENCH: Part = Part {
    name: "bench",
    what: "the benchmark, and what it measured",
    leaves_by_itself: true,
    paths: &[
        "bench",
        ".github/workflows/bench.yml",
        "docs/performance.md",
        "docs/performance.svg",
    ],
    entries: &[
        (".github/workflows/ci.yml", &["  bench:", "  instructions:"]),
        ("Cargo.toml", &["    \"bench\","]),
        (
            "CONTRIBUTING.md",
            &[
                "| `cargo xtask bench --quick`",
                "| `cargo xtask bench --instructions`",
            ],
        ),
        (
            "README.md",
            &["| [docs/performance.md](docs/performance.md)"],
        ),
        (
            "xtask/src/lib.rs",
            &[
                "    Bench {",
                "const BENCH: &str",
                "Self::Bench { harness } =>",
            ],
        ),
    ],
    edits: BENCH_EDITS,
    words: &["xtask bench", "bench/", "bench.yml", "performance.md"],
    ..NOTHING
};

const BENCH_EDITS: &[Edit] = &[
    cut(
        ".ci/run",
        "
# The benchmark is a workspace of its own.
cargo fmt --manifest-path bench/Cargo.toml --all --check
cargo clippy --manifest-path bench/Cargo.toml --workspace --all-targets -- -D warnings
cargo test --manifest-path bench/Cargo.toml --workspace --exclude bench-floor
",
    ),
    edit(
        "Cargo.toml",
        "# docs/performance.md says what it brings. Huge pages",
        "# Huge pages",
    ),
    edit(
        ".github/dependabot.yml",
        r#"["/", "/bench", "/tests/outside"]"#,
        r#"["/", "/tests/outside"]"#,
    ),
    edit(
        ".github/dependabot.yml",
        r#"["/bench/peers/node", "#,
        "[",
    ),
    edit(
        ".github/dependabot.yml",
        r#""/.ci", "/bench/peers/python", "#,
        r#""/.ci", "#,
    ),
    edit("README.md", "the package, the benchmark.", "the package."),
    cut(
        "CONTRIBUTING.md",
        "
`cargo xtask bench --quick` takes a minute and a half once everything is built, and fails below 0.90 of that floor's point reads per second. Without
`--quick` it takes about a quarter of an hour. [bench/README.md](bench/README.md) says how it measures.",
    ),
    edit(
        "AGENTS.md",
        "`functions-host`,\n`xtask` and `bench` never",
        "`functions-host` and\n`xtask` never",
    ),
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
];

pub(super) const CHECKED: Part = Part {
    name: "checked",
    what: "what this repository was checked against, and its own history",
    leaves_by_itself: true,
    paths: &["docs/checked.md", "CHANGELOG.md"],
    entries: &[(
        "README.md",
        &[
            "| [docs/checked.md](docs/checked.md)",
            "| [CHANGELOG.md](CHANGELOG.md)",
        ],
    )],
    edits: &[
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
    words: &["checked.md", "CHANGELOG"],
    ..NOTHING
};

pub(super) const FROM_FASTAPI: Part = Part {
    name: "from-fastapi",
    what: "the page for those who know a service of FastAPI",
    leaves_by_itself: true,
    paths: &["docs/from-fastapi.md"],
    entries: &[(
        "README.md",
        &["- [docs/from-fastapi.md](docs/from-fastapi.md)"],
    )],
    words: &["from-fastapi"],
    ..NOTHING
};

pub(super) const ADOPT: Part = Part {
    name: "adopt",
    what: "this command",
    leaves_by_itself: true,
    paths: &[".ci/adopted", "xtask/src/adopt", "xtask/src/adopt.rs"],
    edits: &[cut(
        ".ci/run",
        "# What `cargo xtask adopt` makes of this repository, in three shapes.
.ci/adopted all --with bench,checked,from-fastapi,adopt
.ci/adopted lean --without moves,batches
.ci/adopted bare --without projects,outside

",
    )],
    entries: &[
        (
            "xtask/src/lib.rs",
            &[
                "pub mod adopt;",
                "    Adopt(adopt::Options),",
                "Self::Adopt(options) =>",
            ],
        ),
        (".github/workflows/ci.yml", &["  adopt:"]),
        ("README.md", &["- `cargo xtask adopt my-service`"]),
    ],
    words: &["xtask adopt", "adopt::"],
    ..NOTHING
};

pub(super) const OUTSIDE: Part = Part {
    name: "outside",
    what: "the package of somebody else's that tests its handler with the kits",
    paths: &["tests/outside"],
    entries: &[
        ("CONTRIBUTING.md", &["| `cargo test` in [tests/outside]"]),
        ("Cargo.toml", &["    \"tests/outside\","]),
    ],
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
    ..NOTHING
};
