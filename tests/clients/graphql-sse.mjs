// graphql-sse in its "distinct connections" mode: each operation is a request whose answer goes on.
import { createClient } from "graphql-sse";
import { authorization, end, say, url } from "./gateway.mjs";
import * as operations from "./operations.mjs";

const client = createClient({
  url: `${url}/graphql/stream`,
  headers: async () => ({ authorization: await authorization() }),
  retryAttempts: 100,
  retry: () => new Promise((resolve) => setTimeout(resolve, 200)),
});
const ask = async (query, variables) => (await client.iterate({ query, variables }).next()).value;
const refused = async (query, variables) => {
  const errors = await ask(query, variables).then(({ errors }) => errors, (errors) => errors);
  return Array.isArray(errors) ? errors.map(operations.plain) : `${errors}`;
};

if (operations.listened) {
  for await (const answer of client.iterate(operations.listened)) say(operations.heard(answer));
} else {
  say((await ask(operations.status, operations.known)).data.caseView.status);
  say((await ask(operations.status, operations.unknown)).data.caseView);
  say(await refused(operations.status, operations.unreadable));
  say(await refused(operations.wrong, operations.known));
  end();
}
