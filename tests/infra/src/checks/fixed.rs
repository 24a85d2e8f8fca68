//! What must be so, whatever else changes.

use crate::Finding;
use crate::infra::Infra;

/// A path into a resource, and the text of the expression there.
type Rule = (&'static str, &'static str);

/// What every resource of a type must have: for safety, because Flex Consumption has nothing else, or because Azure needs
/// it although the schema does not say so.
#[rustfmt::skip]
const FIXED: &[(&str, &[Rule])] = &[
    ("Microsoft.Web/serverfarms", &[
        ("kind", "'functionapp'"),
        ("sku.name", "'FC1'"),
        ("sku.tier", "'FlexConsumption'"),
        ("properties.reserved", "true"),
    ]),
    ("Microsoft.Web/sites", &[
        ("kind", "'functionapp,linux'"),
        ("identity.type", "'UserAssigned'"),
        ("properties.httpsOnly", "true"),
        ("properties.functionAppConfig.runtime.name", "'custom'"),
        ("properties.functionAppConfig.runtime.version", "'1.0'"),
        ("properties.functionAppConfig.deployment.storage.type", "'blobContainer'"),
        ("properties.functionAppConfig.deployment.storage.authentication.type", "'UserAssignedIdentity'"),
        ("properties.siteConfig.minTlsVersion", "'1.2'"),
        ("identity.userAssignedIdentities", "{ '${identityId}': {} }"),
        ("properties.serverFarmId", "plan.id"),
        ("properties.virtualNetworkSubnetId", "empty(subnetId) ? null : subnetId"),
        ("properties.functionAppConfig.deployment.storage.value", "deploymentContainerUrl"),
        ("properties.functionAppConfig.deployment.storage.authentication.userAssignedIdentityResourceId", "identityId"),
    ]),
    ("Microsoft.Web/sites/basicPublishingCredentialsPolicies", &[
        ("properties.allow", "false"),
    ]),
    ("Microsoft.Web/sites/config", &[
        ("name", "'authsettingsV2'"),
        ("properties.platform.enabled", "true"),
        ("properties.globalValidation.requireAuthentication", "true"),
        ("properties.globalValidation.unauthenticatedClientAction", "'Return401'"),
        ("properties.httpSettings.requireHttps", "true"),
        ("properties.identityProviders.azureActiveDirectory.enabled", "true"),
        ("properties.identityProviders.azureActiveDirectory.registration.clientId", "easyAuthClientId"),
        ("properties.login.tokenStore.enabled", "false"),
        ("properties.identityProviders.azureActiveDirectory.registration.openIdIssuer", "'${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'"),
        ("properties.identityProviders.azureActiveDirectory.validation.allowedAudiences", "[easyAuthClientId, 'api://${easyAuthClientId}']"),
    ]),
    ("Microsoft.Storage/storageAccounts", &[
        ("properties.allowSharedKeyAccess", "false"),
        ("properties.allowBlobPublicAccess", "false"),
        ("properties.minimumTlsVersion", "'TLS1_2'"),
        ("properties.supportsHttpsTrafficOnly", "true"),
        ("properties.publicNetworkAccess", "publicAccess ? 'Enabled' : 'Disabled'"),
        ("properties.networkAcls.defaultAction", "publicAccess ? 'Allow' : 'Deny'"),
    ]),
    ("Microsoft.DocumentDB/databaseAccounts", &[
        ("properties.disableLocalAuth", "true"),
        ("properties.disableKeyBasedMetadataWriteAccess", "true"),
        ("properties.minimalTlsVersion", "'Tls12'"),
        ("properties.consistencyPolicy.defaultConsistencyLevel", "'Session'"),
        ("properties.backupPolicy.type", "'Continuous'"),
        ("properties.publicNetworkAccess", "publicAccess ? 'Enabled' : 'Disabled'"),
        ("properties.locations.0.isZoneRedundant", "zoneRedundant"),
        ("kind", "'GlobalDocumentDB'"),
        ("location", "location"),
        ("properties.capabilities", "serverless ? [{ name: 'EnableServerless' }] : []"),
        ("properties.locations.0.locationName", "location"),
        ("properties.locations.0.failoverPriority", "0"),
    ]),
    ("Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers", &[
        ("properties.options", "serverless ? null : { autoscaleSettings: { maxThroughput: maxThroughput } }"),
    ]),
    ("Microsoft.Insights/components", &[
        ("properties.DisableLocalAuth", "true"),
        ("properties.WorkspaceResourceId", "workspace.id"),
    ]),
    ("Microsoft.OperationalInsights/workspaces", &[
        ("properties.features.disableLocalAuth", "true"),
        ("properties.sku.name", "'PerGB2018'"),
    ]),
    ("Microsoft.Network/virtualNetworks", &[
        ("properties.subnets.0.name", "appSubnetName"),
        ("properties.subnets.0.properties.delegations.0.properties.serviceName", "'Microsoft.App/environments'"),
        ("properties.addressSpace.addressPrefixes", "[addressPrefix]"),
        ("properties.subnets.0.properties.addressPrefix", "cidrSubnet(addressPrefix, 26, 0)"),
        ("properties.subnets.1.name", "endpointsSubnetName"),
        ("properties.subnets.1.properties.addressPrefix", "cidrSubnet(addressPrefix, 26, 1)"),
    ]),
    ("Microsoft.Network/privateDnsZones/virtualNetworkLinks", &[
        ("properties.registrationEnabled", "false"),
        ("location", "'global'"),
        ("properties.virtualNetwork.id", "virtualNetworkId"),
    ]),
    ("Microsoft.Network/privateEndpoints", &[
        ("properties.privateLinkServiceConnections.0.properties.groupIds", "[groupId]"),
        ("properties.privateLinkServiceConnections.0.properties.privateLinkServiceId", "targetId"),
    ]),
    ("Microsoft.Network/privateEndpoints/privateDnsZoneGroups", &[
        ("properties.privateDnsZoneConfigs.0.properties.privateDnsZoneId", "zone.id"),
    ]),
    ("Microsoft.Network/privateDnsZones", &[
        ("location", "'global'"),
    ]),
    ("Microsoft.Insights/scheduledQueryRules", &[
        ("kind", "'LogAlert'"),
        ("properties.enabled", "true"),
        ("properties.evaluationFrequency", "'PT15M'"),
        ("properties.windowSize", "'PT15M'"),
        ("properties.severity", "1"),
        ("properties.criteria.allOf.0.timeAggregation", "'Count'"),
        ("properties.criteria.allOf.0.operator", "'GreaterThanOrEqual'"),
        ("properties.criteria.allOf.0.threshold", "5"),
        ("properties.actions.actionGroups", "[receivers.id]"),
    ]),
    ("Microsoft.Insights/metricAlerts", &[
        ("properties.enabled", "true"),
        ("properties.actions", "[{ actionGroupId: receivers.id }]"),
        ("properties.criteria.allOf.0.metricNamespace", "'Microsoft.DocumentDB/databaseAccounts'"),
    ]),
];

pub(super) fn fixed(infra: &Infra) -> Vec<Finding> {
    let mut found = Vec::new();
    for (kind, rules) in FIXED {
        let mut resources = infra.resources_of(kind).peekable();
        if resources.peek().is_none() {
            found.push(Finding::new("infra", 0, format!("there is no {kind}")));
        }
        for (file, resource) in resources {
            for (path, expected) in *rules {
                let actual = resource.body.at(path);
                if actual.map(|actual| actual.text.as_str()) != Some(expected) {
                    let line = actual.map_or(resource.line, |actual| actual.line);
                    let message = format!("{path} of {kind} must be {expected}");
                    found.push(Finding::new(&file.path, line, message));
                }
            }
        }
    }
    found
}
