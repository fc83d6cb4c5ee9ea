import {
  type AddVariableOptions,
  AttributeIds,
  DataType,
  type DataValue,
  type Namespace,
  type StatusCode,
  StatusCodes,
  type UAObject,
  type UAVariable,
  type Variant,
} from 'node-opcua';
import type { Quality } from '../../contract/item.js';
import type { Value } from '../../contract/value.js';
import { dataTypeOf, type Shape, toValue, toVariant } from '../values.js';
import type { OpcUaServerOptions, ServerTag, WriteAnswer } from './options.js';

const UCUM = 'http://unitsofmeasure.org';
const QUALITIES: Readonly<Record<Quality, StatusCode>> = {
  good: StatusCodes.Good,
  uncertain: StatusCodes.Uncertain,
  bad: StatusCodes.Bad,
};

interface Kept {
  readonly variable: UAVariable;
  readonly shape: Shape;
}

/** The tags of a server as nodes. */
export class TagNodes {
  readonly #kept = new Map<string, Kept>();
  readonly #folders = new Map<string, UAObject>();

  constructor(
    readonly namespace: Namespace,
    readonly top: UAObject,
    readonly isMachine: boolean,
    readonly onWrite: OpcUaServerOptions['onWrite'],
  ) {}

  add(tag: ServerTag): void {
    if (this.#kept.has(tag.tag)) throw new RangeError(`two tags are named ${tag.tag}`);
    const words = tag.tag.split('/');
    const name = words.pop() as string;
    const shape: Shape = { type: tag.type, array: tag.array ?? false, scale: 1, offset: 0 };
    const level = tag.writable ? 'CurrentRead | CurrentWrite' : 'CurrentRead';
    const parent = this.#folder(words);
    const options: AddVariableOptions = {
      // Folders and the Objects folder organise; a machine consists of its parts.
      ...(parent === this.top && this.isMachine ? { componentOf: parent } : { organizedBy: parent }),
      nodeId: `s=${tag.tag}`,
      browseName: name,
      dataType: DataType[dataTypeOf(tag.type)],
      valueRank: shape.array ? 1 : -1,
      ...(shape.array ? { arrayDimensions: [0] } : {}),
      accessLevel: level,
      userAccessLevel: level,
      // 0: whoever subscribes is told of every change.
      minimumSamplingInterval: 0,
    };
    const variable = this.#make(tag, options);
    const kept = { variable, shape };
    this.#kept.set(tag.tag, kept);
    if (tag.value !== undefined) this.set(tag.tag, tag.value);
    else variable.setValueFromSource({ dataType: DataType.Null }, StatusCodes.BadNoValue);
    if (tag.writable) this.#guard(tag, kept);
  }

  set(name: string, value: Value, atMs?: number, quality: Quality = 'good'): void {
    const kept = this.#kept.get(name);
    if (!kept) throw new RangeError(`there is no tag ${name}`);
    // OPC 10000-4, 7.11.1: no value stands beside a bad status.
    const variant = toVariant(quality === 'bad' ? null : value, kept.shape);
    const at = atMs === undefined ? new Date() : new Date(atMs);
    kept.variable.setValueFromSource(variant, QUALITIES[quality], at);
  }

  #make(tag: ServerTag, options: AddVariableOptions): UAVariable {
    const numeric = !['bool', 'string', 'datetime', 'bytes'].includes(tag.type);
    if (!numeric || (tag.unit === undefined && tag.range === undefined))
      return this.namespace.addVariable(options);
    const [low, high] = tag.range ?? [-Number.MAX_VALUE, Number.MAX_VALUE];
    const unit = tag.unit ?? '1';
    return this.namespace.addAnalogDataItem({
      ...options,
      dataType: options.dataType as string,
      engineeringUnitsRange: { low, high },
      engineeringUnits: {
        namespaceUri: UCUM,
        unitId: -1,
        displayName: { text: unit },
        description: { text: unit },
      },
    } as Parameters<Namespace['addAnalogDataItem']>[0]) as unknown as UAVariable;
  }

  #folder(words: readonly string[]): UAObject {
    let parent = this.top;
    let path = '';
    for (const word of words) {
      path = path === '' ? word : `${path}/${word}`;
      const known = this.#folders.get(path);
      parent =
        known ??
        this.namespace.addObject({
          organizedBy: parent,
          browseName: word,
          nodeId: `s=${path}/`,
          typeDefinition: 'FolderType',
        });
      this.#folders.set(path, parent);
    }
    return parent;
  }

  /** Asks before a write. The library's own setters are asked too late: it keeps the value that they have refused. */
  #guard(tag: ServerTag, { variable, shape }: Kept): void {
    type Write = (context: unknown, value: WriteOf, done?: Done) => unknown;
    type WriteOf = { attributeId: number; value: DataValue };
    type Done = (error: Error | null, status?: StatusCode) => void;
    const inner = variable as unknown as { writeAttribute: Write };
    const write = inner.writeAttribute.bind(variable) as Write;
    const answer = async (context: unknown, asked: WriteOf): Promise<StatusCode> => {
      if (asked.attributeId === AttributeIds.Value) {
        const status = await this.#ask(tag, asked.value.value, shape);
        if (status.isNot(StatusCodes.Good)) return status;
      }
      return new Promise((resolve, reject) => {
        write(context, asked, (error, status) =>
          error ? reject(error) : resolve(status ?? StatusCodes.Good),
        );
      });
    };
    inner.writeAttribute = (context, asked, done) => {
      const answered = answer(context, asked).catch(() => StatusCodes.BadInternalError as StatusCode);
      if (!done) return answered;
      answered.then((status) => done(null, status));
      return undefined;
    };
  }

  async #ask(tag: ServerTag, variant: Variant, shape: Shape): Promise<StatusCode> {
    const told =
      variant.dataType === dataTypeOf(tag.type) ? toValue(variant, shape) : { fault: 'another type' };
    if ('fault' in told || told.value === null) return StatusCodes.BadTypeMismatch;
    if (tag.range && [told.value].flat().some((one) => !isInside(one, tag.range)))
      return StatusCodes.BadOutOfRange;
    const word: WriteAnswer = (await this.onWrite?.(tag.tag, told.value)) ?? 'Good';
    const known = StatusCodes as unknown as Readonly<Record<string, StatusCode | undefined>>;
    return known[word] ?? StatusCodes.BadUserAccessDenied;
  }
}

function isInside(value: unknown, range: ServerTag['range']): boolean {
  if (!range || (typeof value !== 'number' && typeof value !== 'bigint')) return true;
  return value >= range[0] && value <= range[1];
}
