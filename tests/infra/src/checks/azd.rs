use crate::Finding;
use crate::bicep::Expression;
use crate::infra::{Infra, MAIN};
use saphyr::{LoadableYamlNode, Yaml};

const FILE: &str = "azure.yaml";
/// What `cargo xtask package` writes.
const PACKAGE: &str = "dist/app.zip";
const SERVICE_TAG: &str = "azd-service-name";

/// Every value that azure.yaml must have, by its path.
const EXPECTED: [(&str, &str); 14] = [
    ("name", "cosmos-functions"),
    ("requiredVersions.azd", ">= 1.20.0"),
    ("infra.provider", "bicep"),
    ("infra.path", "infra"),
    ("infra.module", "main"),
    ("services.api.project", "."),
    ("services.api.host", "function"),
    ("services.api.language", "custom"),
    ("services.api.dist", PACKAGE),
    // The same on every system: a cargo command, not a script.
    ("services.api.hooks.prepackage.posix.shell", "sh"),
    (
        "services.api.hooks.prepackage.posix.run",
        "cargo xtask package",
    ),
    ("services.api.hooks.prepackage.windows.shell", "pwsh"),
    (
        "services.api.hooks.prepackage.windows.run",
        "cargo xtask package",
    ),
    (
        "metadata.template",
        concat!("cosmos-functions@", env!("CARGO_PKG_VERSION")),
    ),
];

pub(super) fn service(infra: &Infra) -> Vec<Finding> {
    let text = infra.repository.text(FILE).unwrap_or_default();
    let document = match Yaml::load_from_str(text) {
        Ok(documents) => documents.into_iter().next(),
        Err(error) => return vec![Finding::new(FILE, 0, error.to_string())],
    };
    let Some(document) = document else {
        return vec![Finding::new(FILE, 0, "it is empty")];
    };
    let mut found = Vec::new();
    for (path, expected) in EXPECTED {
        let mut names = path.split('.');
        let value = names.try_fold(&document, |value, name| value.as_mapping_get(name));
        if value.and_then(Yaml::as_str) != Some(expected) {
            let name = path.rsplit('.').next().unwrap_or(path);
            let line = infra.repository.line(FILE, &format!("{name}:"));
            found.push(Finding::new(
                FILE,
                line,
                format!("{path} must be {expected}"),
            ));
        }
    }
    found.extend(packaged(infra));
    found
}

/// Where `cargo xtask package` puts the zip.
fn packaged(infra: &Infra) -> Option<Finding> {
    let mut sources = infra
        .repository
        .paths()
        .filter(|path| path.starts_with("xtask/"));
    let named = format!("\"{PACKAGE}\"");
    let there = sources.any(|path| {
        let text = infra.repository.text(path).unwrap_or_default();
        text.contains(&named)
    });
    let has_package = infra.repository.has("xtask/src/package.rs");
    (has_package && !there).then(|| Finding::new("xtask", 0, format!("nothing writes {PACKAGE}")))
}

/// What people and the documentation read after a deployment.
const OUTPUTS: [&str; 11] = [
    "AZURE_LOCATION",
    "AZURE_TENANT_ID",
    "AZURE_RESOURCE_GROUP",
    "FUNCTION_APP_NAME",
    "API_URL",
    "APPLICATION_INSIGHTS_NAME",
    "STORAGE_ACCOUNT_NAME",
    "COSMOS_ACCOUNT_NAME",
    "COSMOS_ENDPOINT",
    "COSMOS_DATABASE_NAME",
    "COSMOS_CONTAINER_ID",
];

/// Names that azd would hand on to whatever it starts, which then took the app's identity for its own.
const NO_OUTPUTS: [&str; 2] = ["AZURE_CLIENT_ID", "AZURE_TOKEN_CREDENTIALS"];

pub(super) fn outputs(infra: &Infra) -> Vec<Finding> {
    let Some(main) = infra.file(MAIN) else {
        return Vec::new();
    };
    let missing = OUTPUTS.iter().filter(|name| main.output(name).is_none());
    let missing = missing.map(|name| Finding::new(MAIN, 0, format!("there is no output {name}")));
    let wrong = NO_OUTPUTS.iter().filter_map(|name| main.output(name));
    let wrong = wrong.map(|output| {
        let message = format!("{} must be no output", output.name);
        Finding::new(MAIN, output.line, message)
    });
    missing.chain(wrong).collect()
}

/// By its tags azd finds the resource group and the app, and people find what belongs together.
pub(super) fn tags(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, resource) in infra.resources() {
        let schema = infra.schemas.find(&resource.kind, &resource.api_version);
        let takes_tags = schema.is_some_and(|schema| schema.body.readable("tags").is_some());
        let expected = match resource.kind.as_str() {
            "Microsoft.Web/sites" => "union(tags, { 'azd-service-name': 'api' })",
            "Microsoft.DocumentDB/databaseAccounts/sqlDatabases"
            | "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers" => continue,
            _ if takes_tags => "tags",
            _ => continue,
        };
        let tags = resource.body.at("tags");
        if tags.map(|tags| tags.text.as_str()) != Some(expected) {
            let line = tags.map_or(resource.line, |tags| tags.line);
            let message = format!("tags of {} must be {expected}", resource.name);
            found.push(Finding::new(&file.path, line, message));
        }
    }
    let main = infra.file(MAIN);
    let environment = main.and_then(|main| main.variable("tags"));
    let environment = environment.and_then(|tags| tags.value.at("azd-env-name"));
    if environment.map(|tag| tag.text.as_str()) != Some("environmentName") {
        found.push(Finding::new(
            MAIN,
            0,
            "azd-env-name must be environmentName",
        ));
    }
    let mut services = infra
        .files()
        .flat_map(|file| file.expressions().flat_map(Expression::all));
    let only = services.any(|expression| expression.at(SERVICE_TAG).is_some());
    if !only {
        found.push(Finding::new(
            "infra",
            0,
            format!("nothing has the tag {SERVICE_TAG}"),
        ));
    }
    found
}
