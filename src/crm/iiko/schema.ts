// The wire types: strict on the fields that are used, tolerant of all others. Nearly every member may be null. Money is
// a number in iiko's cloud, and a number or text on iikoServer.
import * as z from 'zod'

const id = z.string().trim().min(1)
const text = z
  .string()
  .nullish()
  .transform((value) => value?.trim() ?? '')
/** An empty or zero GUID names nothing. */
const optionalId = z
  .string()
  .nullish()
  .transform((value) => (value == null || /^[0\s-]*$/.test(value) ? null : value.trim()))
const orderId = id.refine((value) => !/^[0-]+$/.test(value), 'an empty GUID')
const amount = z.union([z.number(), z.string().regex(/^\s*-?\d+(\.\d+)?\s*$/)])
const list = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value ?? [], z.array(schema))
/**
 * The list that a call is for: null is an empty one. An answer without it tells of a failure, whatever its status is.
 */
const presentList = <T extends z.ZodType>(schema: T) =>
  z
    .array(schema)
    .nullable()
    .transform((rows) => rows ?? [])

const word = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'string' ? value.trim() : ''))
export const Problem = z.lazy(() =>
  z.object({
    correlationId: word,
    errorDescription: word,
    error: word,
    message: word,
    details: z.unknown().optional(),
    /** Proxies that answer in this form have one. */
    code: z.unknown().optional(),
  }),
)

export const Token = z.lazy(() => z.object({ token: z.string().min(1) }))

export const Organization = z.lazy(() =>
  z.object({
    id: id.toLowerCase(),
    name: text,
    currencyIsoName: text,
    countryPhoneCode: z.union([z.string(), z.number()]).nullish(),
  }),
)
export type Organization = z.infer<typeof Organization>

const TerminalGroup = z.lazy(() => z.object({ id, organizationId: id.toLowerCase(), name: text, timeZone: text }))
export type TerminalGroup = z.infer<typeof TerminalGroup>
const Group = z.lazy(() => z.object({ items: list(TerminalGroup) }))

export const Organizations = z.lazy(() => z.object({ organizations: presentList(Organization) }))
export const TerminalGroups = z.lazy(() =>
  z.object({ terminalGroups: presentList(Group), terminalGroupsInSleep: list(Group) }),
)
export const Sections = z.lazy(() =>
  z.object({
    restaurantSections: presentList(z.object({ terminalGroupId: text, tables: list(z.object({ id })) })),
  }),
)
export const Alive = z.lazy(() => z.object({ isAliveStatus: presentList(z.object({ isAlive: z.boolean() })) }))

/** The filter for orders of one kind; members that are not used here are kept as they are. */
const HookFilter = z.lazy(() => z.looseObject({ orderStatuses: list(z.string()) }))
export const HookSettings = z.lazy(() =>
  z.object({
    // Never absent: an answer without it tells of a failure, and not that there is no address.
    webHooksUri: z
      .string()
      .nullable()
      .transform((value) => value?.trim() ?? ''),
    authToken: text,
    webHooksFilter: z
      .looseObject({ deliveryOrderFilter: HookFilter.nullish(), tableOrderFilter: HookFilter.nullish() })
      .nullish(),
  }),
)
export type HookSettings = z.infer<typeof HookSettings>
export const Done = z.unknown()
export const HookEvent = z.lazy(() =>
  z.object({
    eventType: id,
    organizationId: text,
    eventInfo: z.unknown().optional(),
  }),
)
export type HookEvent = z.infer<typeof HookEvent>
/** Of an event about an order. */
export const HookOrder = z.lazy(() =>
  z
    .object({ id: orderId, timestamp: z.union([z.number(), z.string()]).nullish(), order: z.unknown().optional() })
    .nullish(),
)

export const OrdersByOrganization = z.lazy(() =>
  z.object({
    ordersByOrganizations: presentList(z.object({ orders: list(z.unknown()) })),
  }),
)
export const Orders = z.lazy(() => z.object({ orders: presentList(z.unknown()) }))

const Product = z.object({ id: optionalId, name: text }).nullish()
/** Its sum is not part of the line's own. */
const Modifier = z.object({
  product: Product,
  amount: amount.nullish(),
  price: amount.nullish(),
  resultSum: amount.nullish(),
  deleted: z.unknown().optional(),
  get modifiers() {
    return list(Modifier)
  },
})
export type Modifier = z.infer<typeof Modifier>
const Component = z.lazy(() =>
  z
    .object({ product: Product, cost: amount.nullish(), resultSum: amount.nullish(), modifiers: list(Modifier) })
    .nullish(),
)
const Line = z.lazy(() =>
  z.object({
    type: text,
    product: Product,
    service: Product,
    primaryComponent: Component,
    secondaryComponent: Component,
    modifiers: list(Modifier),
    commonModifiers: list(Modifier),
    amount: amount.nullish(),
    cost: amount.nullish(),
    resultSum: amount.nullish(),
    /** Filled when the line was removed from the order. */
    deleted: z.unknown().optional(),
  }),
)
export type Line = z.infer<typeof Line>

const Payment = z.lazy(() =>
  z.object({
    paymentType: z.object({ id: optionalId, kind: text }).nullish(),
    sum: amount,
    isPreliminary: z.boolean().nullish(),
  }),
)
export type Payment = z.infer<typeof Payment>
/** Only this call names the kind of iiko's own bonuses; on an order they are `External`. */
const PaymentType = z.lazy(() => z.object({ id: optionalId, paymentTypeKind: text }))
export type PaymentType = z.infer<typeof PaymentType>
export const PaymentTypes = z.lazy(() => z.object({ paymentTypes: presentList(PaymentType) }))

const Customer = z.lazy(() => z.object({ id: optionalId, name: text, surname: text }).nullish())

/** An order of either kind. Deliveries and table orders differ in members that are not used here. */
export const Order = z.lazy(() =>
  z.object({
    status: id,
    isDeleted: z.boolean().nullish(),
    movedToDeliveryId: optionalId,
    customer: Customer,
    phone: text,
    whenCreated: text,
    whenDelivered: text,
    whenClosed: text,
    sum: amount,
    items: list(Line),
    payments: list(Payment),
  }),
)
export type Order = z.infer<typeof Order>

export const OrderInfo = z.lazy(() =>
  z.object({
    id: orderId,
    posId: optionalId,
    organizationId: text,
    timestamp: z.union([z.number(), z.string().regex(/^\d+$/)]).nullish(),
    /** `order` is present only when this is Success. */
    creationStatus: text,
    order: Order.nullish(),
  }),
)
export type OrderInfo = z.infer<typeof OrderInfo>

const Column = z.lazy(() =>
  z.object({ groupingAllowed: z.boolean().nullish(), aggregationAllowed: z.boolean().nullish() }),
)
export const Columns = z.record(z.string(), Column)
export type Columns = z.infer<typeof Columns>
export const Report = z.lazy(() => z.object({ data: z.array(z.unknown()) }))

const CloudColumn = z.lazy(() =>
  z.object({ name: id, canGroup: z.boolean().nullish(), canAggregate: z.boolean().nullish() }),
)
/** The cloud's form of the columns of a report. */
export const CloudColumns = z
  .array(CloudColumn)
  .transform((columns): Columns =>
    Object.fromEntries(
      columns.map(({ name, canGroup, canAggregate }) => [
        name,
        { groupingAllowed: canGroup, aggregationAllowed: canAggregate },
      ]),
    ),
  )

const flag = z
  .union([z.string(), z.boolean()])
  .nullish()
  .transform((value) => String(value ?? '').toUpperCase())
/** Numbers of cards may come as numbers. */
const cell = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => String(value ?? '').trim())
/** Null: the row belongs to no order, or not yet. */
const receiptId = optionalId.transform((value) => value?.toLowerCase() ?? null)
export const SaleRow = z.lazy(() =>
  z.object({
    'UniqOrderId.Id': receiptId,
    CloseTime: text,
    DishId: cell,
    DishName: cell,
    Storned: flag,
    OrderDeleted: flag,
    DeletedWithWriteoff: flag,
    DishAmountInt: amount.nullish(),
    DishDiscountSumInt: amount.nullish(),
    DishReturnSum: amount.nullish(),
  }),
)
export type SaleRow = z.infer<typeof SaleRow>

export const GuestRow = z.lazy(() =>
  z.object({
    'UniqOrderId.Id': receiptId,
    'Delivery.CustomerPhone': cell,
    'Delivery.CustomerName': cell,
    'Delivery.CustomerCardNumber': cell,
    'Bonus.CardNumber': cell,
    'OrderDiscount.GuestCard': cell,
    'Department.Id': optionalId,
    DishDiscountSumInt: amount.nullish(),
  }),
)
export type GuestRow = z.infer<typeof GuestRow>

export const TotalRow = z.lazy(() =>
  z.object({
    'UniqOrderId.Id': receiptId,
    CloseTime: text,
    'Department.Id': optionalId,
    Storned: flag,
    OrderDeleted: flag,
    DeletedWithWriteoff: flag,
    DishDiscountSumInt: amount.nullish(),
    DishReturnSum: amount.nullish(),
  }),
)
export type TotalRow = z.infer<typeof TotalRow>

export const OutletRow = z.lazy(() => z.object({ 'Department.Id': optionalId, Department: cell }))

export const UnpaidRow = z.lazy(() => z.object({ 'UniqOrderId.Id': receiptId, DishDiscountSumInt: amount.nullish() }))
export type UnpaidRow = z.infer<typeof UnpaidRow>
