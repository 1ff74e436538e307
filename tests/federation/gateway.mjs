// A real Apollo Gateway before subgraphs, for tests: `node gateway.mjs <name>=<url> ...`.
// It composes what the subgraphs say of themselves, prints one line of JSON, and ends with its standard input.
import { composeServices } from "@apollo/composition";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { parse } from "graphql";

const FORWARDED = ["authorization", "x-correlation-id"];

class Forwarding extends RemoteGraphQLDataSource {
  willSendRequest({ request, context }) {
    for (const name of FORWARDED) {
      if (context[name]) request.http.headers.set(name, context[name]);
    }
  }
}

async function toldBy(url) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ _service { sdl } }" }),
  });
  return parse((await response.json()).data._service.sdl);
}

const say = (value) => console.log(JSON.stringify(value));
const subgraphs = await Promise.all(
  process.argv.slice(2).map(async (argument) => {
    const [name, url] = argument.split("=");
    return { name, url, typeDefs: await toldBy(url) };
  }),
);
const composed = composeServices(subgraphs);
if (composed.errors) {
  say({ errors: composed.errors.map((error) => error.message) });
  process.exit(1);
}
const gateway = new ApolloGateway({
  supergraphSdl: composed.supergraphSdl,
  buildService: ({ url }) => new Forwarding({ url }),
});
const server = new ApolloServer({ gateway });
const { url } = await startStandaloneServer(server, {
  listen: { host: "127.0.0.1", port: 0 },
  context: async ({ req }) => Object.fromEntries(FORWARDED.map((name) => [name, req.headers[name]])),
});
say({ url, supergraph: composed.supergraphSdl, hints: composed.hints.map((hint) => hint.message) });
process.stdin.resume().on("end", () => process.exit(0));
