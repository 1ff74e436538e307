// Apollo Client 3, which many still have: as apollo-4, in its older words.
import { ApolloClient, HttpLink, InMemoryCache, gql, split } from "apollo-client-3/core/index.js";
import { GraphQLWsLink } from "apollo-client-3/link/subscriptions/index.js";
import { getMainDefinition } from "apollo-client-3/utilities/index.js";
import { authorization, end, say, url } from "./gateway.mjs";
import * as operations from "./operations.mjs";
import { connected } from "./socket.mjs";

const http = new HttpLink({ uri: `${url}/graphql`, headers: { authorization: await authorization() } });
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: split(
    ({ query }) => getMainDefinition(query).operation === "subscription",
    new GraphQLWsLink(connected()),
    http,
  ),
});
const ask = (text, variables) => client.query({ query: gql(text), variables, fetchPolicy: "network-only" });
const refused = async (text, variables) => {
  const error = await ask(text, variables).then(() => undefined, (error) => error);
  const errors = error?.networkError?.result?.errors ?? error?.graphQLErrors;
  return errors?.length ? errors.map(operations.plain) : `${error}`;
};

if (operations.listened) {
  const { query, variables } = operations.listened;
  client.subscribe({ query: gql(query), variables }).subscribe((answer) => say(operations.heard(answer)));
} else {
  say((await ask(operations.status, operations.known)).data.caseView.status);
  say((await ask(operations.status, operations.unknown)).data.caseView);
  say(await refused(operations.status, operations.unreadable));
  say(await refused(operations.wrong, operations.known));
  await ask(operations.numbers, operations.known);
  await ask(operations.freshness, operations.known);
  say(client.readQuery({ query: gql(operations.numbers), variables: operations.known })?.caseView.orders);
  end();
}
