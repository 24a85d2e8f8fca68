use crate::Finding;
use crate::bicep::Expression;
use crate::infra::Infra;

/// What each resource of a type must have, by its path: the text of the expression.
const FIXED: [(&str, &str, &str); 39] = [
    ("Microsoft.Web/serverfarms", "kind", "'functionapp'"),
    ("Microsoft.Web/serverfarms", "sku.name", "'FC1'"),
    ("Microsoft.Web/serverfarms", "sku.tier", "'FlexConsumption'"),
    ("Microsoft.Web/serverfarms", "properties.reserved", "true"),
    ("Microsoft.Web/sites", "kind", "'functionapp,linux'"),
    ("Microsoft.Web/sites", "identity.type", "'UserAssigned'"),
    ("Microsoft.Web/sites", "properties.httpsOnly", "true"),
    (
        "Microsoft.Web/sites",
        "properties.functionAppConfig.runtime.name",
        "'custom'",
    ),
    (
        "Microsoft.Web/sites",
        "properties.functionAppConfig.runtime.version",
        "'1.0'",
    ),
    (
        "Microsoft.Web/sites",
        "properties.functionAppConfig.deployment.storage.type",
        "'blobContainer'",
    ),
    (
        "Microsoft.Web/sites",
        "properties.functionAppConfig.deployment.storage.authentication.type",
        "'UserAssignedIdentity'",
    ),
    (
        "Microsoft.Web/sites",
        "properties.siteConfig.minTlsVersion",
        "'1.2'",
    ),
    (
        "Microsoft.Web/sites/basicPublishingCredentialsPolicies",
        "properties.allow",
        "false",
    ),
    ("Microsoft.Web/sites/config", "name", "'authsettingsV2'"),
    (
        "Microsoft.Web/sites/config",
        "properties.platform.enabled",
        "true",
    ),
    (
        "Microsoft.Web/sites/config",
        "properties.globalValidation.requireAuthentication",
        "true",
    ),
    (
        "Microsoft.Web/sites/config",
        "properties.globalValidation.unauthenticatedClientAction",
        "'Return401'",
    ),
    (
        "Microsoft.Web/sites/config",
        "properties.httpSettings.requireHttps",
        "true",
    ),
    (
        "Microsoft.Web/sites/config",
        "properties.identityProviders.azureActiveDirectory.enabled",
        "true",
    ),
    (
        "Microsoft.Web/sites/config",
        "properties.identityProviders.azureActiveDirectory.registration.clientId",
        "easyAuthClientId",
    ),
    (
        "Microsoft.Web/sites/config",
        "properties.login.tokenStore.enabled",
        "false",
    ),
    (
        "Microsoft.Storage/storageAccounts",
        "properties.allowSharedKeyAccess",
        "false",
    ),
    (
        "Microsoft.Storage/storageAccounts",
        "properties.allowBlobPublicAccess",
        "false",
    ),
    (
        "Microsoft.Storage/storageAccounts",
        "properties.minimumTlsVersion",
        "'TLS1_2'",
    ),
    (
        "Microsoft.Storage/storageAccounts",
        "properties.supportsHttpsTrafficOnly",
        "true",
    ),
    (
        "Microsoft.Storage/storageAccounts",
        "properties.publicNetworkAccess",
        "publicAccess ? 'Enabled' : 'Disabled'",
    ),
    (
        "Microsoft.DocumentDB/databaseAccounts",
        "properties.disableLocalAuth",
        "true",
    ),
    (
        "Microsoft.DocumentDB/databaseAccounts",
        "properties.disableKeyBasedMetadataWriteAccess",
        "true",
    ),
    (
        "Microsoft.DocumentDB/databaseAccounts",
        "properties.minimalTlsVersion",
        "'Tls12'",
    ),
    (
        "Microsoft.DocumentDB/databaseAccounts",
        "properties.consistencyPolicy.defaultConsistencyLevel",
        "'Session'",
    ),
    (
        "Microsoft.DocumentDB/databaseAccounts",
        "properties.backupPolicy.type",
        "'Continuous'",
    ),
    (
        "Microsoft.DocumentDB/databaseAccounts",
        "properties.publicNetworkAccess",
        "publicAccess ? 'Enabled' : 'Disabled'",
    ),
    (
        "Microsoft.DocumentDB/databaseAccounts",
        "properties.locations.0.isZoneRedundant",
        "zoneRedundant",
    ),
    (
        "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers",
        "properties.options",
        "serverless ? null : { autoscaleSettings: { maxThroughput: maxThroughput } }",
    ),
    (
        "Microsoft.Insights/components",
        "properties.DisableLocalAuth",
        "true",
    ),
    (
        "Microsoft.OperationalInsights/workspaces",
        "properties.features.disableLocalAuth",
        "true",
    ),
    (
        "Microsoft.Network/virtualNetworks",
        "properties.subnets.0.name",
        "appSubnetName",
    ),
    (
        "Microsoft.Network/virtualNetworks",
        "properties.subnets.0.properties.delegations.0.properties.serviceName",
        "'Microsoft.App/environments'",
    ),
    (
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        "properties.registrationEnabled",
        "false",
    ),
];

/// All that Flex Consumption takes in `siteConfig`.
const SITE_CONFIG: [&str; 3] = ["minTlsVersion", "appSettings", "cors"];

/// Addresses that are others in other clouds: `environment()` has them.
const OF_ONE_CLOUD: [&str; 5] = [
    "core.windows.net",
    "login.microsoftonline.com",
    "management.azure.com",
    "database.windows.net",
    "vault.azure.net",
];

pub(super) fn fixed(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for (kind, path, expected) in FIXED {
        let mut resources = infra.resources_of(kind).peekable();
        if resources.peek().is_none() {
            found.push(Finding::new("infra", 0, format!("there is no {kind}")));
        }
        for (file, resource) in resources {
            let actual = resource.body.at(path);
            if actual.map(|actual| actual.text.as_str()) != Some(expected) {
                let line = actual.map_or(resource.line, |actual| actual.line);
                let message = format!("{path} of {kind} must be {expected}");
                found.push(Finding::new(&file.path, line, message));
            }
        }
    }
    found
}

/// What there are alerts on, by what their rules have in them.
const ALERTS: [(&str, &str); 4] = [
    ("5xx answers", "'requests | where toint(resultCode) >= 500'"),
    ("throttling", "['429']"),
    (
        "request units of a serverless account",
        "'TotalRequestUnits'",
    ),
    ("request units of another one", "'NormalizedRUConsumption'"),
];

pub(super) fn alerts(infra: &Infra) -> Vec<Finding> {
    let kinds = [
        "Microsoft.Insights/scheduledQueryRules",
        "Microsoft.Insights/metricAlerts",
    ];
    let rules = kinds.iter().flat_map(|kind| infra.resources_of(kind));
    let parts: Vec<_> = rules.flat_map(|(_, rule)| rule.body.all()).collect();
    let missing = ALERTS
        .iter()
        .filter(|(_, text)| parts.iter().all(|part| part.text != *text));
    missing
        .map(|(what, _)| Finding::new("infra", 0, format!("there is no alert on {what}")))
        .collect()
}

pub(super) fn site(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for (file, resource) in infra.resources_of("Microsoft.Web/sites") {
        let config = resource.body.at("properties.siteConfig");
        let properties = config.map_or(&[][..], Expression::properties);
        for property in properties {
            if !SITE_CONFIG.contains(&property.name.as_str()) {
                let message = format!("Flex Consumption refuses siteConfig.{}", property.name);
                found.push(Finding::new(&file.path, property.line, message));
            }
        }
    }
    for (file, resource) in infra.resources() {
        let location = resource.body.at("location").and_then(Expression::string);
        if location.is_some_and(|location| location != "global") {
            let message = "a region is a parameter";
            found.push(Finding::new(&file.path, resource.line, message));
        }
    }
    for file in infra.files() {
        for expression in file.expressions().flat_map(Expression::all) {
            let Some(text) = expression.string() else {
                continue;
            };
            if let Some(address) = OF_ONE_CLOUD.iter().find(|address| text.contains(**address)) {
                let message = format!("{address} is of one cloud only");
                found.push(Finding::new(&file.path, expression.line, message));
            }
        }
    }
    found
}
