use crate::Finding;
use crate::bicep::{Expression, File, Kind};
use crate::infra::Infra;
use std::collections::BTreeSet;

/// Functions and decorators of Bicep that `infra/` has; a new one is added here.
const FUNCTIONS: [&str; 22] = [
    "allowed",
    "cidrSubnet",
    "description",
    "empty",
    "environment",
    "filter",
    "guid",
    "items",
    "loadJsonContent",
    "map",
    "maxLength",
    "maxValue",
    "minLength",
    "minValue",
    "split",
    "string",
    "subscription",
    "subscriptionResourceId",
    "tenant",
    "trim",
    "union",
    "uniqueString",
];

pub(super) fn declared(infra: &Infra) -> Vec<Finding> {
    infra.files().flat_map(undeclared).collect()
}

fn undeclared(file: &File) -> Vec<Finding> {
    let names: BTreeSet<_> = file.declared().map(|(name, _)| name.to_owned()).collect();
    let mut found = Vec::new();
    for expression in file.expressions() {
        look(file, expression, &names, &mut found);
    }
    for parameter in &file.parameters {
        for decorator in &parameter.decorators {
            function(file, &decorator.name, parameter.line, &mut found);
        }
    }
    found
}

fn function(file: &File, name: &str, line: usize, found: &mut Vec<Finding>) {
    if !FUNCTIONS.contains(&name) {
        let message = format!("{name}() is no function these checks know");
        found.push(Finding::new(&file.path, line, message));
    }
}

fn look(file: &File, expression: &Expression, names: &BTreeSet<String>, found: &mut Vec<Finding>) {
    match &expression.kind {
        Kind::Name(name) if !names.contains(name) => {
            let message = format!("{name} is not declared");
            found.push(Finding::new(&file.path, expression.line, message));
        }
        Kind::Call { function: name, .. } => function(file, name, expression.line, found),
        _ => {}
    }
    let inner = match &expression.kind {
        Kind::Binding { names: more, .. } => &names.iter().chain(more).cloned().collect(),
        _ => names,
    };
    for part in expression.parts() {
        look(file, part, inner, found);
    }
}

pub(super) fn declared_once(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in infra.files() {
        let mut names = BTreeSet::new();
        let outputs = file.outputs.iter().map(|o| (o.name.as_str(), o.line));
        let mut output_names = BTreeSet::new();
        let again = file
            .declared()
            .filter(|(name, _)| !names.insert(*name))
            .collect::<Vec<_>>();
        let outputs = outputs.filter(|(name, _)| !output_names.insert(*name));
        for (name, line) in again.into_iter().chain(outputs) {
            let message = format!("{name} is declared twice");
            found.push(Finding::new(&file.path, line, message));
        }
    }
    found
}

pub(super) fn used(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in infra.files() {
        let all = file.expressions().flat_map(Expression::all);
        let used: BTreeSet<_> = all
            .filter_map(|expression| match &expression.kind {
                Kind::Name(name) => Some(name.as_str()),
                _ => None,
            })
            .collect();
        let parameters = file.parameters.iter().map(|p| (&p.name, p.line));
        let variables = file.variables.iter().map(|v| (&v.name, v.line));
        let existing = file.resources.iter().filter(|resource| resource.existing);
        let existing = existing.map(|r| (&r.name, r.line));
        for (name, line) in parameters.chain(variables).chain(existing) {
            if !used.contains(name.as_str()) {
                let message = format!("{name} is not used");
                found.push(Finding::new(&file.path, line, message));
            }
        }
    }
    found
}
