using '../main.bicep'

// Storage and Cosmos DB by private endpoints only, in addresses of one's own choice.
param environmentName = 'example'
param location = 'swedencentral'
param privateNetwork = true
param virtualNetworkPrefix = '10.20.0.0/20'
