/** A tag of plain JSON topics: the topic, and where its value is in the document. */
export interface JsonAddress {
  readonly topic: string;
  /** JSON pointer (RFC 6901); `''` is the whole document. */
  readonly pointer: string;
}

/** `topic#/pointer`, or `topic` where the document is the value itself. Undefined where it is neither. */
export function parseJsonAddress(address: string): JsonAddress | undefined {
  const at = address.indexOf('#');
  const topic = at < 0 ? address : address.slice(0, at);
  const pointer = at < 0 ? '' : address.slice(at + 1);
  return isTopic(topic) && isPointer(pointer) ? { topic, pointer } : undefined;
}

/** A topic name that may be published to (OASIS MQTT 5.0, section 4.7): no wildcard, no NUL, at most 65,535 bytes. */
export function isTopic(topic: string): boolean {
  return topic.length > 0 && !/[+#\0]/.test(topic) && Buffer.byteLength(topic) <= 65_535;
}

export function isPointer(pointer: string): boolean {
  return pointer === '' || /^(\/([^~/]|~[01])*)+$/.test(pointer);
}

/** What a pointer points to; undefined where there is nothing. Never reaches what the document did not say itself. */
export function pointTo(document: unknown, pointer: string): unknown {
  let at = document;
  for (const key of keysOf(pointer)) {
    if (typeof at !== 'object' || at === null) return undefined;
    if (Array.isArray(at) ? !/^(0|[1-9]\d*)$/.test(key) : false) return undefined;
    if (!Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** A document of nested objects that holds a value at a pointer, and nothing else. */
export function documentWith(pointer: string, value: unknown): unknown {
  return keysOf(pointer).reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

function keysOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}
