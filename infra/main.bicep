targetScope = 'subscription'

@minLength(1)
@maxLength(32)
@description('Name of the azd environment. It is in the name of the resource group, and in the tag by which azd finds what it deployed.')
param environmentName string

@minLength(1)
@description('Region of everything, for example `swedencentral`. Flex Consumption is not in all of them: `az functionapp list-flexconsumption-locations` lists those it is in.')
param location string

@description('Name of the resource group, which is made when it is not there. Empty: `rg-` and the name of the environment.')
param resourceGroupName string = ''

@description('Client id of the app registration with which App Service Authentication signs callers in (AUTH_MODE `easy-auth`). Empty: it is off.')
param easyAuthClientId string = ''

@description('Client ids of the other applications whose access tokens App Service Authentication accepts, separated by commas. Its own client id is always accepted. Any other application of the tenant gets 403.')
param easyAuthAllowedApplications string = ''

@description('Issuer of the access tokens that the handler itself checks (AUTH_MODE `jwt`), exactly as they have it in `iss`. Only without `easyAuthClientId`. With neither, protected routes answer 401.')
param jwtIssuer string = ''

@description('Audience of those tokens, as they have it in `aud`; several with commas between them.')
param jwtAudience string = ''

@description('The only tenant (`tid`) whose tokens are taken. Empty: any that the issuer issues for.')
param jwtTenantId string = ''

@description('Discovery document of `jwtIssuer`, where it is not below the issuer itself, as with Azure AD B2C.')
param authMetadataUrl string = ''

@description('Scope (`scp`) that callers must have, or one of `authRequiredRoles`. Empty: any.')
param authRequiredScope string = ''

@description('App roles (`roles`) of which callers must have one, or `authRequiredScope`; separated by commas. Empty: any.')
param authRequiredRoles string = ''

@description('Origins whose pages may call the API from a browser (CORS), with commas between them. Empty: none.')
param allowedOrigins string = ''

@allowed([512, 2048, 4096])
@description('Memory of one instance in MB. It is paid for by the second while requests run.')
param instanceMemoryMB int = 2048

@minValue(1)
@maxValue(1000)
@description('Instances that the platform scales out to, counted separately for HTTP and for the timer. A burst has been reported to exceed it, so it is no hard limit on cost: the throughput of the database is one.')
param maximumInstanceCount int = 10

@minValue(0)
@maxValue(1000)
@description('Instances that are kept running for HTTP requests, so that none waits for a start. They are paid for all the time.')
param alwaysReadyInstances int = 0

@minValue(1)
@maxValue(1000)
@description('Requests that one instance is sent at the same time before another one is started. The handler runs 128 and lets as many wait.')
param httpConcurrency int = 100

@minValue(1)
@maxValue(220)
@description('Deadline of one request in seconds. The host gives up after 240.')
param requestTimeoutSeconds int = 30

@allowed(['Recreate', 'RollingUpdate'])
@description('How a deployment replaces instances: `Recreate` replaces all at once and ends requests in flight; `RollingUpdate` drains them, while both versions answer side by side.')
param siteUpdateStrategy string = 'Recreate'

@description('Log filter of the handler, for example `warn` or `info,rest=debug`.')
param logFilter string = 'info'

@description('Where traces and metrics go to (OTLP over HTTP). Empty: nowhere.')
param otlpEndpoint string = ''

@minLength(1)
@maxLength(255)
@description('Name of the Cosmos DB database.')
param databaseName string = 'app'

@minLength(1)
@maxLength(255)
@description('Name of the Cosmos DB container.')
param containerName string = 'items'

@description('Whether Cosmos DB is paid for by the request (serverless) or by the hour (autoscale). It cannot be changed later on.')
param cosmosServerless bool = true

@minValue(1000)
@maxValue(1000000)
@description('Without serverless: request units a second that the container scales up to, a multiple of 1000. At least a tenth of it is paid for all the time.')
param cosmosMaxThroughput int = 1000

@allowed(['Continuous7Days', 'Continuous30Days'])
@description('How far back Cosmos DB can be restored to. 7 days cost nothing.')
param cosmosBackupTier string = 'Continuous7Days'

@allowed(['none', 'partitions', 'requests'])
@description('What Cosmos DB logs: `partitions` is the size and the throughput of partition keys, which two of the alerts need; `requests` adds a line for every request. Both are paid for as logs.')
param cosmosDiagnostics string = 'partitions'

@description('Object id of who deploys, which azd knows. Empty: nobody is given `developerDataRole`.')
param principalId string = ''

@allowed(['none', 'reader', 'contributor'])
@description('What `principalId` may do with the items of the container: nothing, read, or read and write. Keys are off, so without a role nobody but the app sees an item.')
param developerDataRole string = 'reader'

@description('Whether the plan, the storage account and Cosmos DB are spread over availability zones. The region must have them. The platform then keeps two instances each for HTTP and for the timer running, and they are paid for.')
param zoneRedundant bool = false

@description('Whether the app is in a virtual network, and the storage account and Cosmos DB are reached by private endpoints only. Callers still reach the app from the Internet.')
param privateNetwork bool = false

@description('Addresses of that virtual network: a prefix of 16 to 24 bits.')
param virtualNetworkPrefix string = '10.0.0.0/16'

@minValue(30)
@maxValue(730)
@description('Days that logs are kept. The first 31 are free.')
param logRetentionDays int = 30

@minValue(-1)
@description('GB of logs a day after which no more are taken until the next day. -1: no limit.')
param logDailyQuotaGb int = 1

@description('Whether there are alerts. `docs/operate.md` lists them, with what to do about each.')
param alertsEnabled bool = true

@description('Address that alerts are sent to. Empty: they are only shown in the portal.')
param alertEmail string = ''

@minValue(1)
@description('With serverless: request units in one hour above which there is an alert.')
param alertRequestUnitsPerHour int = 1000000

var tags = { 'azd-env-name': environmentName }
var token = uniqueString(subscription().id, environmentName, location)
// Known before anything is deployed, so a preview can show what is named after them.
var identityName = 'id-${token}'
var storageAccountName = 'st${token}'
var applicationInsightsName = 'appi-${token}'
var cosmosAccountName = 'cosmos-${token}'

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: empty(resourceGroupName) ? 'rg-${environmentName}' : resourceGroupName
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: identityName
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: 'log-${token}'
    applicationInsightsName: applicationInsightsName
    location: location
    tags: tags
    retentionDays: logRetentionDays
    dailyQuotaGb: logDailyQuotaGb
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: storageAccountName
    location: location
    tags: tags
    zoneRedundant: zoneRedundant
    publicAccess: !privateNetwork
  }
}

module cosmos 'modules/cosmos.bicep' = {
  scope: group
  params: {
    name: cosmosAccountName
    location: location
    tags: tags
    databaseName: databaseName
    containerName: containerName
    serverless: cosmosServerless
    maxThroughput: cosmosMaxThroughput
    backupTier: cosmosBackupTier
    zoneRedundant: zoneRedundant
    publicAccess: !privateNetwork
    diagnostics: cosmosDiagnostics
    workspaceId: monitoring.outputs.workspaceId
  }
}

module roles 'modules/roles.bicep' = {
  scope: group
  params: {
    identityName: identityName
    storageAccountName: storageAccountName
    applicationInsightsName: applicationInsightsName
    cosmosAccountName: cosmosAccountName
    databaseName: databaseName
    containerName: containerName
    developerPrincipalId: principalId
    developerDataRole: developerDataRole
  }
  dependsOn: [identity, storage, monitoring, cosmos]
}

module network 'modules/network.bicep' = if (privateNetwork) {
  scope: group
  params: {
    name: 'vnet-${token}'
    location: location
    tags: tags
    addressPrefix: virtualNetworkPrefix
  }
}

// Where it is not deployed it has no outputs. The condition is for Azure, which must not look for them, `.?` for the
// compiler, which does not see what the condition means.
var virtualNetworkId = privateNetwork ? (network.?outputs.id ?? '') : ''
var appSubnetId = privateNetwork ? (network.?outputs.appSubnetId ?? '') : ''
var endpointsSubnetId = privateNetwork ? (network.?outputs.endpointsSubnetId ?? '') : ''

module storageEndpoint 'modules/private-endpoint.bicep' = if (privateNetwork) {
  scope: group
  params: {
    name: 'pe-storage-${token}'
    location: location
    tags: tags
    targetId: storage.outputs.id
    groupId: 'blob'
    zoneName: 'privatelink.blob.${environment().suffixes.storage}'
    virtualNetworkId: virtualNetworkId
    subnetId: endpointsSubnetId
  }
}

module cosmosEndpoint 'modules/private-endpoint.bicep' = if (privateNetwork) {
  scope: group
  params: {
    name: 'pe-cosmos-${token}'
    location: location
    tags: tags
    targetId: cosmos.outputs.id
    groupId: 'Sql'
    zoneName: 'privatelink.documents.azure.com'
    virtualNetworkId: virtualNetworkId
    subnetId: endpointsSubnetId
  }
}

module app 'modules/app.bicep' = {
  scope: group
  params: {
    name: 'func-${token}'
    planName: 'plan-${token}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    cosmosEndpoint: cosmos.outputs.endpoint
    databaseName: databaseName
    containerName: containerName
    easyAuthClientId: easyAuthClientId
    easyAuthAllowedApplications: empty(easyAuthAllowedApplications)
      ? []
      : map(split(easyAuthAllowedApplications, ','), id => trim(id))
    jwtIssuer: jwtIssuer
    jwtAudience: jwtAudience
    jwtTenantId: jwtTenantId
    authMetadataUrl: authMetadataUrl
    authRequiredScope: authRequiredScope
    authRequiredRoles: authRequiredRoles
    allowedOrigins: empty(allowedOrigins) ? [] : map(split(allowedOrigins, ','), origin => trim(origin))
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    httpConcurrency: httpConcurrency
    requestTimeoutSeconds: requestTimeoutSeconds
    siteUpdateStrategy: siteUpdateStrategy
    logFilter: logFilter
    otlpEndpoint: otlpEndpoint
    zoneRedundant: zoneRedundant
    subnetId: appSubnetId
  }
  // The host reads its storage when it starts: it needs the roles and the way there by then.
  dependsOn: [roles, storageEndpoint, cosmosEndpoint]
}

module alerts 'modules/alerts.bicep' = if (alertsEnabled) {
  scope: group
  params: {
    suffix: token
    location: location
    tags: tags
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    workspaceId: monitoring.outputs.workspaceId
    hasDailyQuota: logDailyQuotaGb != -1
    cosmosAccountId: cosmos.outputs.id
    serverless: cosmosServerless
    maxThroughput: cosmosMaxThroughput
    logsPartitions: cosmosDiagnostics != 'none'
    requestUnitsPerHour: alertRequestUnitsPerHour
    email: alertEmail
  }
}

@description('The region.')
output AZURE_LOCATION string = location

@description('The tenant that the identity is in.')
output AZURE_TENANT_ID string = tenant().tenantId

@description('The resource group.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The function app.')
output FUNCTION_APP_NAME string = app.outputs.name

@description('Where the API is, without `/api`.')
output API_URL string = app.outputs.url

@description('Client id of the identity that the app has.')
output APP_IDENTITY_CLIENT_ID string = identity.outputs.clientId

@description('The Application Insights component.')
output APPLICATION_INSIGHTS_NAME string = monitoring.outputs.applicationInsightsName

@description('The storage account.')
output STORAGE_ACCOUNT_NAME string = storage.outputs.name

@description('The Cosmos DB account.')
output COSMOS_ACCOUNT_NAME string = cosmos.outputs.name

@description('URL of the Cosmos DB account; with the next two what the handler needs to run elsewhere.')
output COSMOS_ENDPOINT string = cosmos.outputs.endpoint

@description('The database.')
output COSMOS_DATABASE_NAME string = databaseName

@description('The container.')
output COSMOS_CONTAINER_ID string = containerName

@description('The command that lets somebody else read items, once their object id is put in.')
output DATA_ROLE_COMMAND string = 'az cosmosdb sql role assignment create --resource-group ${group.name} --account-name ${cosmosAccountName} --scope /dbs/${databaseName}/colls/${containerName} --role-definition-id 00000000-0000-0000-0000-000000000001 --principal-id <object id>'
