use crate::Finding;
use crate::bicep::{Expression, File, Kind, Resource};
use crate::infra::Infra;
use crate::schema::ResourceType;

/// What every resource has in Bicep besides its own properties.
const OF_EVERY_RESOURCE: [&str; 4] = ["id", "name", "type", "apiVersion"];

pub(super) fn read(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in infra.files() {
        for expression in file.expressions().flat_map(Expression::all) {
            let Some(names) = expression.chain() else {
                continue;
            };
            let Some(resource) = file.resource(names[0]) else {
                continue;
            };
            let schema = infra.schemas.find(&resource.kind, &resource.api_version);
            let unknown = schema.and_then(|schema| unknown(schema, &names[1..]));
            if let Some(name) = unknown {
                let message = format!("{} has no {name} to read", resource.kind);
                found.push(Finding::new(&file.path, expression.line, message));
            }
        }
    }
    found
}

/// The first name that is not there.
fn unknown<'a>(schema: &ResourceType, names: &[&'a str]) -> Option<&'a str> {
    if names
        .first()
        .is_some_and(|name| OF_EVERY_RESOURCE.contains(name))
    {
        return None;
    }
    let mut shape = Some(&schema.body);
    for name in names {
        let Some(declared) = shape?.readable(name) else {
            return Some(name);
        };
        shape = schema.shape(declared.kind);
    }
    None
}

/// A child is one segment longer than its parent, and says so with `parent`.
pub(super) fn parents(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in infra.files() {
        for resource in &file.resources {
            if let Some(message) = wrong_parent(file, resource) {
                found.push(Finding::new(&file.path, resource.line, message));
            }
        }
    }
    found
}

fn wrong_parent(file: &File, resource: &Resource) -> Option<String> {
    let is_child = resource.kind.matches('/').count() > 1;
    let parent = resource.body.at("parent");
    let Some(Kind::Name(parent)) = parent.map(|parent| &parent.kind) else {
        return is_child.then(|| format!("{} has no parent", resource.name));
    };
    let parent = &file.resource(parent)?.kind;
    let right = resource
        .kind
        .rsplit_once('/')
        .is_some_and(|(kind, _)| kind == parent);
    (!right).then(|| format!("{parent} is no parent of {}", resource.kind))
}
