// Mercurius with graphql-jit: the fastest GraphQL server on node that people use. Documents are kept once they are parsed.
import Fastify from 'fastify'
import mercurius from 'mercurius'
import { Pool } from 'undici'
import { keeps, port, resolvers, schema, upstream } from './systems.mjs'

const pool = new Pool(upstream, { connections: 64 })
const kept = new Map()

async function read (system, number) {
  const { body } = await pool.request({ method: 'GET', path: `/${system}/${number}` })
  return body.json()
}

async function readOnce (system, number) {
  const name = `${system}/${number}`
  if (!kept.has(name)) kept.set(name, await read(system, number))
  return kept.get(name)
}

const app = Fastify()
app.register(mercurius, { schema, resolvers: resolvers(keeps ? readOnce : read), jit: 1 })
await app.listen({ host: '127.0.0.1', port })
