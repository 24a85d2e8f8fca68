//! The gate can fail: each of these mistakes, planted alone, is found.

use infra_tests::checks;
use infra_tests::infra::Infra;
use infra_tests::repository::Repository;

const MAIN: &str = "infra/main.bicep";
const APP: &str = "infra/modules/app.bicep";
const COSMOS: &str = "infra/modules/cosmos.bicep";
const STORAGE: &str = "infra/modules/storage.bicep";
const ROLES: &str = "infra/modules/roles.bicep";
const MONITORING: &str = "infra/modules/monitoring.bicep";
const NETWORK: &str = "infra/modules/network.bicep";
const ENDPOINT: &str = "infra/modules/private-endpoint.bicep";
const ALERTS: &str = "infra/modules/alerts.bicep";
const CONTAINER: &str = "infra/container.json";
const PARAMETERS: &str = "infra/main.parameters.json";
const PRODUCTION: &str = "infra/production.env";
const AZD: &str = "azure.yaml";

/// File, what is there once, what it becomes, and what must be found.
type Mistake = (&'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const LANGUAGE: &[Mistake] = &[
    (MAIN, "module roles 'modules/roles.bicep' = {", "module roles 'modules/roles.bicep' {", "this is not Bicep"),
    (APP, "{ name: setting.key, value: setting.value }", "{ name: setting.key value: setting.value }", "a comma or a new line is missing"),
    (MAIN, "    logFilter: logFilter", "    logFilter: logFilters", "logFilters is not declared"),
    (APP, "filter(items(appSettings)", "filtered(items(appSettings)", "filtered() is no function"),
    (MAIN, "    otlpEndpoint: otlpEndpoint", "    otlpEndpoint: ''", "otlpEndpoint is not used"),
    (ROLES, "resource cosmos 'Microsoft", "resource storage 'Microsoft", "storage is declared twice"),
    (MAIN, "'modules/alerts.bicep'", "'modules/alarms.bicep'", "there is no modules/alarms.bicep"),
    (MAIN, "    httpConcurrency: httpConcurrency", "    concurrency: httpConcurrency", "concurrency is no parameter of modules/app.bicep"),
    (MAIN, "    backupTier: cosmosBackupTier\n", "", "modules/cosmos.bicep gets no backupTier"),
    (MAIN, "    dailyQuotaGb: logDailyQuotaGb", "    dailyQuotaGb: logFilter", "dailyQuotaGb is of another type"),
    (MAIN, "storage.outputs.deploymentContainerUrl", "storage.outputs.containerUrl", "modules/storage.bicep has no output containerUrl"),
    (MAIN, "network.?outputs.appSubnetId", "network.outputs.appSubnetId", "network may not be deployed"),
    (COSMOS, "output endpoint string", "output url string", "modules/cosmos.bicep has no output endpoint"),
    (MAIN, "  name: 'cosmos'\n", "  nam: 'cosmos'\n", "a module has no property nam"),
    (STORAGE, "output name string", "output name int", "name is not of type int"),
];

#[rustfmt::skip]
const SCHEMAS: &[Mistake] = &[
    (APP, "'Microsoft.Web/serverfarms@2024-11-01'", "'Microsoft.Web/serverfarms@2024-04-01'", "is not in the schemas, which have: 2024-11-01"),
    (ENDPOINT, "'Microsoft.Network/privateDnsZones@2020-06-01'", "'Microsoft.Network/privateDnsZone@2020-06-01'", "is not in the schemas"),
    (APP, "        maximumInstanceCount: max", "        maximumInstances: max", "has no property maximumInstances"),
    (COSMOS, "continuousModeProperties:", "continuousProperties:", "has no property continuousProperties"),
    (COSMOS, "      type: 'Continuous'", "      type: 'Continous'", "type must be one of: Continuous, Periodic"),
    (COSMOS, "kind: 'GlobalDocumentDB'", "kind: 'GlobalDocumentDb'", "kind must be one of"),
    (STORAGE, "'Standard_LRS'", "'Standard_LSR'", "name must be one of"),
    (ALERTS, "operator: 'GreaterThanOrEqual'", "operator: 'AtLeast'", "operator must be one of"),
    (ALERTS, "    evaluationFrequency: 'PT15M'\n    windowSize: 'PT1H'", "    windowSize: 'PT1H'", "needs evaluationFrequency"),
    (ENDPOINT, "subnet: { id: subnetId }", "subnet: { id: [subnetId] }", "id must be of type string"),
    (MONITORING, "retentionInDays: retentionDays", "retentionInDays: workspaceName", "retentionInDays must be of type int"),
    (NETWORK, "properties: { serviceName: 'Microsoft.App/environments' }", "properties: { serviceName: 'Microsoft.App/environments', actions: [] }", "actions is read-only"),
    (CONTAINER, "\"kind\": \"Hash\"", "\"kind\": \"hash\"", "container.json:4: kind must be one of"),
    (CONTAINER, "\"excludedPaths\"", "\"exclude\"", "IndexingPolicy has no property exclude"),
    (COSMOS, "account.properties.documentEndpoint", "account.properties.endpoint", "has no endpoint to read"),
    (COSMOS, "  parent: database\n", "  parent: account\n", "is no parent of"),
];

#[rustfmt::skip]
const POLICIES: &[Mistake] = &[
    (APP, "        name: 'custom'", "        name: 'dotnet-isolated'", "runtime.name of Microsoft.Web/sites must be 'custom'"),
    (APP, "        version: '1.0'", "        version: ''", "runtime.version of Microsoft.Web/sites must be '1.0'"),
    (APP, "      minTlsVersion: '1.2'", "      minTlsVersion: '1.2'\n      ftpsState: 'Disabled'", "refuses siteConfig.ftpsState"),
    (ALERTS, "values: ['429']", "values: ['428']", "there is no alert on throttling"),
    (APP, "httpsOnly: true", "httpsOnly: false", "properties.httpsOnly of Microsoft.Web/sites must be true"),
    (APP, "    name: 'FC1'", "    name: 'Y1'", "sku.name of Microsoft.Web/serverfarms must be 'FC1'"),
    (APP, "'Return401'", "'AllowAnonymous'", "unauthenticatedClientAction of Microsoft.Web/sites/config must be 'Return401'"),
    (APP, "['/api/health/live', '/api/health/ready']", "['/api']", "excludedPaths must be"),
    (APP, "properties: { allow: false }", "properties: { allow: true }", "properties.allow"),
    (STORAGE, "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", "allowSharedKeyAccess of Microsoft.Storage/storageAccounts must be false"),
    (COSMOS, "    disableLocalAuth: true\n", "", "disableLocalAuth of Microsoft.DocumentDB/databaseAccounts must be true"),
    (MONITORING, "DisableLocalAuth: true", "DisableLocalAuth: false", "DisableLocalAuth of Microsoft.Insights/components must be true"),
    (NETWORK, "cidrSubnet(addressPrefix, 26, 1)", "cidrSubnet(addressPrefix, 26, 0)", "subnets.1.properties.addressPrefix"),
    (MONITORING, "    WorkspaceResourceId: workspace.id\n", "", "WorkspaceResourceId of Microsoft.Insights/components must be workspace.id"),
    (NETWORK, "'Microsoft.App/environments'", "'Microsoft.Web/serverFarms'", "serviceName of Microsoft.Network/virtualNetworks"),
    (ENDPOINT, "  location: location", "  location: 'westeurope'", "a region is a parameter"),
    (MAIN, "${environment().suffixes.storage}", "core.windows.net", "core.windows.net is of one cloud only"),
    (COSMOS, "account.properties.documentEndpoint", "account.listKeys().primaryMasterKey", "account.listKeys() reads secrets"),
    (PRODUCTION, "LOG_DAILY_QUOTA_GB=10", "STORAGE=AccountKey=x", "accountkey= is of a secret"),
    (ROLES, "b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "ba92f5b4-2d11-453d-a403-e96b0029c9fe", "is of no role these checks know"),
    (ROLES, "  scope: applicationInsights\n", "  scope: storage\n", "name of telemetryRole must be guid(storage.id"),
    (ROLES, "guid(cosmos.id, principalId, cosmosDataContributor)", "guid(cosmos.id, cosmosDataContributor)", "name of dataRole must be"),
    (MAIN, "dependsOn: [roles, ", "dependsOn: [", "the app must come after its roles"),
];

#[rustfmt::skip]
const AGREEMENT: &[Mistake] = &[
    (MAIN, "@description('Name of the Cosmos DB database.')\n", "", "databaseName has no @description"),
    (MAIN, "param instanceMemoryMB int = 2048", "param instanceMemoryMB int = 1024", "instanceMemoryMB cannot be 1024"),
    (MAIN, "param maximumInstanceCount int = 40", "param maximumInstanceCount int = 39", "@minValue is 40"),
    (MAIN, "param requestTimeoutSeconds int = 30", "param requestTimeoutSeconds int = 60", "must be the one of REQUEST_TIMEOUT_SECONDS"),
    (MAIN, "@allowed([512, 2048, 4096])", "@allowed([512, 2048, 4096, 8192])", "instances of 512, 2048 and 4096 MB"),
    (MAIN, "output API_URL string", "output URL string", "there is no output API_URL"),
    (MAIN, "output APP_IDENTITY_CLIENT_ID string", "output AZURE_CLIENT_ID string", "AZURE_CLIENT_ID must be no output"),
    (MAIN, "@maxValue(220)", "@maxValue(240)", "@maxValue of requestTimeoutSeconds must be 220"),
    (MAIN, "param databaseName string = 'app'", "param databaseName string = 'api'", "the default must be COSMOS_DATABASE_NAME"),
    (PARAMETERS, "${ZONE_REDUNDANT=false}", "${ZONE_REDUNDANT=true}", "zoneRedundant should be"),
    (PARAMETERS, "\"alertEmail\"", "\"alertMail\"", "alertMail is no parameter"),
    (PRODUCTION, "ZONE_REDUNDANT", "ZONES", "ZONES is of no parameter"),
    (PRODUCTION, "Continuous30Days", "Continuous14Days", "cosmosBackupTier cannot be Continuous14Days"),
    ("infra/README.md", "| `LOG_FILTER` | `'info'` |", "| `LOG_FILTER` | `'warn'` |", "this row is missing: | `LOG_FILTER`"),
    (APP, "{ 'azd-service-name': 'api' }", "{ 'azd-service-name': 'web' }", "tags of site must be"),
    (MAIN, "{ 'azd-env-name': environmentName }", "{ 'azd-env': environmentName }", "azd-env-name must be environmentName"),
    (STORAGE, "  tags: tags\n", "", "tags of account must be tags"),
    (AZD, "  api:", "  web:", "services.api.host must be function"),
    (AZD, "dist: dist/app.zip", "dist: dist/app", "services.api.dist must be dist/app.zip"),
    (AZD, "shell: pwsh\n          run: cargo xtask package", "shell: pwsh\n          run: ./package.ps1", "prepackage.windows.run must be cargo xtask package"),
    (APP, "  COSMOS_DATABASE_NAME: databaseName\n", "", "there is no setting COSMOS_DATABASE_NAME"),
    (APP, "  RUST_LOG: logFilter", "  RUST_LOGS: logFilter", "setting RUST_LOGS is read by nobody"),
    (APP, "  // The handler.", "  FUNCTIONS_WORKER_RUNTIME: 'custom'", "FUNCTIONS_WORKER_RUNTIME is refused by Flex Consumption"),
    (APP, "  // The handler.", "  COSMOS_KEY: identityClientId", "setting COSMOS_KEY is left out by choice"),
    (APP, "AzureWebJobsStorage__credential: 'managedidentity'", "AzureWebJobsStorage__credential: 'managedIdentity'", "AzureWebJobsStorage__credential must be"),
    (APP, "'ManagedIdentityCredential'", "'DefaultAzureCredential'", "AZURE_TOKEN_CREDENTIALS must be"),
    (APP, "? 'easy-auth' :", "? 'easyauth' :", "with AUTH_MODE `easyauth`: AUTH_MODE must be"),
    (CONTAINER, "[\"/partitionKey\"]", "[\"/tenantId\"]", "the code has another partition key"),
    (CONTAINER, "\"defaultTtl\": -1", "\"defaultTtl\": 3600", "what has a ttl must expire"),
    (COSMOS, "      defaultTtl: definition.defaultTtl\n", "", "defaultTtl must be definition.defaultTtl"),
    (COSMOS, "loadJsonContent('../container.json')", "loadJsonContent('container.json')", "definition must be loadJsonContent"),
    ("functions/reconcile_moves/function.json", "timerTrigger", "queueTrigger", "does not provide for a queueTrigger"),
];

fn mistakes() -> Vec<Mistake> {
    [LANGUAGE, SCHEMAS, POLICIES, AGREEMENT].concat()
}

/// The repository with one mistake in it. What is changed must be there exactly once.
fn planted(infra: &Infra, (file, from, to, _): &Mistake) -> Infra {
    let text = infra.repository.text(file).unwrap_or_default();
    assert_eq!(text.matches(from).count(), 1, "{file}: {from}");
    infra.with(file, text.replace(from, to))
}

fn found(infra: &Infra) -> Vec<String> {
    let found = checks::run(infra);
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn every_planted_mistake_is_found() {
    let infra = Infra::of(Repository::read().unwrap()).unwrap();
    let mut missed = Vec::new();
    for mistake in mistakes() {
        let found = found(&planted(&infra, &mistake));
        let (file, from, to, expected) = mistake;
        if !found.iter().any(|finding| finding.contains(expected)) {
            missed.push(format!(
                "{file}: {from} → {to}\n  not: {expected}\n  but: {found:?}"
            ));
        }
    }
    assert!(missed.is_empty(), "\n{}\n", missed.join("\n"));
}

/// A check that finds none of them might find nothing at all.
#[test]
fn every_check_finds_one() {
    let infra = Infra::of(Repository::read().unwrap()).unwrap();
    let planted: Vec<_> = mistakes()
        .iter()
        .map(|mistake| planted(&infra, mistake))
        .collect();
    for (name, check) in checks::CHECKS {
        let finds = planted.iter().any(|infra| !check(infra).is_empty());
        assert!(finds, "no mistake is planted for: {name}");
    }
}

/// In whatever resource or module: the name of every property, changed alone.
#[test]
fn no_property_can_be_misspelt() {
    let infra = Infra::of(Repository::read().unwrap()).unwrap();
    let (mut tried, mut missed) = (0, Vec::new());
    for path in infra.repository.paths_to(".bicep") {
        let text = infra.repository.text(path).unwrap();
        for (start, line) in lines(text) {
            let Some(end) = name(line) else { continue };
            let (before, after) = text.split_at(start + end);
            tried += 1;
            if found(&infra.with(path, format!("{before}x{after}"))).is_empty() {
                missed.push(format!("{path}: {line}"));
            }
        }
    }
    assert!(tried > 400, "only {tried} properties were found");
    assert!(missed.is_empty(), "\n{}\n", missed.join("\n"));
}

/// Each line with where it starts.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        start += line.len();
        (start - line.len(), line)
    })
}

/// Where the name of the property ends that a line begins with.
fn name(line: &str) -> Option<usize> {
    let (name, _) = line.split_once(':')?;
    let is_name = name.starts_with("  ") && !name.trim_start().contains([' ', '/', '@']);
    is_name.then(|| name.trim_end_matches('\'').len())
}

#[test]
fn there_are_enough_of_them() {
    assert!(mistakes().len() >= 25);
}
