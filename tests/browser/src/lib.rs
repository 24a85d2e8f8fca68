//! The docs page in a real browser: see `tests/docs`.
