using '../main.bicep'

// App Service Authentication signs callers in; one other application may call; who deploys may write items.
param environmentName = 'example'
param location = 'swedencentral'
param easyAuthClientId = '44444444-4444-4444-4444-444444444444'
param easyAuthAllowedApplications = '55555555-5555-5555-5555-555555555555'
param principalId = '33333333-3333-3333-3333-333333333333'
param developerDataRole = 'contributor'
