//! What Azure takes: `schemas.json`, an extract of the resource types that `infra/` has.

use anyhow::Context;
use serde::Deserialize;
use std::collections::BTreeMap;

/// By type and version, such as `Microsoft.Web/sites@2024-11-01`.
#[derive(Debug, Deserialize)]
pub(crate) struct Schemas {
    resources: BTreeMap<String, ResourceType>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ResourceType {
    pub(crate) scope: String,
    pub(crate) body: Shape,
    types: BTreeMap<String, Shape>,
}

/// What an object may have in it.
#[derive(Debug, Deserialize)]
pub(crate) struct Shape {
    /// Each as `read-only required string`, the flags where they hold.
    #[serde(default)]
    properties: BTreeMap<String, String>,
    /// The type of whatever else is in it.
    rest: Option<String>,
    /// The property whose value chooses one of `variants`.
    discriminator: Option<String>,
    #[serde(default)]
    variants: BTreeMap<String, BTreeMap<String, String>>,
}

/// A property as it is declared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Declared<'a> {
    /// Such as `string`, `NameValuePair[]`, or `'Hash' | 'Range' | string`.
    pub(crate) kind: &'a str,
    pub(crate) required: bool,
    pub(crate) read_only: bool,
}

impl<'a> Declared<'a> {
    fn parse(text: &'a str) -> Self {
        let (text, read_only) = without(text, "read-only ");
        let (kind, required) = without(text, "required ");
        Self {
            kind,
            required,
            read_only,
        }
    }
}

/// Whether `text` may be the value of a property of type `kind`. Lists of values count as closed, those too that Azure
/// leaves open: a value that is not in them is a mistake more often than it is new.
pub(crate) fn takes(kind: &str, text: &str) -> bool {
    let mut choices = kind.split(" | ").map(|choice| choice.trim_matches('\''));
    !kind.contains('\'') || choices.any(|choice| choice == text)
}

fn without<'a>(text: &'a str, flag: &str) -> (&'a str, bool) {
    text.strip_prefix(flag)
        .map_or((text, false), |rest| (rest, true))
}

impl Schemas {
    pub(crate) fn read() -> anyhow::Result<Self> {
        serde_json::from_str(include_str!("../schemas.json")).context("schemas.json")
    }

    pub(crate) fn find(&self, kind: &str, api_version: &str) -> Option<&ResourceType> {
        self.resources.get(&format!("{kind}@{api_version}"))
    }

    /// Versions of `kind` that the extract has.
    pub(crate) fn versions<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a str> {
        let names = self.resources.keys();
        names.filter_map(move |name| name.strip_prefix(kind)?.strip_prefix('@'))
    }
}

impl ResourceType {
    pub(crate) fn shape(&self, name: &str) -> Option<&Shape> {
        self.types.get(name)
    }
}

impl Shape {
    /// The declared properties, given the value of the discriminator; `Err` with what it may be
    /// when it is none of that.
    pub(crate) fn properties(
        &self,
        value: Option<&str>,
    ) -> Result<BTreeMap<&str, Declared<'_>>, String> {
        let mut all: Vec<_> = self.properties.iter().collect();
        if self.discriminator.is_some() {
            let variant = value.and_then(|value| self.variants.get(value));
            all.extend(variant.ok_or_else(|| self.choices())?);
        }
        let all = all.into_iter();
        Ok(all
            .map(|(name, text)| (name.as_str(), Declared::parse(text)))
            .collect())
    }

    fn choices(&self) -> String {
        self.variants
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    }

    pub(crate) fn discriminator(&self) -> Option<&str> {
        self.discriminator.as_deref()
    }

    pub(crate) fn rest(&self) -> Option<&str> {
        self.rest.as_deref()
    }

    /// A property of any variant, to read it.
    pub(crate) fn readable(&self, name: &str) -> Option<Declared<'_>> {
        let variants = self
            .variants
            .values()
            .filter_map(|variant| variant.get(name));
        let found = self
            .properties
            .get(name)
            .or_else(|| variants.into_iter().next_back());
        found.map(|text| Declared::parse(text))
    }
}
