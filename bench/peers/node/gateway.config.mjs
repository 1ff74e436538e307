// Hive Gateway over the supergraph of mesh.config.mjs, with its response cache where answers are kept.
import { defineConfig } from '@graphql-hive/gateway'
import { keeps } from './systems.mjs'

const AN_HOUR_MS = 3600_000
const kept = {
  cache: { type: 'localforage' },
  responseCaching: { session: () => null, ttl: AN_HOUR_MS, includeExtensionMetadata: false }
}

export const gatewayConfig = defineConfig({
  host: '127.0.0.1',
  logging: 'error',
  pollingInterval: 0,
  ...(keeps ? kept : {})
})
