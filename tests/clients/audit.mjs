// What graphql-http's audit of GraphQL over HTTP says of the gateway: one line of JSON for each of its points.
import { auditServer } from "graphql-http";
import { authorization, say, url } from "./gateway.mjs";

const results = await auditServer({
  url: `${url}/graphql`,
  fetchFn: (address, init = {}) =>
    fetch(address, { ...init, headers: { ...Object.fromEntries(new Headers(init.headers)), authorization } }),
});
for (const { id, name, status, reason } of results) say({ id, name, status, reason });
