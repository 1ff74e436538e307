// Apollo Server with RESTDataSource, and its response cache where answers are kept.
import { RESTDataSource } from '@apollo/datasource-rest'
import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginCacheControl } from '@apollo/server/plugin/cacheControl'
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled'
import responseCache from '@apollo/server-plugin-response-cache'
import fastifyApollo, { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import Fastify from 'fastify'
import { keeps, port, resolvers, schema, upstream } from './systems.mjs'

const AN_HOUR = 3600
const responseCachePlugin = responseCache.default ?? responseCache

class Systems extends RESTDataSource {
  baseURL = `${upstream}/`

  read (system, number) {
    return this.get(`${system}/${number}`)
  }
}

const kept = () => [
  ApolloServerPluginCacheControl({ defaultMaxAge: AN_HOUR, calculateHttpHeaders: false }),
  responseCachePlugin()
]
const app = Fastify()
const server = new ApolloServer({
  typeDefs: schema,
  resolvers: resolvers((system, number, { read }) => read.read(system, number)),
  plugins: [fastifyApolloDrainPlugin(app), ...(keeps ? kept() : [ApolloServerPluginCacheControlDisabled()])]
})
await server.start()
await app.register(fastifyApollo(server), {
  context: async () => ({ read: new Systems({ cache: server.cache }) })
})
await app.listen({ host: '127.0.0.1', port })
