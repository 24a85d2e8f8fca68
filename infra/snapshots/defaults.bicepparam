using '../main.bicep'

// The cheapest deployment: nothing is set but what has to be.
param environmentName = 'example'
param location = 'swedencentral'
