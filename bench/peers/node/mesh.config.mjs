// Composes the systems into one supergraph, as Mesh does for whoever has REST only: a subgraph each, by JSON Schema.
import { writeFileSync } from 'node:fs'
import { defineConfig } from '@graphql-mesh/compose-cli'
import { loadJSONSchemaSubgraph } from '@omnigraph/json-schema'
import { buildSchema, getNullableType, isListType, isNonNullType, isObjectType } from 'graphql'
import { schema, systems, upstream } from './systems.mjs'

const SCALARS = { Float: 'number', ID: 'string', Int: 'integer', String: 'string' }
const DEFINITIONS = './definitions.json'

function typed (type) {
  const nullable = getNullableType(type)
  if (isListType(nullable)) return { type: 'array', items: typed(nullable.ofType) }
  return isObjectType(nullable) ? { $ref: `#/definitions/${nullable.name}` } : { type: SCALARS[nullable.name] }
}

function defined (type) {
  const fields = Object.values(type.getFields())
  return {
    type: 'object',
    title: type.name,
    properties: Object.fromEntries(fields.map(field => [field.name, typed(field.type)])),
    required: fields.filter(field => isNonNullType(field.type)).map(field => field.name)
  }
}

function subgraph (system) {
  const type = `${system[0].toUpperCase()}${system.slice(1)}`
  return {
    sourceHandler: loadJSONSchemaSubgraph(system, {
      endpoint: upstream,
      operations: [{
        type: 'Query',
        field: system,
        path: `/${system}/{args.number}`,
        method: 'GET',
        argTypeMap: { number: { type: 'string', nullable: false } },
        responseSchema: `${DEFINITIONS}#/definitions/${type}`
      }]
    })
  }
}

const types = Object.values(buildSchema(schema).getTypeMap())
const own = types.filter(type => isObjectType(type) && type.name !== 'Query' && !type.name.startsWith('__'))
writeFileSync(DEFINITIONS, JSON.stringify({ definitions: Object.fromEntries(own.map(type => [type.name, defined(type)])) }))

export const composeConfig = defineConfig({ subgraphs: systems.map(subgraph) })
