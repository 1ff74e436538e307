// What every client asks, so that all of them can be told apart by their answers alone.
export const status = /* GraphQL */ `
  query Status($key: CaseKey!) {
    caseView(key: $key) { id status }
  }
`;

export const numbers = /* GraphQL */ `
  query Numbers($key: CaseKey!) {
    caseView(key: $key) { id orders { id nodes { number status } } }
  }
`;

export const freshness = /* GraphQL */ `
  query Freshness($key: CaseKey!) {
    caseView(key: $key) { id orders { id freshness { state } } }
  }
`;

export const wrong = /* GraphQL */ `
  query Wrong($key: CaseKey!) {
    caseView(key: $key) { nothingOfThatName }
  }
`;

export const holds = /* GraphQL */ `
  subscription Holds {
    operationalEvents(types: [ORDER_HELD]) { type orderNumber }
  }
`;

export const changes = /* GraphQL */ `
  subscription Changes($key: CaseKey!) {
    caseViewChanged(key: $key) { orders { nodes { number status } } }
  }
`;

export const known = { key: { orderNumber: "SO-1001" } };
export const unknown = { key: { orderNumber: "SO-9999" } };
export const unreadable = { key: { orderNumber: "a\nb" } };

/** What a test compares of an error, wherever a client keeps it. */
export const plain = ({ message, extensions }) => ({ message, code: extensions?.code, has: Object.keys(extensions ?? {}) });

/** What a client that runs with this argument listens to. */
export const listened = {
  listen: { query: holds, variables: {} },
  "listen-stream": { query: holds, variables: {} },
  watch: { query: changes, variables: known },
}[process.argv[2]];

/** What was heard, or why nothing was. */
export const heard = ({ data, error, errors }) =>
  data?.operationalEvents ?? data?.caseViewChanged.orders.nodes[0] ?? { wrong: `${error ?? JSON.stringify(errors)}` };
