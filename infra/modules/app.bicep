@description('Name of the function app, and the first part of its host name.')
param name string

@description('Name of the plan. On Flex Consumption each app has one of its own.')
param planName string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Resource id of the identity that the app has.')
param identityId string

@description('Client id of that identity.')
param identityClientId string

@description('Name of the storage account that the host uses.')
param storageAccountName string

@description('URL of the container that the deployed zip is in.')
param deploymentContainerUrl string

@description('Where telemetry goes to.')
param applicationInsightsConnectionString string

@description('URL of the Cosmos DB account.')
param cosmosEndpoint string

@description('Name of the database.')
param databaseName string

@description('Name of the container.')
param containerName string

@description('Client id of the app registration for App Service Authentication; empty: it is off.')
param easyAuthClientId string

@description('Issuer of access tokens that the handler checks.')
param jwtIssuer string

@description('Audience of those tokens.')
param jwtAudience string

@description('The only tenant whose tokens are taken.')
param jwtTenantId string

@description('Origins whose pages may call the API.')
param allowedOrigins string[]

@description('Memory of one instance in MB.')
param instanceMemoryMB int

@description('How many instances there may be.')
param maximumInstanceCount int

@description('Instances that are kept running for HTTP requests.')
param alwaysReadyInstances int

@description('Requests that one instance is sent at the same time.')
param httpConcurrency int

@description('Deadline of one request in seconds.')
param requestTimeoutSeconds int

@description('Log filter of the handler.')
param logFilter string

@description('Where the handler sends traces and metrics; empty: nowhere.')
param otlpEndpoint string

@description('Whether the plan is spread over availability zones.')
param zoneRedundant bool

@description('Resource id of the subnet that the app is in; empty: in none.')
param subnetId string

// Closed by default: without either, the handler answers 401 on every protected route.
var checksTokens = !empty(jwtIssuer) || !empty(jwtAudience)
var authMode = !empty(easyAuthClientId) ? 'easy-auth' : (checksTokens ? 'jwt' : '')

// Every setting of the host and of the handler. Those that are empty are left out.
var appSettings = {
  // The host: its storage and its telemetry, by identity.
  AzureWebJobsStorage__accountName: storageAccountName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  // The handler.
  AZURE_CLIENT_ID: identityClientId
  AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
  COSMOS_ENDPOINT: cosmosEndpoint
  COSMOS_DATABASE_NAME: databaseName
  COSMOS_CONTAINER_ID: containerName
  AUTH_MODE: authMode
  AUTH_ISSUER: jwtIssuer
  AUTH_AUDIENCE: jwtAudience
  AUTH_TENANT_ID: jwtTenantId
  REQUEST_TIMEOUT_SECONDS: string(requestTimeoutSeconds)
  OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint
  RUST_LOG: logFilter
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource site 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances > 0 ? [{ name: 'http', instanceCount: alwaysReadyInstances }] : []
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
      }
    }
    // Flex Consumption refuses most of what else can be in here.
    siteConfig: {
      minTlsVersion: '1.2'
      cors: { allowedOrigins: allowedOrigins }
      appSettings: map(
        filter(items(appSettings), setting => !empty(setting.value)),
        setting => { name: setting.key, value: setting.value }
      )
    }
  }
}

// Deployments are made with Entra ID, never with a publish profile.
resource publishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: site
  name: 'scm'
  properties: { allow: false }
}

resource authentication 'Microsoft.Web/sites/config@2024-11-01' = if (!empty(easyAuthClientId)) {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      excludedPaths: ['/api/health/live', '/api/health/ready']
    }
    httpSettings: { requireHttps: true }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: easyAuthClientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: { allowedAudiences: [easyAuthClientId, 'api://${easyAuthClientId}'] }
      }
    }
    // Nothing calls another API with the callers' tokens.
    login: { tokenStore: { enabled: false } }
  }
}

@description('Name of the function app.')
output name string = site.name

@description('Where it is.')
output url string = 'https://${site.properties.defaultHostName}'
