use crate::Finding;
use crate::bicep::{Expression, Kind};
use crate::infra::{APP, Infra};
use cosmos_functions::settings::{SETTINGS, Settings};
use std::collections::{BTreeMap, BTreeSet};

/// What the host itself reads, by identity.
const HOST: [(&str, &str); 5] = [
    ("AzureWebJobsStorage__accountName", "storageAccountName"),
    ("AzureWebJobsStorage__credential", "'managedidentity'"),
    ("AzureWebJobsStorage__clientId", "identityClientId"),
    (
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
        "applicationInsightsConnectionString",
    ),
    (
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
        "'ClientId=${identityClientId};Authorization=AAD'",
    ),
];

/// Settings of the handler that are not set in Azure, and why not.
const ABSENT: [(&str, &str); 5] = [
    ("COSMOS_KEY", "there are no keys in Azure"),
    (
        "OTEL_EXPORTER_OTLP_HEADERS",
        "it holds a token as a rule: a person sets it",
    ),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "there is only one"),
    ("OTEL_SERVICE_NAME", "its default is right"),
    ("OTEL_METRIC_EXPORT_INTERVAL", "its default is right"),
];

/// What Flex Consumption refuses, by how it begins.
const REFUSED: [&str; 8] = [
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_EXTENSION_VERSION",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_CONTENT",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "ENABLE_ORYX_BUILD",
    "WEBSITE_TIME_ZONE",
    "TZ",
];

pub(super) fn all(infra: &Infra) -> Vec<Finding> {
    let settings = infra.app_settings();
    let mut found = Vec::new();
    let by_name: BTreeMap<_, _> = settings.iter().map(|s| (s.name.as_str(), *s)).collect();
    let ours = SETTINGS.iter().filter(|setting| !setting.by_azure);
    let ours = ours
        .map(|setting| setting.name)
        .filter(|name| !is_absent(name));
    let needed: BTreeSet<_> = ours.chain(HOST.iter().map(|(name, _)| *name)).collect();
    for name in needed.iter().filter(|name| !by_name.contains_key(**name)) {
        found.push(Finding::new(APP, 0, format!("there is no setting {name}")));
    }
    for (name, setting) in &by_name {
        let why = if REFUSED.iter().any(|refused| name.starts_with(refused)) {
            "is refused by Flex Consumption"
        } else if is_absent(name) {
            "is left out by choice"
        } else if !needed.contains(name) {
            "is read by nobody"
        } else {
            continue;
        };
        found.push(Finding::new(
            APP,
            setting.line,
            format!("setting {name} {why}"),
        ));
    }
    for (name, expected) in HOST {
        let setting = by_name.get(name);
        if let Some(setting) = setting.filter(|setting| setting.value.text != expected) {
            let message = format!("setting {name} must be {expected}");
            found.push(Finding::new(APP, setting.line, message));
        }
    }
    if by_name.len() != settings.len() {
        found.push(Finding::new(APP, 0, "a setting is there twice"));
    }
    found.extend(unknown_absent());
    found.extend(deployed(infra));
    found.extend(understood(infra));
    found
}

fn is_absent(name: &str) -> bool {
    ABSENT.iter().any(|(absent, _)| *absent == name)
}

fn unknown_absent() -> impl Iterator<Item = Finding> {
    let unknown = ABSENT
        .iter()
        .filter(|(name, _)| SETTINGS.iter().all(|setting| setting.name != *name));
    unknown.map(|(name, _)| Finding::new("tests/infra", 0, format!("there is no setting {name}")))
}

/// That the settings are those that the site gets.
fn deployed(infra: &Infra) -> Option<Finding> {
    let (file, site) = infra.resources_of("Microsoft.Web/sites").next()?;
    let given = site.body.at("properties.siteConfig.appSettings");
    let from = given.into_iter().flat_map(Expression::all);
    let mut names = from.filter_map(Expression::chain);
    let right = names.any(|names| names == ["appSettings"]);
    (!right).then(|| Finding::new(&file.path, site.line, "the site does not get appSettings"))
}

/// That the handler finds nothing wrong with them, however callers are signed in.
fn understood(infra: &Infra) -> Vec<Finding> {
    let settings = infra.app_settings();
    let mut found = Vec::new();
    for mode in modes(infra) {
        let value = |name: &str| {
            if name == "WEBSITE_AUTH_ENABLED" {
                return Some("True".to_owned());
            }
            let setting = settings.iter().find(|setting| setting.name == name)?;
            Some(match name {
                "AUTH_MODE" => mode.clone(),
                _ => example(&setting.value),
            })
        };
        let read = Settings::read(value);
        let problems = read.problems.iter();
        // Without a mode it is closed, on purpose.
        let problems =
            problems.filter(|problem| !(mode.is_empty() && problem.contains("AUTH_MODE")));
        for problem in problems {
            found.push(Finding::new(
                APP,
                0,
                format!("with AUTH_MODE `{mode}`: {problem}"),
            ));
        }
        if !mode.is_empty() && read.auth_mode.is_none() {
            found.push(Finding::new(
                APP,
                0,
                format!("AUTH_MODE `{mode}` does not work"),
            ));
        }
    }
    found
}

/// Every `AUTH_MODE` there can be.
fn modes(infra: &Infra) -> BTreeSet<String> {
    let mode = infra.file(APP).and_then(|app| app.variable("authMode"));
    let parts = mode.into_iter().flat_map(|mode| mode.value.all());
    parts
        .filter_map(|part| part.string().map(ToOwned::to_owned))
        .collect()
}

/// A value as it may be in Azure.
fn example(value: &Expression) -> String {
    match (&value.kind, value.text.as_str()) {
        (Kind::String(text), _) => text.clone(),
        (_, "cosmosEndpoint") => "https://account.documents.azure.com:443/".to_owned(),
        (_, "jwtIssuer") => "https://login.microsoftonline.com/tenant/v2.0".to_owned(),
        (_, "otlpEndpoint") => "http://collector.internal:4318".to_owned(),
        (_, "string(requestTimeoutSeconds)") => "30".to_owned(),
        (_, "logFilter") => "info".to_owned(),
        _ => "example".to_owned(),
    }
}
