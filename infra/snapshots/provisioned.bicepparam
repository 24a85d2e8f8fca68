using '../main.bicep'

// Throughput by the hour, on several physical partitions, with a log line for every request.
param environmentName = 'example'
param location = 'swedencentral'
param cosmosServerless = false
param cosmosMaxThroughput = 25000
param cosmosDiagnostics = 'requests'
