@description('Name of the virtual network.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags { *: string }

@description('Its addresses: a prefix of 16 to 24 bits.')
param addressPrefix string

var appSubnetName = 'app'
var endpointsSubnetName = 'endpoints'

// The subnets are a part of it: as resources of their own, a second deployment would first take them away.
resource virtualNetwork 'Microsoft.Network/virtualNetworks@2025-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      {
        name: appSubnetName
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          delegations: [
            {
              name: 'flex-consumption'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: endpointsSubnetName
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 1)
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }
}

resource appSubnet 'Microsoft.Network/virtualNetworks/subnets@2025-07-01' existing = {
  parent: virtualNetwork
  name: appSubnetName
}

resource endpointsSubnet 'Microsoft.Network/virtualNetworks/subnets@2025-07-01' existing = {
  parent: virtualNetwork
  name: endpointsSubnetName
}

@description('Resource id.')
output id string = virtualNetwork.id

@description('Resource id of the subnet that the app is in.')
output appSubnetId string = appSubnet.id

@description('Resource id of the subnet that private endpoints are in.')
output endpointsSubnetId string = endpointsSubnet.id
