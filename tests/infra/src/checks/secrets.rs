use crate::Finding;
use crate::bicep::{Expression, Kind};
use crate::infra::Infra;

/// Parts of connection strings and of signed URLs, in lower case.
const TEXTS: [&str; 9] = [
    "accountkey=",
    "sharedaccesskey",
    "sharedaccesssignature",
    "instrumentationkey",
    "?sig=",
    "&sig=",
    "password=",
    "keyvault(",
    "-----begin",
];

/// What parameters, settings and outputs of secrets are called, in lower case.
const NAMES: [&str; 6] = [
    "secret",
    "password",
    "apikey",
    "accountkey",
    "_key",
    "connection_string_",
];

pub(super) fn none(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for path in infra
        .repository
        .paths()
        .filter(|path| is_configuration(path))
    {
        let text = infra.repository.text(path).unwrap_or_default();
        for (index, line) in text.lines().enumerate() {
            let lower = line.to_lowercase();
            let known = TEXTS.iter().find(|text| lower.contains(**text));
            let random = line.split(|c: char| !c.is_ascii_alphanumeric() && !"+/=".contains(c));
            if let Some(known) = known {
                found.push(Finding::new(
                    path,
                    index + 1,
                    format!("{known} is of a secret"),
                ));
            } else if random.into_iter().any(looks_random) {
                found.push(Finding::new(path, index + 1, "this looks like a key"));
            }
        }
    }
    for file in infra.files() {
        let mut say = |line, message| found.push(Finding::new(&file.path, line, message));
        let parameters = file.parameters.iter().map(|p| (p.name.as_str(), p.line));
        let outputs = file.outputs.iter().map(|o| (o.name.as_str(), o.line));
        for (name, line) in parameters.chain(outputs) {
            if is_secret(name) {
                say(line, format!("{name} is named as a secret"));
            }
        }
        for expression in file.expressions().flat_map(Expression::all) {
            match &expression.kind {
                Kind::Call { function, .. } if reads_secrets(function) => {
                    say(expression.line, format!("{function}() reads secrets"));
                }
                Kind::Object(properties) => {
                    for property in properties.iter().filter(|p| is_secret(&p.name)) {
                        say(
                            property.line,
                            format!("{} is named as a secret", property.name),
                        );
                    }
                }
                _ => {}
            }
        }
    }
    found
}

fn is_configuration(path: &str) -> bool {
    path.starts_with("infra/") || path == "azure.yaml"
}

/// Base64 of 32 bytes or more. Paths and role ids have other signs in between.
fn looks_random(word: &str) -> bool {
    let mixed = word.chars().any(|c| c.is_ascii_digit())
        && word.chars().any(|c| c.is_ascii_uppercase())
        && word.chars().any(|c| c.is_ascii_lowercase());
    word.len() >= 43 && mixed
}

fn reads_secrets(function: &str) -> bool {
    let name = function.rsplit('.').next().unwrap_or(function);
    name.starts_with("list") || name == "getSecret"
}

fn is_secret(name: &str) -> bool {
    let lower = name.to_lowercase();
    NAMES.iter().any(|part| lower.contains(part))
}
