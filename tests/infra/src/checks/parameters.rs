use crate::Finding;
use crate::bicep::{Expression, File, Kind, Parameter};
use crate::infra::{Infra, MAIN, Type};
use std::collections::BTreeMap;

const FILE: &str = "infra/main.parameters.json";
const PRODUCTION: &str = "infra/production.env";
const README: &str = "infra/README.md";

/// Parameters whose value azd itself has.
const OF_AZD: [(&str, &str); 2] = [
    ("environmentName", "AZURE_ENV_NAME"),
    ("location", "AZURE_LOCATION"),
];

pub(super) fn described(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in infra.files() {
        let parameters = file.parameters.iter();
        let parameters = parameters.map(|p| (&p.name, &p.decorators, p.line));
        let outputs = file.outputs.iter();
        for (name, decorators, line) in
            parameters.chain(outputs.map(|o| (&o.name, &o.decorators, o.line)))
        {
            if decorators
                .iter()
                .all(|decorator| decorator.name != "description")
            {
                let message = format!("{name} has no @description");
                found.push(Finding::new(&file.path, line, message));
            }
        }
    }
    found
}

pub(super) fn defaults(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in infra.files() {
        for parameter in &file.parameters {
            let Some(default) = &parameter.default else {
                continue;
            };
            let expected = Type::named(&parameter.kind);
            let actual = infra.type_of(file, default);
            let wrong = if actual.is_some() && actual != expected {
                Some(format!(
                    "the default of {} is no {}",
                    parameter.name, parameter.kind
                ))
            } else {
                literal(default).and_then(|value| refused(parameter, &value))
            };
            found.extend(wrong.map(|message| Finding::new(&file.path, parameter.line, message)));
        }
    }
    found
}

/// A literal as it is written in an environment.
fn literal(value: &Expression) -> Option<String> {
    match &value.kind {
        Kind::String(text) => Some(text.clone()),
        Kind::Integer(number) => Some(number.to_string()),
        Kind::Boolean(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// Why the parameter cannot have the value.
fn refused(parameter: &Parameter, value: &str) -> Option<String> {
    let name = &parameter.name;
    let fits = match Type::named(&parameter.kind) {
        Some(Type::Int) => value.parse::<i64>().is_ok(),
        Some(Type::Bool) => ["true", "false"].contains(&value),
        _ => true,
    };
    if !fits {
        return Some(format!(
            "{name} cannot be {value}: it is no {}",
            parameter.kind
        ));
    }
    let allowed = parameter
        .decorator("allowed")
        .map(|allowed| &allowed.arguments[..]);
    if let Some([choices]) = allowed
        && !choices
            .parts()
            .iter()
            .any(|choice| literal(choice).as_deref() == Some(value))
    {
        return Some(format!(
            "{name} cannot be {value}: it is not one of {}",
            choices.text
        ));
    }
    let length = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
    let number = value.parse().unwrap_or_default();
    let limits = [
        ("minValue", number, true),
        ("maxValue", number, false),
        ("minLength", length, true),
        ("maxLength", length, false),
    ];
    limits.into_iter().find_map(|(decorator, actual, least)| {
        let limit = parameter.number(decorator)?;
        let within = if least {
            actual >= limit
        } else {
            actual <= limit
        };
        (!within).then(|| format!("{name} cannot be {value}: @{decorator} is {limit}"))
    })
}

/// `instanceMemoryMB` is `INSTANCE_MEMORY_MB` in azd's environment.
fn variable(parameter: &str) -> String {
    if let Some((_, variable)) = OF_AZD.iter().find(|(name, _)| *name == parameter) {
        return (*variable).to_owned();
    }
    let mut name = String::new();
    let mut after_small = false;
    for letter in parameter.chars() {
        if letter.is_uppercase() && after_small {
            name.push('_');
        }
        after_small = letter.is_lowercase();
        name.push(letter.to_ascii_uppercase());
    }
    name
}

fn main(infra: &Infra) -> Option<&File> {
    infra.file(MAIN)
}

/// `main.parameters.json` takes each parameter from azd's environment, with the same default.
pub(super) fn file(infra: &Infra) -> Vec<Finding> {
    let values = match infra.repository.json(FILE) {
        Ok(values) => values,
        Err(error) => return vec![Finding::new(FILE, 0, format!("{error:#}"))],
    };
    let Some(main) = main(infra) else {
        return Vec::new();
    };
    let mut given: BTreeMap<_, _> = values["parameters"]
        .as_object()
        .into_iter()
        .flatten()
        .collect();
    let mut found = Vec::new();
    for parameter in &main.parameters {
        let default = parameter
            .default
            .as_ref()
            .and_then(literal)
            .unwrap_or_default();
        let default = if default.is_empty() {
            default
        } else {
            format!("={default}")
        };
        let expected = format!("${{{}{default}}}", variable(&parameter.name));
        let value = given
            .remove(&parameter.name)
            .and_then(|value| value["value"].as_str());
        if value != Some(&expected) {
            let line = infra
                .repository
                .line(FILE, &format!("\"{}\"", parameter.name));
            let message = format!("{} should be \"{expected}\"", parameter.name);
            found.push(Finding::new(FILE, line, message));
        }
    }
    for name in given.keys() {
        let line = infra.repository.line(FILE, &format!("\"{name}\""));
        found.push(Finding::new(
            FILE,
            line,
            format!("{name} is no parameter of {MAIN}"),
        ));
    }
    found
}

/// The production set by the names of azd's environment.
fn production_set(infra: &Infra) -> Vec<(usize, &str, &str)> {
    let text = infra.repository.text(PRODUCTION).unwrap_or_default();
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|(index, line)| {
            let (name, value) = line.split_once('=').unwrap_or((line, ""));
            (index + 1, name, value)
        })
        .collect()
}

pub(super) fn production(infra: &Infra) -> Vec<Finding> {
    let Some(main) = main(infra) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let set = production_set(infra);
    if set.is_empty() {
        found.push(Finding::new(PRODUCTION, 0, "there is no production set"));
    }
    for (line, name, value) in set {
        let mut parameters = main.parameters.iter();
        let message = match parameters.find(|parameter| variable(&parameter.name) == name) {
            None => Some(format!("{name} is of no parameter")),
            Some(parameter) => refused(parameter, value),
        };
        found.extend(message.map(|message| Finding::new(PRODUCTION, line, message)));
    }
    found
}

/// A row for each parameter, with the text of its `@description`.
pub(super) fn table(infra: &Infra) -> Vec<Finding> {
    let Some(main) = main(infra) else {
        return Vec::new();
    };
    let readme = infra.repository.text(README).unwrap_or_default();
    let set = production_set(infra);
    let mut found = Vec::new();
    for parameter in &main.parameters {
        let variable = variable(&parameter.name);
        let production = set.iter().find(|(_, name, _)| *name == variable);
        let production = production.map_or(String::new(), |(_, _, value)| code(value));
        let default = parameter
            .default
            .as_ref()
            .map_or(String::new(), |d| code(&d.text));
        let about = parameter
            .decorator("description")
            .and_then(|d| d.arguments.first());
        let about = about.and_then(Expression::string).unwrap_or_default();
        let row = format!("| `{variable}` | {default} | {production} | {about} |");
        if !readme.lines().any(|line| line == row) {
            let line = infra.repository.line(README, &format!("| `{variable}` |"));
            found.push(Finding::new(
                README,
                line,
                format!("this row is missing: {row}"),
            ));
        }
    }
    let rows = readme
        .lines()
        .filter(|line| line.starts_with("| `"))
        .count();
    if rows != main.parameters.len() {
        found.push(Finding::new(
            README,
            0,
            "there are more rows than parameters",
        ));
    }
    found
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
