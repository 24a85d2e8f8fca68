@description('The end of the names of the alerts.')
param suffix string

@description('Region.')
param location string

@description('Tags.')
param tags { *: string }

@description('Resource id of the Application Insights component that has the requests.')
param applicationInsightsId string

@description('Resource id of the Log Analytics workspace.')
param workspaceId string

@description('Whether the workspace takes a limited amount of logs a day.')
param hasDailyQuota bool

@description('Resource id of the Cosmos DB account.')
param cosmosAccountId string

@description('Whether Cosmos DB is paid for by the request.')
param serverless bool

@description('Without serverless: request units a second that the container scales up to.')
param maxThroughput int

@description('Whether Cosmos DB logs the size and the throughput of partition keys.')
param logsPartitions bool

@description('With serverless: request units in one hour above which there is an alert.')
param requestUnitsPerHour int

@description('Address that alerts are sent to; empty: nowhere.')
param email string

// Serverless has 5,000 request units a second for each physical partition. Else it is at most 10,000, and what the
// container has is divided among as many as that takes.
var physicalPartitionThroughput = serverless ? 5000 : maxThroughput / ((maxThroughput + 9999) / 10000)

resource receivers 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'cosmos-func'
    emailReceivers: empty(email) ? [] : [{ name: 'email', emailAddress: email, useCommonAlertSchema: true }]
  }
}

var logAlerts = concat(
  [
    {
      name: 'alert-5xx'
      title: '5xx answers'
      description: 'Five or more answers of 500 or above within 15 minutes.'
      severity: 1
      scope: applicationInsightsId
      query: loadTextContent('../queries/server-errors.kql')
      window: 'PT15M'
      threshold: 4
    }
    {
      name: 'alert-memberships'
      title: 'reconcile_memberships does not succeed'
      description: 'The timer reconcile_memberships has not succeeded once in 30 minutes.'
      severity: 2
      scope: applicationInsightsId
      query: loadTextContent('../queries/memberships-not-reconciled.kql')
      window: 'PT30M'
      threshold: 0
    }
    {
      name: 'alert-moves'
      title: 'reconcile_moves does not succeed'
      description: 'The timer reconcile_moves has not succeeded once in 30 minutes.'
      severity: 2
      scope: applicationInsightsId
      query: loadTextContent('../queries/moves-not-reconciled.kql')
      window: 'PT30M'
      threshold: 0
    }
    {
      name: 'alert-storage'
      title: 'Storage is not ready'
      description: 'Three or more requests within 15 minutes found storage not configured, misconfigured or unavailable.'
      severity: 1
      scope: applicationInsightsId
      query: loadTextContent('../queries/storage-not-ready.kql')
      window: 'PT15M'
      threshold: 2
    }
  ],
  hasDailyQuota
    ? [
        {
          name: 'alert-daily-cap'
          title: 'The daily cap of logs is reached'
          description: 'No more logs are taken until the next day, and the alerts on them see nothing.'
          severity: 1
          scope: workspaceId
          query: loadTextContent('../queries/daily-cap.kql')
          window: 'PT15M'
          threshold: 0
        }
      ]
    : [],
  logsPartitions
    ? [
        {
          name: 'alert-partition-size'
          title: 'A partition key is nearly full'
          description: 'A partition key has more than 15 of the 20 GB that it can have.'
          severity: 2
          scope: workspaceId
          query: loadTextContent('../queries/partition-size.kql')
          window: 'P1D'
          threshold: 15
          measure: 'sizeGb'
        }
        {
          name: 'alert-partition-throughput'
          title: 'A partition key needs more than its share'
          description: 'A partition key used, for a minute, more than 80 % of the request units that its physical partition has.'
          severity: 2
          scope: workspaceId
          query: loadTextContent('../queries/partition-throughput.kql')
          window: 'PT15M'
          threshold: physicalPartitionThroughput * 8 / 10
          measure: 'requestUnitsPerSecond'
        }
      ]
    : []
)

resource logs 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for alert in logAlerts: {
    name: '${alert.name}-${suffix}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.title
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [alert.scope]
      evaluationFrequency: 'PT15M'
      windowSize: alert.window
      criteria: {
        allOf: [
          {
            query: alert.query
            // How many rows there are, or the highest of the rows of each partition key.
            timeAggregation: contains(alert, 'measure') ? 'Maximum' : 'Count'
            metricMeasureColumn: alert.?measure
            dimensions: contains(alert, 'measure') ? [{ name: 'PartitionKey', operator: 'Include', values: ['*'] }] : []
            operator: 'GreaterThan'
            threshold: alert.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      autoMitigate: true
      // Tables are not there before their first row.
      skipQueryValidation: true
      actions: { actionGroups: [receivers.id] }
    }
  }
]

// The handler repeats what was throttled, so a few of these do no harm.
resource throttling 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: 'alert-throttling-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'More than 50 requests within 5 minutes were throttled by Cosmos DB (429).'
    severity: 2
    enabled: true
    scopes: [cosmosAccountId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'throttled'
          metricNamespace: 'Microsoft.DocumentDB/databaseAccounts'
          metricName: 'TotalRequests'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 50
          dimensions: [
            {
              name: 'StatusCode'
              operator: 'Include'
              values: ['429']
            }
          ]
        }
      ]
    }
    actions: [{ actionGroupId: receivers.id }]
  }
}

// Paid for by the request, it is the sum that matters.
resource requestUnits 'Microsoft.Insights/metricAlerts@2026-01-01' = if (serverless) {
  name: 'alert-request-units-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'More request units were used within an hour than is usual: they are what Cosmos DB costs.'
    severity: 2
    enabled: true
    scopes: [cosmosAccountId]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT1H'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'request-units'
          metricNamespace: 'Microsoft.DocumentDB/databaseAccounts'
          metricName: 'TotalRequestUnits'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: requestUnitsPerHour
        }
      ]
    }
    actions: [{ actionGroupId: receivers.id }]
  }
}

// Paid for by the hour, it is how near the limit is.
resource utilisation 'Microsoft.Insights/metricAlerts@2026-01-01' = if (!serverless) {
  name: 'alert-utilisation-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    description: 'A partition has used more than 90 % of its request units for 15 minutes.'
    severity: 2
    enabled: true
    scopes: [cosmosAccountId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'utilisation'
          metricNamespace: 'Microsoft.DocumentDB/databaseAccounts'
          metricName: 'NormalizedRUConsumption'
          timeAggregation: 'Average'
          operator: 'GreaterThan'
          threshold: 90
        }
      ]
    }
    actions: [{ actionGroupId: receivers.id }]
  }
}
