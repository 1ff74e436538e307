// The explorer: GraphiQL, asking the gateway that it was loaded from.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/graphiql.css";
import { createRoot } from "react-dom/client";
import { createElement } from "react";
import "./page.css";

const url = new URL("../graphql", location.origin + location.pathname);
const socket = new URL(url);
socket.protocol = url.protocol.replace("http", "ws");

const fetcher = createGraphiQLFetcher({ url: url.href, subscriptionUrl: socket.href });

// Over a socket the headers become the payload of connection_init, where the gateway reads names in lower case.
const inLowerCase = (headers = {}) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** The token of a link like /graphiql#token=..., which no server ever sees; it does not stay in the address. */
const takenToken = () => {
  const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
  history.replaceState(null, "", location.pathname);
  return token;
};

const headers = JSON.stringify({ Authorization: `Bearer ${takenToken()}` }, null, 2);
const examples = await (await fetch("tabs.json")).json();
const tabs = examples.map(({ query, variables }) => ({ query, variables: JSON.stringify(variables, null, 2), headers }));

// Who comes for the first time finds the examples, later what was left; of the first tab GraphiQL takes the query only.
if (localStorage.getItem("graphiql:tabState") === null) localStorage.setItem("graphiql:variables", tabs[0].variables);

createRoot(document.getElementById("graphiql")).render(
  createElement(GraphiQL, {
    fetcher: (asked, options) => fetcher(asked, { ...options, headers: inLowerCase(options?.headers) }),
    defaultTabs: tabs,
    defaultHeaders: headers,
    defaultEditorToolsVisibility: "headers",
  }),
);
