/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Who listens; a customer never hears a warehouse code, the reason of a credit hold or the name of a system. */
export type Audience =
  | 'AGENT'
  | 'CUSTOMER';

/** One name of the thing asked about. Exactly one field is given. */
export type CaseKey =
  {   caseNumber: string; invoiceNumber?: never; orderNumber?: never; purchaseOrderNumber?: never; shipmentId?: never; trackingNumber?: never; }
  |  { caseNumber?: never;   invoiceNumber: string; orderNumber?: never; purchaseOrderNumber?: never; shipmentId?: never; trackingNumber?: never; }
  |  { caseNumber?: never; invoiceNumber?: never;   orderNumber: string; purchaseOrderNumber?: never; shipmentId?: never; trackingNumber?: never; }
  |  { caseNumber?: never; invoiceNumber?: never; orderNumber?: never;   purchaseOrderNumber: string; shipmentId?: never; trackingNumber?: never; }
  |  { caseNumber?: never; invoiceNumber?: never; orderNumber?: never; purchaseOrderNumber?: never;   shipmentId: string; trackingNumber?: never; }
  |  { caseNumber?: never; invoiceNumber?: never; orderNumber?: never; purchaseOrderNumber?: never; shipmentId?: never;   trackingNumber: string; };

/** What the customer asks about; WISMO: where is my order. */
export type CaseKind =
  | 'BILLING'
  | 'CREDIT'
  | 'DAMAGE'
  | 'LOSS'
  | 'OTHER'
  | 'RETURN'
  | 'SHORTAGE'
  | 'WISMO';

/** How urgent a case is. */
export type CasePriority =
  | 'HIGH'
  | 'LOW'
  | 'NORMAL'
  | 'URGENT';

/** The order-to-cash state across all systems. */
export type CaseViewStatus =
  | 'CANCELLED'
  | 'CLOSED'
  | 'DELIVERED'
  | 'EXCEPTION'
  | 'IN_FULFILLMENT'
  | 'IN_TRANSIT'
  | 'ON_HOLD'
  | 'OPEN'
  | 'RETURNED'
  | 'UNKNOWN';

/** Whether a source is called. */
export type CircuitState =
  | 'CLOSED'
  | 'HALF_OPEN'
  | 'OPEN';

/** What is claimed. */
export type ClaimKind =
  | 'DAMAGE'
  | 'DELAY'
  | 'LOSS'
  | 'OTHER'
  | 'OVERCHARGE'
  | 'SHORTAGE'
  | 'THEFT';

/** How far a claim is. */
export type ClaimStatus =
  | 'ACKNOWLEDGED'
  | 'APPROVED'
  | 'CLOSED'
  | 'DECLINED'
  | 'DRAFT'
  | 'FILED'
  | 'INFO_NEEDED'
  | 'IN_REVIEW'
  | 'OFFERED'
  | 'PAID'
  | 'PARTIALLY_APPROVED'
  | 'UNKNOWN'
  | 'WITHDRAWN';

/** What credit control says of a customer. */
export type CreditState =
  | 'BLOCKED_ALL'
  | 'BLOCKED_INVOICE'
  | 'BLOCKED_SHIP'
  | 'NEAR_LIMIT'
  | 'NOT_CHECKED'
  | 'OK'
  | 'OVER_LIMIT'
  | 'PARTIALLY_RELEASED'
  | 'RELEASED'
  | 'UNKNOWN';

/** Whether it is sure. */
export type DiscrepancyState =
  | 'CLEARED'
  | 'INCONCLUSIVE'
  | 'OPEN';

/** What kind of answer may be given; HANDOFF means that a person must look. */
export type EtaAnswerKind =
  | 'AWAITING_PICKUP'
  | 'DELIVERED'
  | 'ETA_WINDOW'
  | 'EXCEPTION'
  | 'HANDOFF'
  | 'UNKNOWN';

/** What kind of statement the answer rests on. */
export type EtaBasis =
  | 'ACTUAL'
  | 'CARRIER_ESTIMATE'
  | 'NONE'
  | 'PLANNED'
  | 'PREDICTED'
  | 'PROMISED';

/** How far the statement can be relied on. */
export type EtaConfidence =
  | 'CERTAIN'
  | 'HIGH'
  | 'LOW'
  | 'MEDIUM'
  | 'NONE';

/** How exact the statement is. */
export type EtaGranularity =
  | 'DAY'
  | 'HOUR'
  | 'MINUTE'
  | 'NONE';

/** What went wrong on the way. */
export type ExceptionKind =
  | 'ADDRESS_PROBLEM'
  | 'APPOINTMENT'
  | 'CREDIT_HOLD'
  | 'CUSTOMS_HOLD'
  | 'DAMAGE'
  | 'DELAY'
  | 'DOCUMENTS'
  | 'EQUIPMENT'
  | 'HOLD'
  | 'INCIDENT'
  | 'INSPECTION'
  | 'LOSS'
  | 'MISROUTED'
  | 'OTHER'
  | 'OVERAGE'
  | 'QUALITY'
  | 'RECIPIENT_UNAVAILABLE'
  | 'REFUSED'
  | 'REGULATORY'
  | 'SHORTAGE'
  | 'STOCK'
  | 'SUBSTITUTION'
  | 'TENDER_DECLINED'
  | 'WEATHER';

/** What the caller accepts. Every field left out takes the section's configured policy. */
export type FreshnessInput = {
  /** Longest the whole view may take; a source that has not answered by then is UNAVAILABLE. */
  deadline?: string | null | undefined;
  /** Oldest acceptable knowledge, measured on verifiedAt. */
  maxAge?: string | null | undefined;
  /** What to do with a section older than maxAge. */
  onStale?: OnStale | null | undefined;
};

/** How a section stands to the age asked for. */
export type FreshnessState =
  | 'FORBIDDEN'
  | 'FRESH'
  | 'REVALIDATING'
  | 'STALE'
  | 'UNAVAILABLE';

/** How far the warehouse is. */
export type FulfillmentStatus =
  | 'ALLOCATED'
  | 'CANCELLED'
  | 'CREATED'
  | 'INCOMPLETE'
  | 'LOADED'
  | 'ON_HOLD'
  | 'PACKED'
  | 'PARTIALLY_PICKED'
  | 'PARTIALLY_SHIPPED'
  | 'PICKED'
  | 'RELEASED'
  | 'SHIPPED'
  | 'STAGED'
  | 'UNKNOWN'
  | 'WAITING_STOCK';

/** What the hold is about. */
export type HoldKind =
  | 'COMPLIANCE'
  | 'CREDIT'
  | 'INVENTORY'
  | 'MANUAL'
  | 'OTHER'
  | 'QUALITY';

/** How far an invoice is, from draft to paid. */
export type InvoiceStatus =
  | 'CANCELLED'
  | 'CREDITED'
  | 'DRAFT'
  | 'IN_PAYMENT'
  | 'NOT_INVOICED'
  | 'OPEN'
  | 'OVERDUE'
  | 'PAID'
  | 'PARTIALLY_PAID'
  | 'PENDING_APPROVAL'
  | 'REVERSED'
  | 'UNKNOWN';

/** What happened to a shipment. */
export type MilestoneCode =
  | 'ARRIVED'
  | 'AVAILABLE_FOR_COLLECTION'
  | 'BOOKED'
  | 'CANCELLED'
  | 'CUSTOMS_HOLD'
  | 'CUSTOMS_RELEASED'
  | 'DELIVERED'
  | 'DELIVERY_ATTEMPTED'
  | 'DEPARTED'
  | 'DISPATCHED'
  | 'DOCUMENT'
  | 'ETA_CHANGED'
  | 'EXCEPTION_CLEARED'
  | 'EXCEPTION_RAISED'
  | 'GATE_IN'
  | 'GATE_OUT'
  | 'HANDED_OVER'
  | 'LOADED'
  | 'LOST'
  | 'OUT_FOR_DELIVERY'
  | 'PICKED_UP'
  | 'PROOF_OF_DELIVERY'
  | 'RETURNED'
  | 'RETURNING'
  | 'TENDERED'
  | 'TENDER_ACCEPTED'
  | 'TENDER_DECLINED'
  | 'UNKNOWN'
  | 'UNLOADED';

/** What to do with a section older than the age asked for. */
export type OnStale =
  | 'REFRESH'
  | 'SERVE_STALE'
  | 'STATE_ONLY';

/** What happened, in the words of the business. */
export type OperationalEventType =
  | 'CLAIM_UPDATED'
  | 'CREDIT_HELD'
  | 'DISCREPANCY_CLEARED'
  | 'DISCREPANCY_FOUND'
  | 'ETA_CHANGED'
  | 'INVOICE_POSTED'
  | 'IN_TRANSIT_MILESTONE'
  | 'LOAD_CONFIRMED'
  | 'ORDER_HELD'
  | 'ORDER_RELEASED'
  | 'PICK_CONFIRMED'
  | 'PROOF_OF_DELIVERY'
  | 'RETURN_RECEIVED'
  | 'SHIPMENT_EXCEPTION'
  | 'SHIPMENT_TENDER_ACCEPTED';

/** How far an order is, from entry to completion. */
export type OrderStatus =
  | 'CANCELLED'
  | 'COMPLETED'
  | 'CONFIRMED'
  | 'DRAFT'
  | 'ON_HOLD'
  | 'PARTIALLY_SHIPPED'
  | 'PENDING_APPROVAL'
  | 'RELEASED'
  | 'SHIPPED'
  | 'UNKNOWN';

/** How something came to be known. */
export type Origin =
  | 'API'
  | 'CACHE'
  | 'EVENT';

/** Who is responsible for an exception. */
export type Party =
  | 'CARRIER'
  | 'CONSIGNEE'
  | 'CUSTOMS'
  | 'FORCE_MAJEURE'
  | 'SHIPPER'
  | 'UNKNOWN';

/** Why a section is not fresh. */
export type ProblemCode =
  | 'BAD_RESPONSE'
  | 'CIRCUIT_OPEN'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ONLY_SENDS'
  | 'RATE_LIMITED'
  | 'TIMEOUT'
  | 'UNAUTHORIZED'
  | 'UNREACHABLE';

/** How far a return is. */
export type ReturnStatus =
  | 'AUTHORIZED'
  | 'CANCELLED'
  | 'CREDITED'
  | 'DISPOSED'
  | 'INSPECTED'
  | 'IN_TRANSIT'
  | 'RECEIVED'
  | 'REJECTED'
  | 'REQUESTED'
  | 'RESTOCKED'
  | 'UNKNOWN';

/** How far a case is. */
export type ServiceCaseStatus =
  | 'CANCELLED'
  | 'CLOSED'
  | 'NEW'
  | 'ON_HOLD'
  | 'OPEN'
  | 'PENDING_CUSTOMER'
  | 'RESOLVED'
  | 'UNKNOWN';

/**
 * How bad it is.
 *
 * CRITICAL: goods or money are being lost now. HIGH: a customer would be told something false. MEDIUM: to be dealt
 * with today. LOW: to be known.
 */
export type Severity =
  | 'CRITICAL'
  | 'HIGH'
  | 'LOW'
  | 'MEDIUM';

/** How far a shipment is; an exception is a different axis. */
export type ShipmentStatus =
  | 'AT_DELIVERY'
  | 'AT_PICKUP'
  | 'AVAILABLE_FOR_COLLECTION'
  | 'BOOKED'
  | 'CANCELLED'
  | 'DELIVERED'
  | 'DELIVERY_ATTEMPTED'
  | 'DISPATCHED'
  | 'IN_TRANSIT'
  | 'LOADED'
  | 'LOST'
  | 'OUT_FOR_DELIVERY'
  | 'PARTIALLY_DELIVERED'
  | 'PICKED_UP'
  | 'PLANNED'
  | 'RETURNED'
  | 'RETURNING'
  | 'TENDERED'
  | 'UNKNOWN';

/** Where a case stands against its service level. */
export type SlaState =
  | 'BREACHED'
  | 'MET'
  | 'NONE'
  | 'PAUSED'
  | 'RUNNING'
  | 'RUNNING_WITH_BREACH';

/** What a system of record is the authority for. */
export type SourceKind =
  | 'CLAIMS'
  | 'CRM'
  | 'ERP'
  | 'TMS'
  | 'WMS';

/** Between which two steps work stands. */
export type Stage =
  | 'DELIVERED_NOT_INVOICED'
  | 'DISPATCHED_NOT_PICKED_UP'
  | 'IN_TRANSIT_SILENT'
  | 'PAST_ETA'
  | 'PICKED_NOT_SHIPPED'
  | 'RELEASED_NOT_PICKED'
  | 'RETURN_NOT_CREDITED'
  | 'TENDERED_NOT_ACCEPTED';

/** Which work is asked for; what is left out does not matter. */
export type StalledFilter = {
  /** Name or Standard Carrier Alpha Code of the carrier who has it, or should. */
  carrier?: string | null | undefined;
  /** Who waits for it. */
  customerId?: string | number | null | undefined;
  /** Overdue for at least so long. */
  minOverdue?: string | null | undefined;
  /** Between which steps it stands. */
  stages?: Array<Stage> | null | undefined;
  /** Code of the warehouse where it stands. */
  warehouse?: string | null | undefined;
};

export type AgentCaseChangesSubscriptionVariables = Exact<{
  key: CaseKey;
  freshness?: FreshnessInput | null | undefined;
}>;


export type AgentCaseChangesSubscription = { caseViewChanged: { id: string, status: CaseViewStatus, completeness: number, headline: string, discrepancies: Array<{ id: string, rule: string, state: DiscrepancyState, severity: Severity, summary: string }>, orders: { id: string, freshness: { state: FreshnessState, verifiedAt: string | null }, nodes: Array<{ number: string, status: OrderStatus }> }, shipments: { id: string, freshness: { state: FreshnessState, verifiedAt: string | null }, nodes: Array<{ id: string, status: ShipmentStatus, eta: { estimatedAt: string | null, onDate: string | null } | null }> }, fulfillments: { id: string, freshness: { state: FreshnessState, verifiedAt: string | null }, nodes: Array<{ id: string, status: FulfillmentStatus }> } } };

export type AgentCaseQueryVariables = Exact<{
  key: CaseKey;
  freshness?: FreshnessInput | null | undefined;
  locale?: string | null | undefined;
  timeZone?: string | null | undefined;
}>;


export type AgentCaseQuery = { caseView: { id: string, status: CaseViewStatus, completeness: number, headline: string, serviceCase: { id: string, case: { number: string, subject: string, kind: CaseKind, status: ServiceCaseStatus, priority: CasePriority, openedAt: string, firstResponseDueAt: string | null, resolutionDueAt: string | null, slaState: SlaState, assignee: string | null, url: string | null } | null, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null }, customer: { id: string, customer: { id: string, name: string, email: string | null, phone: string | null, serviceLevel: string | null, url: string | null } | null, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null }, orders: { id: string, nodes: Array<{ number: string, purchaseOrderNumber: string | null, status: OrderStatus, statusLabel: string, orderedAt: string | null, orderedOn: string | null, requestedDeliveryOn: string | null, promisedDeliveryOn: string | null, url: string | null, holds: Array<{ kind: HoldKind, explanation: string }>, lines: Array<{ lineNumber: string, sku: string, description: string | null, orderedQuantity: string, shippedQuantity: string | null, invoicedQuantity: string | null, unitOfMeasure: string | null }>, total: { amount: string, currency: string } | null }>, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null }, shipments: { id: string, nodes: Array<{ id: string, trackingNumber: string | null, status: ShipmentStatus, statusLabel: string, trackingUrl: string | null, carrier: { name: string, scac: string | null } | null, exceptions: Array<{ kind: ExceptionKind, party: Party, detail: string | null, raisedAt: string, clearedAt: string | null }>, eta: { estimatedAt: string | null, earliest: string | null, latest: string | null, onDate: string | null, granularity: EtaGranularity, basis: EtaBasis, confidence: EtaConfidence, timeZone: string | null, delayMinutes: number | null } | null, proofOfDelivery: { signedBy: string | null, deliveredAt: string, exceptionsNoted: string | null, url: string | null } | null }>, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null }, fulfillments: { id: string, nodes: Array<{ id: string, warehouse: string | null, status: FulfillmentStatus, statusLabel: string, lines: Array<{ sku: string, orderedQuantity: string, pickedQuantity: string, packedQuantity: string | null, shippedQuantity: string | null, backorderedQuantity: string | null }>, packages: Array<{ id: string, trackingNumber: string | null }> }>, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null }, inventory: { id: string, nodes: Array<{ sku: string, warehouse: string, onHand: string, allocated: string, available: string, nextReceiptOn: string | null, nextReceiptQuantity: string | null }>, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null }, invoices: { id: string, nodes: Array<{ number: string, status: InvoiceStatus, statusLabel: string, dueOn: string | null, daysOverdue: number, isDisputed: boolean, total: { amount: string, currency: string }, balance: { amount: string, currency: string }, credits: Array<{ number: string, amount: { amount: string, currency: string } }> }>, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null }, credit: { id: string, credit: { customerId: string, status: CreditState, holdReason: string | null, limit: { amount: string, currency: string } | null, exposure: { amount: string, currency: string } | null, available: { amount: string, currency: string } | null, overdue: { amount: string, currency: string } | null } | null, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null }, returns: { id: string, nodes: Array<{ number: string, status: ReturnStatus, reason: string | null, requestedAt: string | null, receivedAt: string | null, lines: Array<{ sku: string, quantity: string, disposition: string | null }> }>, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null }, claims: { id: string, nodes: Array<{ number: string, kind: ClaimKind, status: ClaimStatus, filedOn: string | null, url: string | null, amount: { amount: string, currency: string } | null, deadlines: { fileBy: string | null, resolveBy: string | null } | null }>, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null } } | null };

type Known_ClaimsSection_Fragment = { id: string, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null };

type Known_CreditSection_Fragment = { id: string, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null };

type Known_CustomerSection_Fragment = { id: string, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null };

type Known_FulfillmentsSection_Fragment = { id: string, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null };

type Known_InventorySection_Fragment = { id: string, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null };

type Known_InvoicesSection_Fragment = { id: string, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null };

type Known_OrdersSection_Fragment = { id: string, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null };

type Known_ReturnsSection_Fragment = { id: string, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null };

type Known_ServiceCaseSection_Fragment = { id: string, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null };

type Known_ShipmentsSection_Fragment = { id: string, freshness: { state: FreshnessState, asOf: string | null, verifiedAt: string | null, ageSeconds: number | null, origin: Origin | null, source: string | null }, problem: { code: ProblemCode, source: string, message: string, retryAfterSeconds: number | null, correlationId: string } | null };

export type KnownFragment =
  | Known_ClaimsSection_Fragment
  | Known_CreditSection_Fragment
  | Known_CustomerSection_Fragment
  | Known_FulfillmentsSection_Fragment
  | Known_InventorySection_Fragment
  | Known_InvoicesSection_Fragment
  | Known_OrdersSection_Fragment
  | Known_ReturnsSection_Fragment
  | Known_ServiceCaseSection_Fragment
  | Known_ShipmentsSection_Fragment
;

export type AgentContradictionsQueryVariables = Exact<{
  key: CaseKey;
  locale?: string | null | undefined;
  timeZone?: string | null | undefined;
}>;


export type AgentContradictionsQuery = { caseView: { id: string, status: CaseViewStatus, headline: string, discrepancies: Array<{ id: string, rule: string, state: DiscrepancyState, severity: Severity, summary: string, suggestedAction: string, raisedAt: string, clearedAt: string | null, evidence: Array<{ source: string, entity: string, says: string, asOf: string | null }> }>, answers: Array<{ intent: CaseKind, audience: Audience, text: string, caveats: Array<string>, validUntil: string | null, basedOn: Array<{ source: string, entity: string, says: string, asOf: string | null }> }> } | null };

export type AgentEventsSubscriptionVariables = Exact<{
  types?: Array<OperationalEventType> | OperationalEventType | null | undefined;
  customerId?: string | number | null | undefined;
}>;


export type AgentEventsSubscription = { operationalEvents: { id: string, type: OperationalEventType, occurredAt: string, orderNumber: string | null, shipmentId: string | null, customerId: string | null, summary: string, correlationId: string | null } };

export type AgentStalledQueryVariables = Exact<{
  filter?: StalledFilter | null | undefined;
  first?: number;
  after?: string | null | undefined;
}>;


export type AgentStalledQuery = { stalled: { totalCount: number, byStage: Array<{ stage: Stage, count: number, oldestSince: string | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { stage: Stage, since: string, expectedBy: string, overdueSeconds: number, orderNumber: string, shipmentId: string | null, warehouse: string | null, carrier: string | null, lastEvent: string | null, caseNumbers: Array<string>, dataState: FreshnessState, valueAtRisk: { amount: string, currency: string } | null } }> } };

export type AgentTimelineQueryVariables = Exact<{
  key: CaseKey;
  first?: number;
  after?: string | null | undefined;
  sources?: Array<SourceKind> | SourceKind | null | undefined;
}>;


export type AgentTimelineQuery = { caseView: { id: string, timeline: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ cursor: string, node: { occurredAt: string, recordedAt: string, source: string, sourceKind: SourceKind, title: string, detail: string | null, entity: string } }> } } | null };

export type BotEtaQueryVariables = Exact<{
  key: CaseKey;
  locale?: string | null | undefined;
  timeZone?: string | null | undefined;
  postalCode?: string | null | undefined;
}>;


export type BotEtaQuery = { eta: { kind: EtaAnswerKind, message: string, promiseMet: boolean | null, status: ShipmentStatus, eta: { basis: EtaBasis, confidence: EtaConfidence, granularity: EtaGranularity, onDate: string | null, estimatedAt: string | null, earliest: string | null, latest: string | null, timeZone: string | null }, shipments: Array<{ id: string, trackingNumber: string | null, status: ShipmentStatus, carrier: { name: string } | null }>, freshness: { state: FreshnessState, verifiedAt: string | null, ageSeconds: number | null } } | null };

export type OpsDeadLettersQueryVariables = Exact<{
  source?: string | null | undefined;
  first?: number;
  after?: string | null | undefined;
}>;


export type OpsDeadLettersQuery = { deadLetters: { totalCount: number, pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { id: string, source: string, eventId: string | null, receivedAt: string, reason: string, attempts: number, payload: string, correlationId: string | null } }> } };

export type OpsSourcesQueryVariables = Exact<{ [key: string]: never; }>;


export type OpsSourcesQuery = { sources: Array<{ id: string, kinds: Array<SourceKind>, vendor: string, circuit: CircuitState, callsLastMinute: number, errorsLastMinute: number, latencyP50Ms: number | null, latencyP95Ms: number | null, lastSuccessAt: string | null, lastProblem: { code: ProblemCode, message: string, correlationId: string, retryAfterSeconds: number | null } | null, feed: { watermark: string | null, continuousSince: string | null, lagSeconds: number | null, gaps: number, pending: number, deadLetters: number } | null }> };

export type PanelShipmentsQueryVariables = Exact<{
  key: CaseKey;
  locale?: string | null | undefined;
}>;


export type PanelShipmentsQuery = { caseView: { id: string, status: CaseViewStatus, headline: string, shipments: { id: string, freshness: { state: FreshnessState, verifiedAt: string | null, ageSeconds: number | null }, nodes: Array<{ id: string, trackingNumber: string | null, status: ShipmentStatus, statusLabel: string, trackingUrl: string | null, carrier: { name: string } | null, exceptions: Array<{ kind: ExceptionKind, detail: string | null, raisedAt: string, clearedAt: string | null }>, eta: { estimatedAt: string | null, earliest: string | null, latest: string | null, onDate: string | null, timeZone: string | null, confidence: EtaConfidence } | null, milestones: Array<{ code: MilestoneCode, occurredAt: string, description: string | null, location: { city: string | null, region: string | null, countryCode: string | null } | null }>, proofOfDelivery: { deliveredAt: string, exceptionsNoted: string | null } | null }> } } | null };
