//! Pages in a real browser: see `tests/pages`.
