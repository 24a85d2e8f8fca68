//! Everything that is checked, parsed, and how to find things in it.

use crate::bicep::{Expression, File, Kind, Property, Resource};
use crate::repository::Repository;
use crate::schema::Schemas;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) const MAIN: &str = "infra/main.bicep";
pub(crate) const APP: &str = "infra/modules/app.bicep";

#[derive(Debug)]
pub struct Infra {
    pub repository: Repository,
    /// By path.
    bicep: BTreeMap<String, Arc<File>>,
    pub(crate) schemas: Arc<Schemas>,
}

/// Types that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    String,
    Int,
    Bool,
    Object,
    Array,
}

impl Type {
    /// Of a type as Bicep or a schema writes it.
    pub(crate) fn named(text: &str) -> Option<Self> {
        match text {
            "string" => Some(Self::String),
            "int" => Some(Self::Int),
            "bool" => Some(Self::Bool),
            "object" => Some(Self::Object),
            "array" => Some(Self::Array),
            list if list.ends_with("[]") => Some(Self::Array),
            _ => None,
        }
    }
}

impl Infra {
    pub fn of(repository: Repository) -> anyhow::Result<Self> {
        let mut bicep = BTreeMap::new();
        for path in repository.paths_to(".bicep") {
            let file = File::parse(path, repository.text(path)?);
            bicep.insert(path.to_owned(), Arc::new(file));
        }
        Ok(Self {
            repository,
            bicep,
            schemas: Arc::new(Schemas::read()?),
        })
    }

    /// The same with another text of one file.
    #[must_use]
    pub fn with(&self, path: &str, text: String) -> Self {
        let mut bicep = self.bicep.clone();
        if bicep.contains_key(path) {
            bicep.insert(path.to_owned(), Arc::new(File::parse(path, &text)));
        }
        Self {
            repository: self.repository.with(path, text),
            bicep,
            schemas: Arc::clone(&self.schemas),
        }
    }

    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.bicep.get(path).map(AsRef::as_ref)
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &File> {
        self.bicep.values().map(AsRef::as_ref)
    }

    /// Every resource that is deployed, with its file.
    pub(crate) fn resources(&self) -> impl Iterator<Item = (&File, &Resource)> {
        self.files().flat_map(|file| {
            let deployed = file.resources.iter().filter(|resource| !resource.existing);
            deployed.map(move |resource| (file, resource))
        })
    }

    pub(crate) fn resources_of<'a>(
        &'a self,
        kind: &'a str,
    ) -> impl Iterator<Item = (&'a File, &'a Resource)> {
        self.resources()
            .filter(move |(_, resource)| resource.kind == kind)
    }

    /// The file that a module of `file` is in.
    pub(crate) fn module(&self, file: &File, path: &str) -> Option<&File> {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.file(&format!("{folder}/{path}"))
    }

    /// The app's settings.
    pub(crate) fn app_settings(&self) -> Vec<&Property> {
        let settings = self.file(APP).and_then(|app| app.variable("appSettings"));
        settings.map_or_else(Vec::new, |settings| {
            settings.value.properties().iter().collect()
        })
    }

    /// The type of a value, as far as it can be told without running it.
    pub(crate) fn type_of(&self, file: &File, value: &Expression) -> Option<Type> {
        match &value.kind {
            Kind::String(_) | Kind::Interpolated(_) => Some(Type::String),
            Kind::Integer(_) => Some(Type::Int),
            Kind::Boolean(_) => Some(Type::Bool),
            Kind::Array(_) => Some(Type::Array),
            Kind::Object(_) => Some(Type::Object),
            Kind::Name(name) => match file.parameter(name) {
                Some(parameter) => Type::named(&parameter.kind),
                None => self.type_of(file, &file.variable(name)?.value),
            },
            Kind::Call { function, .. } => match function.as_str() {
                "string"
                | "guid"
                | "toLower"
                | "uniqueString"
                | "trim"
                | "cidrSubnet"
                | "subscriptionResourceId" => Some(Type::String),
                "map" | "filter" | "split" | "items" => Some(Type::Array),
                "empty" => Some(Type::Bool),
                _ => None,
            },
            Kind::Choice { yes, no, .. } => {
                self.type_of(file, yes).or_else(|| self.type_of(file, no))
            }
            Kind::Operator(_) if value.text.starts_with('!') => Some(Type::Bool),
            Kind::Operator(parts) if value.text.contains("??") => {
                parts.iter().find_map(|part| self.type_of(file, part))
            }
            Kind::Member { .. } => self.type_of_member(file, value),
            Kind::Null | Kind::Binding { .. } | Kind::Operator(_) => None,
        }
    }

    fn type_of_member(&self, file: &File, value: &Expression) -> Option<Type> {
        match value.chain()?[..] {
            [_, "id" | "name"] => Some(Type::String),
            [module, "outputs", output] => {
                let module = self.module(file, &file.module(module)?.path)?;
                Type::named(&module.output(output)?.kind)
            }
            _ => None,
        }
    }
}
