using '../main.bicep'

// Nobody is told of anything, and no more logs than the host's are paid for.
param environmentName = 'example'
param location = 'swedencentral'
param alertsEnabled = false
param cosmosDiagnostics = 'none'
param logDailyQuotaGb = -1
