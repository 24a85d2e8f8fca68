@description('The end of the names of the alerts.')
param suffix string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Resource id of the Application Insights component that has the requests.')
param applicationInsightsId string

@description('Resource id of the Cosmos DB account.')
param cosmosAccountId string

@description('Whether Cosmos DB is paid for by the request.')
param serverless bool

@description('With serverless: request units in one hour above which there is an alert.')
param requestUnitsPerHour int

@description('Address that alerts are sent to; empty: nowhere.')
param email string

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

// The host's requests, by their status: the platform's own count of 5xx is not to be relied on with Flex Consumption.
resource serverErrors 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: 'alert-5xx-${suffix}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: '5xx answers'
    description: 'Five or more answers of 500 or above within 15 minutes.'
    severity: 1
    enabled: true
    scopes: [applicationInsightsId]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT15M'
    criteria: {
      allOf: [
        {
          query: 'requests | where toint(resultCode) >= 500'
          timeAggregation: 'Count'
          operator: 'GreaterThanOrEqual'
          threshold: 5
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    autoMitigate: true
    // The table is not there before the first request.
    skipQueryValidation: true
    actions: { actionGroups: [receivers.id] }
  }
}

// The handler repeats what was throttled, so a few of these do no harm.
resource throttling 'Microsoft.Insights/metricAlerts@2018-03-01' = {
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
resource requestUnits 'Microsoft.Insights/metricAlerts@2018-03-01' = if (serverless) {
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
resource utilisation 'Microsoft.Insights/metricAlerts@2018-03-01' = if (!serverless) {
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
