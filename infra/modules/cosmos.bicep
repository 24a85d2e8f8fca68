@description('Name of the account: lower case letters, digits and hyphens.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags { *: string }

@description('Name of the database.')
param databaseName string

@description('Name of the container.')
param containerName string

@description('Whether it is paid for by the request.')
param serverless bool

@description('Without serverless: request units a second that the container scales up to.')
param maxThroughput int

@allowed(['Continuous7Days', 'Continuous30Days'])
@description('How far back it can be restored to.')
param backupTier string

@description('Whether it is spread over availability zones.')
param zoneRedundant bool

@description('Whether it can be reached from the Internet.')
param publicAccess bool

@allowed(['none', 'partitions', 'requests'])
@description('What it logs.')
param diagnostics string

@description('Resource id of the Log Analytics workspace that its logs go to.')
param workspaceId string

// The one definition, of which the handler and the emulator are built, too.
var definition = loadJsonContent('../container.json')

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-04-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    capabilities: serverless ? [{ name: 'EnableServerless' }] : []
    locations: [
      {
        locationName: location
        failoverPriority: 0
        isZoneRedundant: zoneRedundant
      }
    ]
    // Uniqueness and entity tags hold where there is one region to write to.
    enableMultipleWriteLocations: false
    consistencyPolicy: { defaultConsistencyLevel: 'Session' }
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: { tier: backupTier }
    }
    // No keys: Entra ID only, and databases and containers change by deployments only.
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-04-15' = {
  parent: account
  name: databaseName
  properties: {
    resource: { id: databaseName }
  }
}

// There is no container for leases: no function has a Cosmos DB trigger.
resource container 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = {
  parent: database
  name: containerName
  properties: {
    resource: {
      id: containerName
      partitionKey: definition.partitionKey
      indexingPolicy: definition.indexingPolicy
      defaultTtl: definition.defaultTtl
    }
    // A serverless account refuses throughput.
    options: serverless ? null : { autoscaleSettings: { maxThroughput: maxThroughput } }
  }
}

var logged = concat(
  ['PartitionKeyStatistics', 'PartitionKeyRUConsumption'],
  diagnostics == 'requests' ? ['DataPlaneRequests'] : []
)

#disable-next-line use-recent-api-versions // The one stable version, of 2016, cannot choose the tables.
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (diagnostics != 'none') {
  scope: account
  name: 'log-analytics'
  properties: {
    workspaceId: workspaceId
    // Tables of their own, CDB…, instead of one for all of Azure.
    logAnalyticsDestinationType: 'Dedicated'
    logs: [for category in logged: { category: category, enabled: true }]
  }
}

@description('Resource id.')
output id string = account.id

@description('Name of the account.')
output name string = account.name

@description('URL of the account.')
output endpoint string = account.properties.documentEndpoint
