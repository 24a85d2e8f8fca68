using '../main.bicep'

// infra/production.env, with the rest that a production set leaves open.
param environmentName = 'example'
param location = 'swedencentral'
param principalId = '33333333-3333-3333-3333-333333333333'
param easyAuthClientId = '44444444-4444-4444-4444-444444444444'
param alertEmail = 'on-call@contoso.example'
param zoneRedundant = true
param privateNetwork = true
param maximumInstanceCount = 100
param alwaysReadyInstances = 2
param siteUpdateStrategy = 'RollingUpdate'
param cosmosServerless = false
param cosmosMaxThroughput = 4000
param cosmosBackupTier = 'Continuous30Days'
param developerDataRole = 'none'
param logRetentionDays = 90
param logDailyQuotaGb = 10
