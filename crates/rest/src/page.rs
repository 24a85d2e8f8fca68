//! One page of a list.

use super::continuation::Token;
use serde_json::{Value, json};

/// Items on one page: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u32);

impl Limit {
    pub(crate) const MAX: u32 = 100;

    /// Returns the limit, or what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        text.parse()
            .ok()
            .filter(|limit| (1..=Self::MAX).contains(limit))
            .map(Self)
            .ok_or_else(|| format!("must be a whole number from 1 to {}", Self::MAX))
    }

    /// One more than a page holds: whether the extra item exists tells whether a next page does.
    pub fn plus_one(self) -> u32 {
        self.0 + 1
    }

    pub(super) fn schema() -> Value {
        json!({
            "type": "integer", "minimum": 1, "maximum": Self::MAX, "default": Self::default().0,
            "description": "The most items that the page has.",
        })
    }

    pub(crate) fn items(self) -> usize {
        self.0 as usize
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(20)
    }
}

/// One page, and the token that continues after it when there is more.
#[derive(Debug)]
pub struct Page<T> {
    /// The items.
    pub value: Vec<T>,
    /// The position where the list goes on; `None` on the last page.
    pub next: Option<Token>,
}

impl<T> Page<T> {
    /// What a list is when there is no storage.
    pub fn empty() -> Self {
        Self {
            value: Vec::new(),
            next: None,
        }
    }

    /// The page with what `change` makes of each item.
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Page<U> {
        self.filter_map(|item| Some(change(item)))
    }

    /// The page with what `change` makes of each item, if anything.
    pub fn filter_map<U>(self, change: impl FnMut(T) -> Option<U>) -> Page<U> {
        Page {
            value: self.value.into_iter().filter_map(change).collect(),
            next: self.next,
        }
    }
}
