// Values, bodies, paths and headers that programs were not written for.
import fc from 'fast-check'

const nested = (depth: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < depth; level += 1) value = level % 2 ? [value] : { a: value }
  return value
}

export const ODD_TIMES = [
  ...['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+15:59', '2026-01-01T00:00:00+16:00', '2026-02-31T00:00:00Z'],
  ...['9999-12-31T23:59:59.999999999-15:59', `2026-01-01T00:00:00.${'1'.repeat(300)}Z`, '2026-01-01T24:00:00Z'],
  ...['2026-01-01', '2026-06-30T23:59:60Z', '-271821-04-20T00:00:00Z', '+275760-09-13T00:00:00Z', 'infinity'],
]
const ODD_TEXTS = [
  ...['', ' ', '\u2028', '\ufeff', '\u202e', '\r\n', '%00', '%', '__proto__'],
  ...['constructor', 'toString', "'; drop table businesses; --", '{"oauth":{}}', '[', '{}', '{{7*7}}', '\\u0000'],
  ...['../../etc/passwd', 'file:///etc/passwd', 'http://127.0.0.1:9', 'http://[::1]', 'https://', 'https://a:b@c.de'],
  ...['http://127.0.0.1:9/%00', 'https://xn--', 'new', 'NaN', 'Infinity', '1e999', '-0', '0x10', '9007199254740993'],
  ...['a'.repeat(300), 'я'.repeat(5000), '('.repeat(1000), 'a@'.repeat(2000), '1'.repeat(400), '\u0301'.repeat(500)],
  ...['Etc/GMT+12', 'europe/moscow', '+03:00', 'RUB', 'rub', 'XXX', 'ＡＢＣ', '١٢٣', '😀'],
]
const ODD_NUMBERS = [0, -0, -1, 1.5, 2 ** 31, -(2 ** 31), 2 ** 53, 1e308, -1e308, 5e-324]
const ODD_OTHERS = [
  ...[null, true, [], {}, [[]], [null], { a: 1 }, { length: 1 }, { toString: 1 }, { constructor: {} }],
  ...[Array(300).fill('a'), Array(2000).fill(0), nested(12), nested(40), nested(300)],
  ...[{ '\0': 1 }, { a: { '\ud800': 1 } }, { ['k'.repeat(3000)]: 1 }, JSON.parse('{"__proto__":{"a":1}}')],
]

export const junkText = fc.oneof(
  fc.constantFrom('\0', 'a\0b', '\ud800', 'a\udfff'),
  fc.constantFrom(...ODD_TEXTS, ...ODD_TIMES),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 40 }),
)
/** A value that no schema expects. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: junkText },
  { weight: 1, arbitrary: fc.constantFrom(...ODD_NUMBERS) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD_OTHERS) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
)

const RAW_BODIES = [
  ...['', ' ', 'null', '1', '"a"', '[]', '{', '{"a":1,}', '\ufeff{}', '{}{}', '\0', '[1e400]', '{"a":"\\ud800"}'],
  ...['['.repeat(100_000), '{"a":'.repeat(50_000), `[${'0,'.repeat(300_000)}0]`, `{"parts":[${'{},'.repeat(9000)}{}]}`],
  ...['a=1&b[]=2', 'a[][][]=&__proto__[x]=1', '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--'],
  ...[
    'id;date;amount\n1;2026-01-01;1\n',
    'id,date\n"',
    `${'"a",'.repeat(5000)}\n`,
    'PK\u0003\u0004',
    '\n'.repeat(5000),
  ],
]

/** Any bytes. */
export const rawBody: fc.Arbitrary<string | Uint8Array<ArrayBuffer>> = fc.oneof(
  fc.constantFrom(...RAW_BODIES),
  fc.json({ maxDepth: 4 }),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from(bytes)),
  fc.webQueryParameters(),
)

/** A path's part, encoded or wrongly so. */
export const junkPart: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '%00',
    '%',
    '%E0%A4%A',
    '%ED%A0%80',
    '..%2f',
    '__proto__',
    'constructor',
    '%20',
    "1'--",
    'a'.repeat(5000),
  ),
  junkText.map((text) => encodeURIComponent(text.toWellFormed())),
)

const HEADER_NAMES = [
  ...['if-match', 'if-none-match', 'last-event-id', 'accept-language', 'range', 'content-encoding', 'origin', 'accept'],
  ...[
    'content-type',
    'content-length',
    'x-request-id',
    'cookie',
    'idempotency-key',
    'x-http-method-override',
    'expect',
  ],
]
const ODD_HEADERS = [
  '*',
  '',
  '"',
  '"a", W/"b"',
  ','.repeat(60_000),
  'gzip',
  'bytes=0-,5-',
  'ru',
  'en;q=x',
  '-1',
  '1e9',
  'null',
]

export const junkHeaders: fc.Arbitrary<Record<string, string>> = fc.dictionary(
  fc.constantFrom(...HEADER_NAMES),
  fc.oneof(fc.constantFrom(...ODD_HEADERS), fc.string({ maxLength: 30 })),
  { maxKeys: 3 },
)
