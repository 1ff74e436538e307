// Apollo Client with our type policies: queries that ask for no section's id, and a list in pages.
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { authorization, end, say, url } from "./gateway.mjs";
import { known } from "./operations.mjs";
import { possibleTypes, typePolicies } from "./type-policies.mjs";

const client = new ApolloClient({
  cache: new InMemoryCache({ possibleTypes, typePolicies }),
  link: new HttpLink({ uri: `${url}/graphql`, headers: { authorization: await authorization() } }),
});
const ask = (query, variables = known) => client.query({ query, variables, fetchPolicy: "network-only" });

const statuses = gql`query Statuses($key: CaseKey!) { caseView(key: $key) { id orders { freshness { state } nodes { number status } } } }`;
const totals = gql`query Totals($key: CaseKey!) { caseView(key: $key) { id orders { nodes { number total { amount } } } } }`;
const timeline = gql`query Timeline($key: CaseKey!, $after: String) {
  caseView(key: $key) { id timeline(first: 2, after: $after) { pageInfo { endCursor } edges { cursor } } }
}`;

await ask(statuses);
await ask(totals);
say(client.readQuery({ query: statuses, variables: known })?.caseView.orders.nodes);

const first = (await ask(timeline)).data.caseView.timeline;
await ask(timeline, { ...known, after: first.pageInfo.endCursor });
say(client.readQuery({ query: timeline, variables: known }).caseView.timeline.edges.length);
end();
