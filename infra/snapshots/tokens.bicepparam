using '../main.bicep'

// The handler checks access tokens; a page of another origin calls it; telemetry goes to a collector.
param environmentName = 'example'
param location = 'swedencentral'
param jwtIssuer = 'https://login.microsoftonline.com/22222222-2222-2222-2222-222222222222/v2.0'
param jwtAudience = '44444444-4444-4444-4444-444444444444'
param jwtTenantId = '22222222-2222-2222-2222-222222222222'
param allowedOrigins = 'https://app.contoso.example'
param otlpEndpoint = 'https://collector.contoso.example'
param principalId = '33333333-3333-3333-3333-333333333333'
