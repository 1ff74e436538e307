export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** Date (isoformat) */
  Date: { input: string; output: string; }
  /** Date with time (isoformat) */
  DateTime: { input: string; output: string; }
  /** Decimal (fixed-point) */
  Decimal: { input: string; output: string; }
  /** ISO 8601 duration, e.g. PT30S, P2D */
  Duration: { input: string; output: string; }
};

/** Who listens; a customer never hears a warehouse code, the reason of a credit hold or the name of a system. */
export type Audience =
  | 'AGENT'
  | 'CUSTOMER';

/** Who moves it. */
export type Carrier = {
  name: Scalars['String']['output'];
  /** Standard Carrier Alpha Code */
  scac?: Maybe<Scalars['String']['output']>;
};

/** One name of the thing asked about. Exactly one field is given. */
export type CaseKey =
  { caseNumber: Scalars['String']['input']; invoiceNumber?: never; orderNumber?: never; purchaseOrderNumber?: never; shipmentId?: never; trackingNumber?: never; }
  |  { caseNumber?: never; invoiceNumber: Scalars['String']['input']; orderNumber?: never; purchaseOrderNumber?: never; shipmentId?: never; trackingNumber?: never; }
  |  { caseNumber?: never; invoiceNumber?: never; orderNumber: Scalars['String']['input']; purchaseOrderNumber?: never; shipmentId?: never; trackingNumber?: never; }
  |  { caseNumber?: never; invoiceNumber?: never; orderNumber?: never; purchaseOrderNumber: Scalars['String']['input']; shipmentId?: never; trackingNumber?: never; }
  |  { caseNumber?: never; invoiceNumber?: never; orderNumber?: never; purchaseOrderNumber?: never; shipmentId: Scalars['String']['input']; trackingNumber?: never; }
  |  { caseNumber?: never; invoiceNumber?: never; orderNumber?: never; purchaseOrderNumber?: never; shipmentId?: never; trackingNumber: Scalars['String']['input']; };

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

/** What all systems know of one case */
export type CaseView = {
  /** What to answer next, by rule, from the facts above: to each question of the case, for each audience. */
  answers: Array<SuggestedAnswer>;
  /** What is claimed. */
  claims: ClaimsSection;
  /** Sections known (fresh or stale) over sections asked for, 0..1. */
  completeness: Scalars['Float']['output'];
  /** How much credit the customer has. */
  credit: CreditSection;
  /** Who ordered. */
  customer: CustomerSection;
  /** Where the systems contradict each other, worst first; what was found lately and is over comes last. */
  discrepancies: Array<Discrepancy>;
  /** What the warehouse does. */
  fulfillments: FulfillmentsSection;
  /** One sentence that can be said to the customer. */
  headline: Scalars['String']['output'];
  /** Opaque, stable for the same key. */
  id: Scalars['ID']['output'];
  /** What is in stock. */
  inventory: InventorySection;
  /** What was billed. */
  invoices: InvoicesSection;
  /** What was ordered. */
  orders: OrdersSection;
  /** What comes back. */
  returns: ReturnsSection;
  /** The service case that the view is about. */
  serviceCase: ServiceCaseSection;
  /** What is on the road. */
  shipments: ShipmentsSection;
  /** The order-to-cash state across all systems. */
  status: CaseViewStatus;
  /** Everything that happened, from every system, newest first; with `sources`, only of systems of these kinds. */
  timeline: TimelineConnection;
};


/** What all systems know of one case */
export type CaseViewAnswersArgs = {
  locale?: InputMaybe<Scalars['String']['input']>;
  timeZone?: InputMaybe<Scalars['String']['input']>;
};


/** What all systems know of one case */
export type CaseViewHeadlineArgs = {
  locale?: InputMaybe<Scalars['String']['input']>;
  timeZone?: InputMaybe<Scalars['String']['input']>;
};


/** What all systems know of one case */
export type CaseViewTimelineArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
  sources?: InputMaybe<Array<SourceKind>>;
};

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

/** What is demanded for damage, loss or delay, and how far that is. */
export type Claim = {
  amount?: Maybe<Money>;
  carrierReference?: Maybe<Scalars['String']['output']>;
  deadlines?: Maybe<ClaimDeadlines>;
  /** What the claimant wrote */
  description?: Maybe<Scalars['String']['output']>;
  documents: Array<ClaimDocument>;
  filedOn?: Maybe<Scalars['Date']['output']>;
  kind: ClaimKind;
  number: Scalars['String']['output'];
  orderNumber?: Maybe<Scalars['String']['output']>;
  shipmentId?: Maybe<Scalars['ID']['output']>;
  /** The status in the source's own word */
  sourceStatus?: Maybe<Scalars['String']['output']>;
  status: ClaimStatus;
  trackingNumber?: Maybe<Scalars['String']['output']>;
  updatedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Where a person can look it up */
  url?: Maybe<Scalars['String']['output']>;
};

/** Until when who has to act. */
export type ClaimDeadlines = {
  acknowledgeBy?: Maybe<Scalars['Date']['output']>;
  fileBy?: Maybe<Scalars['Date']['output']>;
  resolveBy?: Maybe<Scalars['Date']['output']>;
};

/** One piece of evidence. */
export type ClaimDocument = {
  isPresent: Scalars['Boolean']['output'];
  kind: Scalars['String']['output'];
  /** Where a person can look it up */
  url?: Maybe<Scalars['String']['output']>;
};

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

/** What is claimed */
export type ClaimsSection = Section & {
  freshness: Freshness;
  /** <case view id>#<section>, so that client caches merge sections instead of replacing them */
  id: Scalars['ID']['output'];
  /** The claims. */
  nodes: Array<Claim>;
  problem?: Maybe<SourceProblem>;
};

/** Whether a milestone is planned, expected, or happened (DCSA: PLN, EST, ACT). */
export type Classifier =
  | 'ACTUAL'
  | 'ESTIMATED'
  | 'PLANNED';

/** A credit memo given against an invoice. */
export type CreditNote = {
  amount: Money;
  issuedOn?: Maybe<Scalars['Date']['output']>;
  number: Scalars['String']['output'];
};

/** How much credit the customer has */
export type CreditSection = Section & {
  /** The credit status. */
  credit?: Maybe<CreditStatus>;
  freshness: Freshness;
  /** <case view id>#<section>, so that client caches merge sections instead of replacing them */
  id: Scalars['ID']['output'];
  problem?: Maybe<SourceProblem>;
};

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

/** How much credit a customer has, and how much is used. */
export type CreditStatus = {
  available?: Maybe<Money>;
  customerId: Scalars['ID']['output'];
  /** What is used of the limit: open invoices and open orders */
  exposure?: Maybe<Money>;
  holdReason?: Maybe<Scalars['String']['output']>;
  limit?: Maybe<Money>;
  overdue?: Maybe<Money>;
  paymentTerms?: Maybe<Scalars['String']['output']>;
  /** The status in the source's own word */
  sourceStatus?: Maybe<Scalars['String']['output']>;
  status: CreditState;
};

/** Who ordered. */
export type Customer = {
  email?: Maybe<Scalars['String']['output']>;
  id: Scalars['ID']['output'];
  name: Scalars['String']['output'];
  phone?: Maybe<Scalars['String']['output']>;
  serviceLevel?: Maybe<Scalars['String']['output']>;
  /** Where a person can look it up */
  url?: Maybe<Scalars['String']['output']>;
};

/** Who ordered */
export type CustomerSection = Section & {
  /** The customer. */
  customer?: Maybe<Customer>;
  freshness: Freshness;
  /** <case view id>#<section>, so that client caches merge sections instead of replacing them */
  id: Scalars['ID']['output'];
  problem?: Maybe<SourceProblem>;
};

/** An event, or a system's own message, that was taken but could not be applied. */
export type DeadLetter = {
  attempts: Scalars['Int']['output'];
  correlationId?: Maybe<Scalars['String']['output']>;
  eventId?: Maybe<Scalars['String']['output']>;
  id: Scalars['ID']['output'];
  /** Its shape: the keys, and what each value is; with `reveal` as it came, which the audit log keeps. */
  payload: Scalars['String']['output'];
  reason: Scalars['String']['output'];
  receivedAt: Scalars['DateTime']['output'];
  source: Scalars['String']['output'];
};


/** An event, or a system's own message, that was taken but could not be applied. */
export type DeadLetterPayloadArgs = {
  reveal?: Scalars['Boolean']['input'];
};

/** Dead letters, newest first */
export type DeadLetterConnection = {
  edges: Array<DeadLetterEdge>;
  pageInfo: PageInfo;
  totalCount: Scalars['Int']['output'];
};

/** A dead letter and where it is in the list */
export type DeadLetterEdge = {
  cursor: Scalars['String']['output'];
  node: DeadLetter;
};

/** What became of a dead letter; `message` says why it still fails. */
export type DeadLetterOutcome = {
  id: Scalars['ID']['output'];
  message?: Maybe<Scalars['String']['output']>;
  outcome: DeadLetterResult;
};

/** What became of a dead letter. */
export type DeadLetterResult =
  | 'APPLIED'
  | 'DISCARDED'
  | 'NOT_FOUND'
  | 'STILL_FAILING';

/** What became of each dead letter */
export type DeadLettersPayload = {
  outcomes: Array<DeadLetterOutcome>;
  userErrors: Array<UserError>;
};

/** One contradiction. INCONCLUSIVE while something that it needs is stale or missing: neither silent nor raised. */
export type Discrepancy = {
  clearedAt?: Maybe<Scalars['DateTime']['output']>;
  evidence: Array<Evidence>;
  id: Scalars['ID']['output'];
  raisedAt: Scalars['DateTime']['output'];
  rule: Scalars['String']['output'];
  severity: Severity;
  state: DiscrepancyState;
  suggestedAction: Scalars['String']['output'];
  summary: Scalars['String']['output'];
};

/** Whether it is sure. */
export type DiscrepancyState =
  | 'CLEARED'
  | 'INCONCLUSIVE'
  | 'OPEN';

/** What a customer contests. */
export type Dispute = {
  amount?: Maybe<Money>;
  openedOn?: Maybe<Scalars['Date']['output']>;
  owner?: Maybe<Scalars['String']['output']>;
  reason?: Maybe<Scalars['String']['output']>;
};

/** The best statement about delivery that the facts support. */
export type Eta = {
  basis: EtaBasis;
  /** What happened before it was moved to a later time, if that is told */
  changeReason?: Maybe<ExceptionKind>;
  confidence: EtaConfidence;
  /** How many such windows hold, as a fraction; of a prediction */
  coverage?: Maybe<Scalars['Float']['output']>;
  /** estimatedAt - plannedAt, in minutes; positive is late */
  delayMinutes?: Maybe<Scalars['Int']['output']>;
  earliest?: Maybe<Scalars['DateTime']['output']>;
  /** Best single instant; null when nothing supports one, or when the source knows only the day */
  estimatedAt?: Maybe<Scalars['DateTime']['output']>;
  /** What was said first */
  firstEstimatedAt?: Maybe<Scalars['DateTime']['output']>;
  /** As firstEstimatedAt, where a day was said */
  firstOnDate?: Maybe<Scalars['Date']['output']>;
  granularity: EtaGranularity;
  latest?: Maybe<Scalars['DateTime']['output']>;
  /** Comparable deliveries that are known, if a prediction was looked for */
  learnedFrom?: Maybe<Scalars['Int']['output']>;
  /** How many of these it takes to predict, if there are too few */
  learningNeeds?: Maybe<Scalars['Int']['output']>;
  /** The delivery day in the delivery place's own time zone: a day that a source gives as a day stays a day */
  onDate?: Maybe<Scalars['Date']['output']>;
  plannedAt?: Maybe<Scalars['DateTime']['output']>;
  /** What it was before the last change */
  previousEstimatedAt?: Maybe<Scalars['DateTime']['output']>;
  /** As previousEstimatedAt, where a day was said */
  previousOnDate?: Maybe<Scalars['Date']['output']>;
  /** When it was changed, else when it was last said to be otherwise */
  revisedAt?: Maybe<Scalars['DateTime']['output']>;
  /** How often it was changed, as far as is known; null: nobody says */
  revisions?: Maybe<Scalars['Int']['output']>;
  /** IANA zone of the place of delivery */
  timeZone?: Maybe<Scalars['String']['output']>;
};

/** What a bot may say; small, and no more than the facts support */
export type EtaAnswer = {
  /** Of the last shipment to come; of basis NONE if no date may be said */
  eta: Eta;
  /** Of what the answer rests on, the oldest */
  freshness: Freshness;
  kind: EtaAnswerKind;
  /** For the end customer, in the locale and time zone asked for; claims no more than the data supports */
  message: Scalars['String']['output'];
  /** Whether it came as promised; before it came, only ever false or null */
  promiseMet?: Maybe<Scalars['Boolean']['output']>;
  shipments: Array<Shipment>;
  /** Of the shipment that is spoken of first */
  status: ShipmentStatus;
};

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

/** What one system says, in its own words; asOf is when that last changed there. */
export type Evidence = {
  asOf?: Maybe<Scalars['DateTime']['output']>;
  entity: Scalars['String']['output'];
  says: Scalars['String']['output'];
  source: Scalars['String']['output'];
};

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

/** What has been heard of a source's feed: its events, or the changes that it is asked for. */
export type FeedStatus = {
  continuousSince?: Maybe<Scalars['DateTime']['output']>;
  deadLetters: Scalars['Int']['output'];
  gaps: Scalars['Int']['output'];
  lagSeconds?: Maybe<Scalars['Float']['output']>;
  pending: Scalars['Int']['output'];
  watermark?: Maybe<Scalars['DateTime']['output']>;
};

/** How old a section is, where it comes from, and how that was decided. */
export type Freshness = {
  ageSeconds?: Maybe<Scalars['Float']['output']>;
  asOf?: Maybe<Scalars['DateTime']['output']>;
  maxAgeSeconds?: Maybe<Scalars['Float']['output']>;
  origin?: Maybe<Origin>;
  source?: Maybe<Scalars['String']['output']>;
  state: FreshnessState;
  verifiedAt?: Maybe<Scalars['DateTime']['output']>;
};

/** What the caller accepts. Every field left out takes the section's configured policy. */
export type FreshnessInput = {
  /** Longest the whole view may take; a source that has not answered by then is UNAVAILABLE. */
  deadline?: InputMaybe<Scalars['Duration']['input']>;
  /** Oldest acceptable knowledge, measured on verifiedAt. */
  maxAge?: InputMaybe<Scalars['Duration']['input']>;
  /** What to do with a section older than maxAge. */
  onStale?: InputMaybe<OnStale>;
};

/** How a section stands to the age asked for. */
export type FreshnessState =
  | 'FORBIDDEN'
  | 'FRESH'
  | 'REVALIDATING'
  | 'STALE'
  | 'UNAVAILABLE';

/** One delivery out of one warehouse. */
export type Fulfillment = {
  holds: Array<Hold>;
  id: Scalars['ID']['output'];
  lines: Array<FulfillmentLine>;
  orderNumber: Scalars['String']['output'];
  packages: Array<Package>;
  packedAt?: Maybe<Scalars['DateTime']['output']>;
  pickedAt?: Maybe<Scalars['DateTime']['output']>;
  releasedAt?: Maybe<Scalars['DateTime']['output']>;
  shippedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The status in the source's own word */
  sourceStatus?: Maybe<Scalars['String']['output']>;
  status: FulfillmentStatus;
  /** The status in the reader's words; sourceStatus keeps the system's own. */
  statusLabel: Scalars['String']['output'];
  /** Where a person can look it up */
  url?: Maybe<Scalars['String']['output']>;
  warehouse?: Maybe<Scalars['String']['output']>;
};


/** One delivery out of one warehouse. */
export type FulfillmentStatusLabelArgs = {
  audience?: InputMaybe<Audience>;
  locale?: InputMaybe<Scalars['String']['input']>;
};

/** What is to leave, and how far it has come; null means that the warehouse does not say. */
export type FulfillmentLine = {
  allocatedQuantity?: Maybe<Scalars['Decimal']['output']>;
  backorderedQuantity?: Maybe<Scalars['Decimal']['output']>;
  orderedQuantity: Scalars['Decimal']['output'];
  packedQuantity?: Maybe<Scalars['Decimal']['output']>;
  pickedQuantity: Scalars['Decimal']['output'];
  shippedQuantity?: Maybe<Scalars['Decimal']['output']>;
  sku: Scalars['String']['output'];
};

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

/** What the warehouse does */
export type FulfillmentsSection = Section & {
  freshness: Freshness;
  /** <case view id>#<section>, so that client caches merge sections instead of replacing them */
  id: Scalars['ID']['output'];
  /** The fulfillments. */
  nodes: Array<Fulfillment>;
  problem?: Maybe<SourceProblem>;
};

/** Why something does not move: who owns it, and what releases it. */
export type Hold = {
  /** Why it is held, who decides and what releases it; a customer hears no reason. */
  explanation: Scalars['String']['output'];
  kind: HoldKind;
  /** Who decides; where the source does not say, who usually does. */
  owner?: Maybe<Scalars['String']['output']>;
  placedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The reason in the source's own words */
  reason?: Maybe<Scalars['String']['output']>;
  /** What has to happen; where the source does not say, what usually has to. */
  releasesWhen?: Maybe<Scalars['String']['output']>;
  /** Where a person can look it up */
  url?: Maybe<Scalars['String']['output']>;
};


/** Why something does not move: who owns it, and what releases it. */
export type HoldExplanationArgs = {
  audience?: InputMaybe<Audience>;
  locale?: InputMaybe<Scalars['String']['input']>;
};

/** What the hold is about. */
export type HoldKind =
  | 'COMPLIANCE'
  | 'CREDIT'
  | 'INVENTORY'
  | 'MANUAL'
  | 'OTHER'
  | 'QUALITY';

/** One item in one warehouse; quantities are in the item's base unit. */
export type InventoryPosition = {
  allocated: Scalars['Decimal']['output'];
  available: Scalars['Decimal']['output'];
  nextReceiptOn?: Maybe<Scalars['Date']['output']>;
  nextReceiptQuantity?: Maybe<Scalars['Decimal']['output']>;
  onHand: Scalars['Decimal']['output'];
  sku: Scalars['String']['output'];
  warehouse: Scalars['String']['output'];
};

/** What is in stock of the items of the orders */
export type InventorySection = Section & {
  freshness: Freshness;
  /** <case view id>#<section>, so that client caches merge sections instead of replacing them */
  id: Scalars['ID']['output'];
  /** The stock positions. */
  nodes: Array<InventoryPosition>;
  problem?: Maybe<SourceProblem>;
};

/** What the customer owes for which orders. */
export type Invoice = {
  /** What is still to be paid */
  balance: Money;
  credits: Array<CreditNote>;
  customerId?: Maybe<Scalars['String']['output']>;
  daysOverdue: Scalars['Int']['output'];
  dispute?: Maybe<Dispute>;
  dueOn?: Maybe<Scalars['Date']['output']>;
  isDisputed: Scalars['Boolean']['output'];
  issuedOn?: Maybe<Scalars['Date']['output']>;
  number: Scalars['String']['output'];
  orderNumbers: Array<Scalars['String']['output']>;
  /** The status in the source's own word */
  sourceStatus?: Maybe<Scalars['String']['output']>;
  status: InvoiceStatus;
  /** The status in the reader's words; sourceStatus keeps the system's own. */
  statusLabel: Scalars['String']['output'];
  total: Money;
  /** Where a person can look it up */
  url?: Maybe<Scalars['String']['output']>;
};


/** What the customer owes for which orders. */
export type InvoiceStatusLabelArgs = {
  audience?: InputMaybe<Audience>;
  locale?: InputMaybe<Scalars['String']['input']>;
};

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

/** What was billed */
export type InvoicesSection = Section & {
  freshness: Freshness;
  /** <case view id>#<section>, so that client caches merge sections instead of replacing them */
  id: Scalars['ID']['output'];
  /** The invoices. */
  nodes: Array<Invoice>;
  problem?: Maybe<SourceProblem>;
};

/** A place as far as the source names it. */
export type Location = {
  city?: Maybe<Scalars['String']['output']>;
  /** ISO 3166-1 alpha-2 */
  countryCode?: Maybe<Scalars['String']['output']>;
  name?: Maybe<Scalars['String']['output']>;
  postalCode?: Maybe<Scalars['String']['output']>;
  region?: Maybe<Scalars['String']['output']>;
  /** IANA time zone of the place */
  timeZone?: Maybe<Scalars['String']['output']>;
  /** UN/LOCODE */
  unlocode?: Maybe<Scalars['String']['output']>;
};

/** One thing that happened, or is expected to happen. */
export type Milestone = {
  classifier: Classifier;
  code: MilestoneCode;
  description?: Maybe<Scalars['String']['output']>;
  eventId?: Maybe<Scalars['String']['output']>;
  location?: Maybe<Location>;
  occurredAt: Scalars['DateTime']['output'];
  recordedAt: Scalars['DateTime']['output'];
  /** Configured id of the source, or the carrier that the source quotes */
  source: Scalars['String']['output'];
  /** The code exactly as the source sent it */
  sourceCode: Scalars['String']['output'];
};

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

/** An exact amount in one currency. */
export type Money = {
  amount: Scalars['Decimal']['output'];
  /** ISO 4217 code, e.g. EUR */
  currency: Scalars['String']['output'];
};

/** Everything that can be done */
export type Mutation = {
  /** Give events up; the reason is kept on record. */
  discardDeadLetters: DeadLettersPayload;
  /** Ask the systems of record now, whatever the state says, and return the view; with `sources`, only systems of these kinds. */
  refreshCaseView: RefreshCaseViewPayload;
  /** Try to apply events that failed, once more. */
  retryDeadLetters: DeadLettersPayload;
};


/** Everything that can be done */
export type MutationDiscardDeadLettersArgs = {
  ids: Array<Scalars['ID']['input']>;
  reason: Scalars['String']['input'];
};


/** Everything that can be done */
export type MutationRefreshCaseViewArgs = {
  key: CaseKey;
  sources?: InputMaybe<Array<SourceKind>>;
};


/** Everything that can be done */
export type MutationRetryDeadLettersArgs = {
  ids: Array<Scalars['ID']['input']>;
};

/** What to do with a section older than the age asked for. */
export type OnStale =
  | 'REFRESH'
  | 'SERVE_STALE'
  | 'STATE_ONLY';

/** One event, derived once from a change of what is known; the same change always has the same id. */
export type OperationalEvent = {
  correlationId?: Maybe<Scalars['String']['output']>;
  /** Opaque; listening after it, nothing is told again and nothing left out */
  cursor: Scalars['String']['output'];
  customerId?: Maybe<Scalars['ID']['output']>;
  id: Scalars['ID']['output'];
  occurredAt: Scalars['DateTime']['output'];
  orderNumber?: Maybe<Scalars['String']['output']>;
  shipmentId?: Maybe<Scalars['ID']['output']>;
  summary: Scalars['String']['output'];
  type: OperationalEventType;
};

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

/** What a customer ordered and was promised. */
export type Order = {
  /** The customer's number in the ERP */
  customerId?: Maybe<Scalars['String']['output']>;
  holds: Array<Hold>;
  lines: Array<OrderLine>;
  number: Scalars['String']['output'];
  orderedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The order day, where the ERP keeps no time of day */
  orderedOn?: Maybe<Scalars['Date']['output']>;
  promisedDeliveryOn?: Maybe<Scalars['Date']['output']>;
  /** The customer's own number of the order */
  purchaseOrderNumber?: Maybe<Scalars['String']['output']>;
  requestedDeliveryOn?: Maybe<Scalars['Date']['output']>;
  /** Where it is to be delivered */
  shipTo?: Maybe<Location>;
  /** The status in the source's own word */
  sourceStatus?: Maybe<Scalars['String']['output']>;
  status: OrderStatus;
  /** The status in the reader's words; sourceStatus keeps the system's own. */
  statusLabel: Scalars['String']['output'];
  total?: Maybe<Money>;
  /** Where a person can look it up */
  url?: Maybe<Scalars['String']['output']>;
};


/** What a customer ordered and was promised. */
export type OrderStatusLabelArgs = {
  audience?: InputMaybe<Audience>;
  locale?: InputMaybe<Scalars['String']['input']>;
};

/** One line of an order; quantities are in the line's unit of measure. */
export type OrderLine = {
  description?: Maybe<Scalars['String']['output']>;
  invoicedQuantity?: Maybe<Scalars['Decimal']['output']>;
  lineNumber: Scalars['String']['output'];
  orderedQuantity: Scalars['Decimal']['output'];
  shippedQuantity?: Maybe<Scalars['Decimal']['output']>;
  sku: Scalars['String']['output'];
  unitOfMeasure?: Maybe<Scalars['String']['output']>;
};

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

/** What was ordered */
export type OrdersSection = Section & {
  freshness: Freshness;
  /** <case view id>#<section>, so that client caches merge sections instead of replacing them */
  id: Scalars['ID']['output'];
  /** The orders. */
  nodes: Array<Order>;
  problem?: Maybe<SourceProblem>;
};

/** How something came to be known. */
export type Origin =
  | 'API'
  | 'CACHE'
  | 'EVENT';

/** One handling unit. */
export type Package = {
  id: Scalars['ID']['output'];
  /** GS1 Serial Shipping Container Code */
  sscc?: Maybe<Scalars['String']['output']>;
  trackingNumber?: Maybe<Scalars['String']['output']>;
  weightKg?: Maybe<Scalars['Decimal']['output']>;
};

/** Where a page lies in its list */
export type PageInfo = {
  endCursor?: Maybe<Scalars['String']['output']>;
  hasNextPage: Scalars['Boolean']['output'];
  hasPreviousPage: Scalars['Boolean']['output'];
  startCursor?: Maybe<Scalars['String']['output']>;
};

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

/** Who took it, and when. */
export type ProofOfDelivery = {
  deliveredAt: Scalars['DateTime']['output'];
  exceptionsNoted?: Maybe<Scalars['String']['output']>;
  signedBy?: Maybe<Scalars['String']['output']>;
  /** Where a person can look it up */
  url?: Maybe<Scalars['String']['output']>;
};

/** Everything that can be asked */
export type Query = {
  /** The single case view. Null when no system knows the key. */
  caseView?: Maybe<CaseView>;
  /** Up to 50 views in one request, in the order of the keys; upstream calls are batched across them. */
  caseViews: Array<Maybe<CaseView>>;
  /** Events that were taken but could not be applied, newest first; for operators. */
  deadLetters: DeadLetterConnection;
  /** The answer to 'where is it, when does it arrive', small enough for a bot. With a postal code, only if it goes there: null for what does not, as for what no system knows. */
  eta?: Maybe<EtaAnswer>;
  /** Where the operational events are now: who begins to listen after it loses nothing even before the first event. */
  operationalEventsCursor: Scalars['String']['output'];
  /** Health of every system of record: circuit, latency, errors. */
  sources: Array<SourceStatus>;
  /** Work that stands longer than it may, longest overdue first. */
  stalled: StalledConnection;
};


/** Everything that can be asked */
export type QueryCaseViewArgs = {
  freshness?: InputMaybe<FreshnessInput>;
  key: CaseKey;
};


/** Everything that can be asked */
export type QueryCaseViewsArgs = {
  freshness?: InputMaybe<FreshnessInput>;
  keys: Array<CaseKey>;
};


/** Everything that can be asked */
export type QueryDeadLettersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
  source?: InputMaybe<Scalars['String']['input']>;
};


/** Everything that can be asked */
export type QueryEtaArgs = {
  freshness?: InputMaybe<FreshnessInput>;
  key: CaseKey;
  locale?: InputMaybe<Scalars['String']['input']>;
  postalCode?: InputMaybe<Scalars['String']['input']>;
  timeZone?: InputMaybe<Scalars['String']['input']>;
};


/** Everything that can be asked */
export type QueryStalledArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<StalledFilter>;
  first?: Scalars['Int']['input'];
};

/** The view, read now */
export type RefreshCaseViewPayload = {
  caseView?: Maybe<CaseView>;
  userErrors: Array<UserError>;
};

/** One return merchandise authorization. */
export type Return = {
  lines: Array<ReturnLine>;
  number: Scalars['String']['output'];
  orderNumber: Scalars['String']['output'];
  reason?: Maybe<Scalars['String']['output']>;
  receivedAt?: Maybe<Scalars['DateTime']['output']>;
  requestedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The status in the source's own word */
  sourceStatus?: Maybe<Scalars['String']['output']>;
  status: ReturnStatus;
  /** Where a person can look it up */
  url?: Maybe<Scalars['String']['output']>;
};

/** What comes back. */
export type ReturnLine = {
  disposition?: Maybe<Scalars['String']['output']>;
  quantity: Scalars['Decimal']['output'];
  sku: Scalars['String']['output'];
};

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

/** What comes back */
export type ReturnsSection = Section & {
  freshness: Freshness;
  /** <case view id>#<section>, so that client caches merge sections instead of replacing them */
  id: Scalars['ID']['output'];
  /** The returns. */
  nodes: Array<Return>;
  problem?: Maybe<SourceProblem>;
};

/** Entities of one kind, and how far they can be relied on */
export type Section = {
  freshness: Freshness;
  /** <case view id>#<section>, so that client caches merge sections instead of replacing them */
  id: Scalars['ID']['output'];
  problem?: Maybe<SourceProblem>;
};

/** One question of a customer to the service desk. */
export type ServiceCase = {
  assignee?: Maybe<Scalars['String']['output']>;
  closedAt?: Maybe<Scalars['DateTime']['output']>;
  customerId?: Maybe<Scalars['String']['output']>;
  firstResponseDueAt?: Maybe<Scalars['DateTime']['output']>;
  kind: CaseKind;
  number: Scalars['String']['output'];
  openedAt: Scalars['DateTime']['output'];
  orderNumbers: Array<Scalars['String']['output']>;
  priority: CasePriority;
  resolutionDueAt?: Maybe<Scalars['DateTime']['output']>;
  /** What the desk shows of shipments */
  shown: Array<ShownShipment>;
  slaState: SlaState;
  /** The status in the source's own word */
  sourceStatus?: Maybe<Scalars['String']['output']>;
  status: ServiceCaseStatus;
  subject: Scalars['String']['output'];
  /** Where a person can look it up */
  url?: Maybe<Scalars['String']['output']>;
};

/** The service case that the view is about, or the latest about its orders */
export type ServiceCaseSection = Section & {
  /** The case. */
  case?: Maybe<ServiceCase>;
  freshness: Freshness;
  /** <case view id>#<section>, so that client caches merge sections instead of replacing them */
  id: Scalars['ID']['output'];
  problem?: Maybe<SourceProblem>;
};

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

/** Goods under way with one carrier. */
export type Shipment = {
  billOfLading?: Maybe<Scalars['String']['output']>;
  carrier?: Maybe<Carrier>;
  eta?: Maybe<Eta>;
  /** Open ones first */
  exceptions: Array<ShipmentException>;
  freshness: Freshness;
  id: Scalars['ID']['output'];
  /** Oldest first by occurredAt */
  milestones: Array<Milestone>;
  mode: TransportMode;
  orderNumbers: Array<Scalars['String']['output']>;
  proofOfDelivery?: Maybe<ProofOfDelivery>;
  /** The status in the source's own word */
  sourceStatus?: Maybe<Scalars['String']['output']>;
  status: ShipmentStatus;
  /** The status in the reader's words; sourceStatus keeps the system's own. */
  statusLabel: Scalars['String']['output'];
  stops: Array<Stop>;
  trackingNumber?: Maybe<Scalars['String']['output']>;
  /** Where a person can look it up */
  trackingUrl?: Maybe<Scalars['String']['output']>;
  /** Where a person can look it up */
  url?: Maybe<Scalars['String']['output']>;
};


/** Goods under way with one carrier. */
export type ShipmentStatusLabelArgs = {
  audience?: InputMaybe<Audience>;
  locale?: InputMaybe<Scalars['String']['input']>;
};

/** An axis of its own: an exception never moves the status, and has a lifetime. */
export type ShipmentException = {
  clearedAt?: Maybe<Scalars['DateTime']['output']>;
  detail?: Maybe<Scalars['String']['output']>;
  kind: ExceptionKind;
  party: Party;
  raisedAt: Scalars['DateTime']['output'];
  sourceCode?: Maybe<Scalars['String']['output']>;
};

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

/** What is on the road */
export type ShipmentsSection = Section & {
  freshness: Freshness;
  /** <case view id>#<section>, so that client caches merge sections instead of replacing them */
  id: Scalars['ID']['output'];
  /** The shipments. */
  nodes: Array<Shipment>;
  problem?: Maybe<SourceProblem>;
};

/** What the service desk shows its people of a shipment: a copy, which may be behind. */
export type ShownShipment = {
  /** Its id or its tracking number */
  shipment: Scalars['String']['output'];
  shownSince?: Maybe<Scalars['DateTime']['output']>;
  status: ShipmentStatus;
};

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

/** Why a section is not fresh. Data, not a GraphQL error: one failing source never fails the view. */
export type SourceProblem = {
  code: ProblemCode;
  correlationId: Scalars['String']['output'];
  message: Scalars['String']['output'];
  retryAfterSeconds?: Maybe<Scalars['Float']['output']>;
  source: Scalars['String']['output'];
};

/** One configured system of record and its health, seen from this gateway */
export type SourceStatus = {
  callsLastMinute: Scalars['Int']['output'];
  circuit: CircuitState;
  errorsLastMinute: Scalars['Int']['output'];
  feed?: Maybe<FeedStatus>;
  id: Scalars['String']['output'];
  /** The first of its kinds */
  kind: SourceKind;
  /** Everything that it is the authority for */
  kinds: Array<SourceKind>;
  lastProblem?: Maybe<SourceProblem>;
  lastSuccessAt?: Maybe<Scalars['DateTime']['output']>;
  latencyP50Ms?: Maybe<Scalars['Float']['output']>;
  latencyP95Ms?: Maybe<Scalars['Float']['output']>;
  vendor: Scalars['String']['output'];
};

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

/** How much work stands at one stage */
export type StageCount = {
  count: Scalars['Int']['output'];
  /** Since when that stands which is overdue longest; null: nothing does. */
  oldestSince?: Maybe<Scalars['DateTime']['output']>;
  stage: Stage;
};

/** Work that stands longer than it may, longest overdue first */
export type StalledConnection = {
  /** How much stands at each stage, whatever stages were asked for; only those where anything does. */
  byStage: Array<StageCount>;
  edges: Array<StalledEdge>;
  pageInfo: PageInfo;
  totalCount: Scalars['Int']['output'];
};

/** Work that stands, and where it is in the list */
export type StalledEdge = {
  cursor: Scalars['String']['output'];
  node: StalledItem;
};

/** Which work is asked for; what is left out does not matter. */
export type StalledFilter = {
  /** Name or Standard Carrier Alpha Code of the carrier who has it, or should. */
  carrier?: InputMaybe<Scalars['String']['input']>;
  /** Who waits for it. */
  customerId?: InputMaybe<Scalars['ID']['input']>;
  /** Overdue for at least so long. */
  minOverdue?: InputMaybe<Scalars['Duration']['input']>;
  /** Between which steps it stands. */
  stages?: InputMaybe<Array<Stage>>;
  /** Code of the warehouse where it stands. */
  warehouse?: InputMaybe<Scalars['String']['input']>;
};

/** One piece of work that stands longer than it may */
export type StalledItem = {
  /** Who has it, or should. */
  carrier?: Maybe<Scalars['String']['output']>;
  /** Service cases about it. */
  caseNumbers: Array<Scalars['String']['output']>;
  /** Who waits for it. */
  customerId?: Maybe<Scalars['ID']['output']>;
  /** FRESH when the silence is real; STALE when the feed itself is behind: late data, not late goods. */
  dataState: FreshnessState;
  /** By when it should have moved on: the stage's allowance, in working hours where it waits for a site. */
  expectedBy: Scalars['DateTime']['output'];
  /** The last that is known to have happened, as its source calls it. */
  lastEvent?: Maybe<Scalars['String']['output']>;
  /** Whose work it is. */
  orderNumber: Scalars['String']['output'];
  /** For how long it is overdue. */
  overdueSeconds: Scalars['Float']['output'];
  /** The shipment, if it is one that stands. */
  shipmentId?: Maybe<Scalars['ID']['output']>;
  /** Since when it stands. */
  since: Scalars['DateTime']['output'];
  /** Between which two steps it stands. */
  stage: Stage;
  /** What the order is worth. */
  valueAtRisk?: Maybe<Money>;
  /** Where it stands, if it is in a warehouse. */
  warehouse?: Maybe<Scalars['String']['output']>;
};

/** One place on the way, in travelling order from 1. */
export type Stop = {
  actualArrival?: Maybe<Scalars['DateTime']['output']>;
  actualDeparture?: Maybe<Scalars['DateTime']['output']>;
  estimatedArrival?: Maybe<Scalars['DateTime']['output']>;
  kind: StopKind;
  location: Location;
  plannedArrival?: Maybe<Scalars['DateTime']['output']>;
  sequence: Scalars['Int']['output'];
};

/** What happens at a stop. */
export type StopKind =
  | 'CUSTOMS'
  | 'DELIVERY'
  | 'PICKUP'
  | 'TERMINAL'
  | 'TRANSSHIPMENT';

/** Everything that can be listened to */
export type Subscription = {
  /** First the view as known now (stale sections marked), then again after every change that the view shows. A section of which nothing is known yet is UNAVAILABLE without a problem while its system is asked. Ends with NOT_FOUND when no system knows the key. */
  caseViewChanged: CaseView;
  /** Curated business events, for a service platform that wants to be told: from now on, or after the `cursor` of an event, or of `operationalEventsCursor`. Ends with CURSOR_EXPIRED when what came after it is not kept any more, and with FELL_BEHIND, and the cursor to go on from, for who is too slow. */
  operationalEvents: OperationalEvent;
};


/** Everything that can be listened to */
export type SubscriptionCaseViewChangedArgs = {
  freshness?: InputMaybe<FreshnessInput>;
  key: CaseKey;
};


/** Everything that can be listened to */
export type SubscriptionOperationalEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  customerId?: InputMaybe<Scalars['ID']['input']>;
  types?: InputMaybe<Array<OperationalEventType>>;
};

/** What to say to one question of the case, by rule, from what the systems say */
export type SuggestedAnswer = {
  /** Who is to hear or read it */
  audience: Audience;
  /** What each system says, in its own words; for an agent only: it names systems */
  basedOn: Array<Evidence>;
  /** How far it can be relied on */
  caveats: Array<Scalars['String']['output']>;
  /** The question */
  intent: CaseKind;
  text: Scalars['String']['output'];
  /** When the first of what it rests on is too old to go on saying it */
  validUntil?: Maybe<Scalars['DateTime']['output']>;
};

/** Everything that happened, newest first */
export type TimelineConnection = {
  edges: Array<TimelineEdge>;
  pageInfo: PageInfo;
  totalCount: Scalars['Int']['output'];
};

/** An entry and where it is in the list */
export type TimelineEdge = {
  cursor: Scalars['String']['output'];
  node: TimelineEntry;
};

/** One thing that happened; recordedAt is when its system wrote it down, as far as it says. */
export type TimelineEntry = {
  detail?: Maybe<Scalars['String']['output']>;
  entity: Scalars['String']['output'];
  eventId?: Maybe<Scalars['String']['output']>;
  occurredAt: Scalars['DateTime']['output'];
  recordedAt: Scalars['DateTime']['output'];
  source: Scalars['String']['output'];
  sourceKind: SourceKind;
  title: Scalars['String']['output'];
};

/** By what means it travels. */
export type TransportMode =
  | 'AIR'
  | 'FTL'
  | 'INTERMODAL'
  | 'LTL'
  | 'OCEAN'
  | 'PARCEL'
  | 'RAIL'
  | 'UNKNOWN';

/** Why something was not done, as data */
export type UserError = {
  code: Scalars['String']['output'];
  /** Path of the argument that is wrong */
  field?: Maybe<Array<Scalars['String']['output']>>;
  message: Scalars['String']['output'];
};
