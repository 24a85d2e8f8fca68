@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Name of the Application Insights component.')
param applicationInsightsName string

@description('Region.')
param location string

@description('Tags.')
param tags { *: string }

@description('Days that logs are kept.')
param retentionDays int

@description('GB a day after which no more logs are taken; -1: no limit.')
param dailyQuotaGb int

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true }
    workspaceCapping: { dailyQuotaGb: dailyQuotaGb }
  }
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: applicationInsightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    // Telemetry is taken from identities with the role Monitoring Metrics Publisher only.
    DisableLocalAuth: true
  }
}

// Under *Queries* of the workspace.
var savedQueries = [
  {
    name: 'busiest-workspaces'
    title: 'Workspaces with the most request units today'
    query: loadTextContent('../queries/saved/busiest-workspaces.kql')
  }
  {
    name: 'slowest-routes'
    title: 'Slowest routes today'
    query: loadTextContent('../queries/saved/slowest-routes.kql')
  }
  {
    name: 'cold-starts'
    title: 'Starts of instances today'
    query: loadTextContent('../queries/saved/cold-starts.kql')
  }
]

resource searches 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-02-01' = [
  for saved in savedQueries: {
    parent: workspace
    name: saved.name
    properties: {
      category: 'cosmos-functions'
      displayName: saved.title
      query: saved.query
      version: 2
    }
  }
]

@description('Resource id of the Log Analytics workspace.')
output workspaceId string = workspace.id

@description('Resource id of the component.')
output applicationInsightsId string = applicationInsights.id

@description('Name of the component.')
output applicationInsightsName string = applicationInsights.name

@description('Where telemetry goes to. Not a secret: without an identity nothing is taken.')
output connectionString string = applicationInsights.properties.ConnectionString
