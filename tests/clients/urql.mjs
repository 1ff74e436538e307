// urql: names text/event-stream in the Accept of every query, and has to get JSON. Listens over graphql-ws, or over
// event streams with `listen-stream`.
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { authorization, end, say, url } from "./gateway.mjs";
import * as operations from "./operations.mjs";
import { connected } from "./socket.mjs";

const proof = await authorization();
const accepted = [];
const recording = async (address, init) => {
  const answer = await fetch(address, init);
  accepted.push({ asked: new Headers(init.headers).get("accept"), got: answer.headers.get("content-type") });
  return answer;
};
const overSocket = (sockets = connected()) =>
  subscriptionExchange({
    forwardSubscription: ({ query, variables }) => ({
      subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query, variables }, sink) }),
    }),
  });
const client = (exchanges, more = {}) =>
  new Client({ url: `${url}/graphql`, exchanges, fetch: recording, fetchOptions: { headers: { authorization: proof } }, preferGetMethod: false, ...more });

const asking = client([fetchExchange]);
const ask = (text, variables) => asking.query(text, variables).toPromise();
const refused = async (text, variables) => {
  const { error } = await ask(text, variables);
  return error?.graphQLErrors.length ? error.graphQLErrors.map(operations.plain) : `${error}`;
};

if (operations.listened) {
  const { query, variables } = operations.listened;
  const overStream = { url: `${url}/graphql/stream`, fetchSubscriptions: true };
  const listening = process.argv[2] === "listen-stream" ? client([fetchExchange], overStream) : client([overSocket()]);
  listening.subscription(query, variables).subscribe((answer) => say(operations.heard(answer)));
} else {
  say((await ask(operations.status, operations.known)).data.caseView.status);
  say((await ask(operations.status, operations.unknown)).data.caseView);
  say(await refused(operations.status, operations.unreadable));
  say(await refused(operations.wrong, operations.known));
  say(accepted[0]);
  end();
}
