use crate::Finding;
use crate::bicep::{Expression, File, Kind, Property, Resource};
use crate::infra::{Infra, Type};
use crate::schema::{self, Declared, ResourceType, Shape};

/// What Bicep itself adds to every resource.
const OF_BICEP: [&str; 3] = ["parent", "scope", "dependsOn"];

pub(super) fn types(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in infra.files() {
        let scope = file.target_scope.as_deref().unwrap_or("resourceGroup");
        for resource in &file.resources {
            let schema = infra.schemas.find(&resource.kind, &resource.api_version);
            let message = match schema {
                None => {
                    let versions: Vec<_> = infra.schemas.versions(&resource.kind).collect();
                    let known = versions.join(", ");
                    format!(
                        "{}@{} is not in the schemas, which have: {known}",
                        resource.kind, resource.api_version
                    )
                }
                Some(schema) if !fits(&schema.scope, scope) => {
                    format!("{} is not deployed to a {scope}", resource.kind)
                }
                Some(_) => continue,
            };
            found.push(Finding::new(&file.path, resource.line, message));
        }
    }
    found
}

fn fits(schema: &str, scope: &str) -> bool {
    let mut scopes = schema.split(", ");
    scopes.any(|one| one.eq_ignore_ascii_case(scope) || one == "AllExceptExtension")
}

pub(super) fn properties(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in infra.files() {
        for resource in &file.resources {
            let schema = infra.schemas.find(&resource.kind, &resource.api_version);
            if let Some(schema) = schema {
                let mut walk = Walk {
                    infra,
                    file,
                    resource,
                    schema,
                    found: &mut found,
                };
                walk.object(&resource.body, &schema.body, true);
            }
        }
    }
    found
}

struct Walk<'a> {
    infra: &'a Infra,
    file: &'a File,
    resource: &'a Resource,
    schema: &'a ResourceType,
    found: &'a mut Vec<Finding>,
}

impl Walk<'_> {
    fn say(&mut self, line: usize, message: String) {
        self.found
            .push(Finding::new(&self.file.path, line, message));
    }

    fn object(&mut self, object: &Expression, shape: &Shape, is_resource: bool) {
        let discriminator = shape.discriminator().and_then(|name| {
            let property = object.properties().iter().find(|p| p.name == name);
            property.and_then(|property| property.value.string())
        });
        let declared = match shape.properties(discriminator) {
            Ok(declared) => declared,
            Err(choices) => {
                let name = shape.discriminator().unwrap_or_default();
                return self.say(object.line, format!("{name} must be one of: {choices}"));
            }
        };
        for property in object.properties() {
            if is_resource && OF_BICEP.contains(&property.name.as_str()) {
                continue;
            }
            match (declared.get(property.name.as_str()), shape.rest()) {
                (Some(declared), _) => self.property(property, *declared),
                (None, Some(rest)) => self.value(&property.value, rest, &property.name),
                (None, None) => {
                    let message =
                        format!("{} has no property {}", self.resource.kind, property.name);
                    self.say(property.line, message);
                }
            }
        }
        for (name, declared) in declared {
            let missing = object
                .properties()
                .iter()
                .all(|property| property.name != name);
            let needed = declared.required && !declared.read_only && !self.resource.existing;
            if missing && needed {
                self.say(object.line, format!("{} needs {name}", self.resource.kind));
            }
        }
    }

    fn property(&mut self, property: &Property, declared: Declared<'_>) {
        if declared.read_only {
            return self.say(property.line, format!("{} is read-only", property.name));
        }
        if declared.required && matches!(property.value.kind, Kind::Null) {
            self.say(
                property.line,
                format!("{} is null, but required", property.name),
            );
        }
        self.value(&property.value, declared.kind, &property.name);
    }

    fn value(&mut self, value: &Expression, kind: &str, name: &str) {
        match &value.kind {
            Kind::Null => {}
            Kind::Choice { yes, no, .. } => {
                self.value(yes, kind, name);
                self.value(no, kind, name);
            }
            Kind::Array(items) if kind.ends_with("[]") => {
                let item = &kind[..kind.len() - 2];
                for part in items {
                    self.value(part, item, name);
                }
            }
            Kind::Object(_) if Type::named(kind).is_none() && !kind.contains('\'') => {
                match self.schema.shape(kind) {
                    Some(shape) => self.object(value, shape, false),
                    None if kind == "any" => {}
                    None => self.say(
                        value.line,
                        format!("schemas.json has no {kind} (of {name})"),
                    ),
                }
            }
            Kind::String(text) if !schema::takes(kind, text) => {
                self.say(value.line, format!("{name} must be one of: {kind}"));
            }
            _ => self.of_type(value, kind, name),
        }
    }

    fn of_type(&mut self, value: &Expression, kind: &str, name: &str) {
        let expected = match kind {
            choices if choices.contains('\'') => Some(Type::String),
            shape if self.schema.shape(shape).is_some() => Some(Type::Object),
            other => Type::named(other),
        };
        let actual = self.infra.type_of(self.file, value);
        if let (Some(actual), Some(expected)) = (actual, expected)
            && actual != expected
        {
            self.say(value.line, format!("{name} must be of type {kind}"));
        }
    }
}
