// Apollo Client 4: queries over HTTP, subscriptions over graphql-ws, one cache.
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { authorization, end, say, url } from "./gateway.mjs";
import * as operations from "./operations.mjs";
import { connected } from "./socket.mjs";

const http = new HttpLink({ uri: `${url}/graphql`, headers: { authorization: await authorization() } });
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(connected()),
    http,
  ),
});
const ask = (text, variables) => client.query({ query: gql(text), variables, fetchPolicy: "network-only" });
const refused = async (text, variables) => {
  const error = await ask(text, variables).then(() => undefined, (error) => error);
  return CombinedGraphQLErrors.is(error) ? error.errors.map(operations.plain) : `${error}`;
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
