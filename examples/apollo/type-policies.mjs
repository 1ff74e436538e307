// For Apollo Client's cache: new InMemoryCache({ typePolicies, possibleTypes }).
//
// A case view and its sections have ids: what two queries ask of one section is merged without any policy if both ask
// for `id`. These policies merge what is asked without it, know entities by their numbers, and put pages together.

/** What belongs to whatever it is found in: merged with what is there, never put in its place. */
const part = { merge: true };

/**
 * Known by this field if it was asked for.
 * @param {string} field
 * @returns {import("@apollo/client").TypePolicy}
 */
const knownBy = (field) => ({ keyFields: (entity) => (entity[field] == null ? false : [field]) });

/**
 * The next page is put behind those before; the first one starts anew.
 * @param {string} argument tells lists apart
 * @returns {import("@apollo/client").FieldPolicy}
 */
const paged = (argument) => ({
  keyArgs: [argument],
  merge: (before, page, { args }) =>
    args?.after ? { ...page, edges: [...(before?.edges ?? []), ...(page.edges ?? [])] } : page,
});

/** @type {import("@apollo/client").PossibleTypesMap} */
export const possibleTypes = {
  Section: [
    "ServiceCaseSection",
    "CustomerSection",
    "OrdersSection",
    "ShipmentsSection",
    "FulfillmentsSection",
    "InventorySection",
    "InvoicesSection",
    "CreditSection",
    "ReturnsSection",
    "ClaimsSection",
  ],
};

/** @type {import("@apollo/client").TypePolicies} */
export const typePolicies = {
  Query: { fields: { stalled: paged("filter"), deadLetters: paged("source") } },
  CaseView: {
    fields: {
      timeline: paged("sources"),
      serviceCase: part,
      customer: part,
      orders: part,
      shipments: part,
      fulfillments: part,
      inventory: part,
      invoices: part,
      credit: part,
      returns: part,
      claims: part,
    },
  },
  ServiceCase: knownBy("number"),
  Order: knownBy("number"),
  Invoice: knownBy("number"),
  Return: knownBy("number"),
  Claim: knownBy("number"),
};
