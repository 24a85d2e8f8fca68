use crate::Finding;
use crate::bicep::{Expression, File, Kind, Module};
use crate::infra::{Infra, MAIN, Type};
use std::collections::BTreeSet;

const OF_A_MODULE: [&str; 4] = ["name", "scope", "params", "dependsOn"];

/// Every module with the file it is declared in and the one it is.
fn modules(infra: &Infra) -> impl Iterator<Item = (&File, &Module, Option<&File>)> {
    infra.files().flat_map(move |file| {
        let modules = file.modules.iter();
        modules.map(move |module| (file, module, infra.module(file, &module.path)))
    })
}

pub(super) fn files(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut used = BTreeSet::from([MAIN]);
    for (file, module, target) in modules(infra) {
        if let Some(target) = target {
            used.insert(target.path.as_str());
        } else {
            let message = format!("there is no {}", module.path);
            found.push(Finding::new(&file.path, module.line, message));
        }
        for property in module.body.properties() {
            if !OF_A_MODULE.contains(&property.name.as_str()) {
                let message = format!("a module has no property {}", property.name);
                found.push(Finding::new(&file.path, property.line, message));
            }
        }
        let subscription = file.target_scope.as_deref() == Some("subscription");
        if subscription && module.body.at("scope").is_none() {
            let message = format!("module {} has no scope", module.name);
            found.push(Finding::new(&file.path, module.line, message));
        }
    }
    let unused = infra
        .files()
        .filter(|file| !used.contains(file.path.as_str()));
    found.extend(unused.map(|file| Finding::new(&file.path, 0, "no module is of this file")));
    found
}

pub(super) fn arguments(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, module, target) in modules(infra) {
        let Some(target) = target else { continue };
        let given = module
            .body
            .at("params")
            .map_or(&[][..], Expression::properties);
        for argument in given {
            let problem = match target.parameter(&argument.name) {
                None => Some("is no parameter of"),
                Some(parameter) => mismatch(infra, file, &argument.value, &parameter.kind)
                    .then_some("is of another type in"),
            };
            if let Some(problem) = problem {
                let message = format!("{} {problem} {}", argument.name, module.path);
                found.push(Finding::new(&file.path, argument.line, message));
            }
        }
        for parameter in target.parameters.iter().filter(|p| p.default.is_none()) {
            if given.iter().all(|argument| argument.name != parameter.name) {
                let message = format!("{} gets no {}", module.path, parameter.name);
                found.push(Finding::new(&file.path, module.line, message));
            }
        }
    }
    found
}

fn mismatch(infra: &Infra, file: &File, value: &Expression, kind: &str) -> bool {
    let types = (infra.type_of(file, value), Type::named(kind));
    matches!(types, (Some(one), Some(other)) if one != other)
}

/// Outputs that are read, and those that are declared, with the right types. What may not be deployed is
/// read with `.?`.
pub(super) fn outputs(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in infra.files() {
        for expression in file.expressions().flat_map(Expression::all) {
            if let Some(message) = read(infra, file, expression) {
                found.push(Finding::new(&file.path, expression.line, message));
            }
        }
        for output in &file.outputs {
            if mismatch(infra, file, &output.value, &output.kind) {
                let message = format!("{} is not of type {}", output.name, output.kind);
                found.push(Finding::new(&file.path, output.line, message));
            }
        }
    }
    found
}

fn read(infra: &Infra, file: &File, expression: &Expression) -> Option<String> {
    let [name, second, rest @ ..] = &expression.chain()?[..] else {
        return None;
    };
    let module = file.module(name)?;
    if *second != "outputs" {
        return Some(format!("a module has no {second}"));
    }
    let [output] = rest else {
        return guard(module, expression);
    };
    let target = infra.module(file, &module.path)?;
    let known = target.output(output).is_some();
    (!known).then(|| format!("{} has no output {output}", module.path))
}

fn guard(module: &Module, expression: &Expression) -> Option<String> {
    let Kind::Member { safe, .. } = expression.kind else {
        return None;
    };
    let may_not_be_there = module.condition.is_some() && !safe;
    may_not_be_there.then(|| format!("{} may not be deployed: read it with .?", module.name))
}
