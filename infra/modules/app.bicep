@description('Name of the function app, and the first part of its host name.')
param name string

@description('Name of the plan. On Flex Consumption each app has one of its own.')
param planName string

@description('Region.')
param location string

@description('Tags.')
param tags { *: string }

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

@description('Client ids of other applications whose access tokens App Service Authentication accepts.')
param easyAuthAllowedApplications string[]

@description('Issuer of access tokens that the handler checks.')
param jwtIssuer string

@description('Audience of those tokens.')
param jwtAudience string

@description('The only tenant whose tokens are taken.')
param jwtTenantId string

@description('Discovery document of `jwtIssuer`, where it is not below the issuer itself, as with Azure AD B2C.')
param authMetadataUrl string

@description('Scope (`scp`) that callers must have, or one of `authRequiredRoles`. Empty: any.')
param authRequiredScope string

@description('App roles (`roles`) of which callers must have one, or `authRequiredScope`; separated by commas. Empty: any.')
param authRequiredRoles string

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

@allowed(['Recreate', 'RollingUpdate'])
@description('How a deployment replaces instances.')
param siteUpdateStrategy string

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

// Every setting of the host and of the handler. To the handler an empty one is as good as none.
var appSettings = [
  // The host: its storage and its telemetry, by identity.
  { name: 'AzureWebJobsStorage__accountName', value: storageAccountName }
  { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
  { name: 'AzureWebJobsStorage__clientId', value: identityClientId }
  { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: applicationInsightsConnectionString }
  { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'ClientId=${identityClientId};Authorization=AAD' }
  // The handler.
  { name: 'AZURE_CLIENT_ID', value: identityClientId }
  { name: 'AZURE_TOKEN_CREDENTIALS', value: 'ManagedIdentityCredential' }
  { name: 'COSMOS_ENDPOINT', value: cosmosEndpoint }
  { name: 'COSMOS_DATABASE_NAME', value: databaseName }
  { name: 'COSMOS_CONTAINER_ID', value: containerName }
  // Apps have no metadata service of virtual machines; the first opening of the container would wait for it.
  { name: 'COSMOS_DISABLE_IMDS', value: 'true' }
  { name: 'AUTH_MODE', value: authMode }
  { name: 'AUTH_ISSUER', value: jwtIssuer }
  { name: 'AUTH_AUDIENCE', value: jwtAudience }
  { name: 'AUTH_TENANT_ID', value: jwtTenantId }
  { name: 'AUTH_METADATA_URL', value: authMetadataUrl }
  { name: 'AUTH_REQUIRED_SCOPE', value: authRequiredScope }
  { name: 'AUTH_REQUIRED_ROLES', value: authRequiredRoles }
  { name: 'REQUEST_TIMEOUT_SECONDS', value: string(requestTimeoutSeconds) }
  { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: otlpEndpoint }
  { name: 'RUST_LOG', value: logFilter }
]

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
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

resource site 'Microsoft.Web/sites@2025-03-01' = {
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
      #disable-next-line BCP037 // The published types do not have this property yet.
      siteUpdateStrategy: { type: siteUpdateStrategy }
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
      appSettings: appSettings
    }
  }
}

// Deployments are made with Entra ID, never with a publish profile.
resource publishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'scm'
  properties: { allow: false }
}

resource authentication 'Microsoft.Web/sites/config@2025-03-01' = if (!empty(easyAuthClientId)) {
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
        validation: {
          allowedAudiences: [easyAuthClientId, 'api://${easyAuthClientId}']
          // Without it, every application of the tenant can get a token for this API and be let in.
          defaultAuthorizationPolicy: { allowedApplications: concat([easyAuthClientId], easyAuthAllowedApplications) }
        }
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
