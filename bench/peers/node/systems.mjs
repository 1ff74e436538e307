// What all servers of this folder share: where they listen, whom they ask, the schema, and whether they keep answers:
// if so, in memory, even beside those who keep theirs in Redis.
import { readFileSync } from 'node:fs'

export const port = Number(process.env.PORT)
export const upstream = process.env.BENCH_UPSTREAM
export const keeps = process.env.BENCH_KEEPS !== 'nothing'
export const systems = ['crm', 'erp', 'tms', 'wms']
export const schema = readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8')

// A resolver for each system, by what asks it: (number, context) => document.
export const resolvers = ask => ({
  Query: Object.fromEntries(
    systems.map(system => [system, (_root, { number }, context) => ask(system, number, context)])
  )
})
