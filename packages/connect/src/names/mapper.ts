import { escapeWord, unescapeWord } from './words.js';

/** Where a value is by ISA-95, and what it is: contract (`_process_v1`) and a path of words below it. */
export interface Name {
  readonly enterprise: string;
  readonly site: string;
  readonly area: string;
  readonly line: string;
  readonly cell: string;
  /** `_` word `_v` number: what kind of values stand below, and in which version. */
  readonly contract: string;
  /** At least one word. */
  readonly path: readonly string[];
}

/** The same name in Sparkplug, whose ids have no place for the enterprise. */
export interface SparkplugName {
  readonly group: string;
  readonly edge: string;
  readonly device: string;
  readonly metric: string;
}

export interface MapperOptions {
  /** First level of plain JSON topics. */
  readonly root: string;
  /** For Sparkplug names, which do not say it. */
  readonly enterprise: string;
  /** Namespace of node ids. */
  readonly uri: string;
}

const CONTRACT = /^_.+_v\d+$/su;
const VERSION = 'v1';

/**
 * The unified namespace: one name, four spellings, each with its way back. What is not a name of this mapper comes back as
 * undefined; a name that cannot be spelled is a RangeError. Words may hold any character but halves of one.
 */
export class NameMapper {
  readonly #o: MapperOptions;
  readonly #root: string;
  readonly #node: string;

  constructor(options: MapperOptions) {
    this.#o = options;
    this.#root = escapeWord(options.root);
    // OPC 10000-6, section 5.3.1.10: a semicolon would end the URI.
    this.#node = `nsu=${options.uri.replaceAll('%', '%25').replaceAll(';', '%3B')};s=`;
    if (this.#root.startsWith('$')) throw new RangeError('topics that begin with $ belong to the broker');
  }

  /** `<root>/v1/<enterprise>/<site>/<area>/<line>/<cell>/<contract>/<path>`; @throws RangeError also beyond 65,535 bytes. */
  toTopic(name: Name): string {
    const topic = [this.#root, VERSION, ...wordsOf(name).map((word) => escapeWord(word))].join('/');
    if (Buffer.byteLength(topic) > 65_535) throw new RangeError('a topic has at most 65,535 bytes');
    return topic;
  }

  fromTopic(topic: string): Name | undefined {
    const [root, version, ...levels] = topic.split('/');
    return root === this.#root && version === VERSION ? fromLevels(levels) : undefined;
  }

  /** Group `<site>.<area>`, edge node `<line>`, device `<cell>`, metric `<contract>/<path>`. @throws RangeError for another enterprise. */
  toSparkplug(name: Name): SparkplugName {
    if (name.enterprise !== this.#o.enterprise)
      throw new RangeError(`this mapper is for the enterprise ${this.#o.enterprise}`);
    const [, , , line = '', cell = '', ...rest] = wordsOf(name).map((word) => escapeWord(word));
    const group = `${escapeWord(name.site, '.')}.${escapeWord(name.area, '.')}`;
    return { group, edge: line, device: cell, metric: rest.join('/') };
  }

  fromSparkplug({ group, edge, device, metric }: SparkplugName): Name | undefined {
    const [site, area, ...more] = group.split('.').map((one) => unescapeWord(one, '.'));
    if (site === undefined || area === undefined || more.length > 0) return undefined;
    const place = [this.#o.enterprise, site, area].map((word) => escapeWord(word));
    return fromLevels([...place, edge, device, ...metric.split('/')]);
  }

  /** `nsu=<uri>;s=<enterprise>/<site>/…/<path>`. @throws RangeError beyond 4,096 characters (OPC 10000-3, section 8.2.4). */
  toNodeId(name: Name): string {
    const id = wordsOf(name)
      .map((word) => escapeWord(word))
      .join('/');
    if (id.length > 4_096) throw new RangeError('a node id has at most 4,096 characters');
    return `${this.#node}${id}`;
  }

  fromNodeId(nodeId: string): Name | undefined {
    if (!nodeId.startsWith(this.#node)) return undefined;
    return fromLevels(nodeId.slice(this.#node.length).split('/'));
  }

  /** `/<enterprise>/<site>/…/<path>` with `&` before what a browse path keeps for itself (OPC 10000-4, annex A.2). */
  toBrowsePath(name: Name): string {
    return wordsOf(name)
      .map((word) => {
        escapeWord(word);
        return `/${word.replace(/[/.<>:#!&]/g, '&$&')}`;
      })
      .join('');
  }

  fromBrowsePath(path: string): Name | undefined {
    const words = [...path.matchAll(/\/((?:[^/.<>:#!&]|&[/.<>:#!&])+)/gy)];
    if (words.map(([whole]) => whole).join('') !== path) return undefined;
    return fromWords(words.map(([, word = '']) => word.replace(/&(.)/g, '$1')));
  }
}

/** @throws RangeError where it is no name: a contract of another form, or no path. */
function wordsOf({ enterprise, site, area, line, cell, contract, path }: Name): string[] {
  if (!CONTRACT.test(contract)) throw new RangeError(`contract «${contract}»: write _word_v1`);
  if (path.length === 0) throw new RangeError('a name needs a path below its contract');
  return [enterprise, site, area, line, cell, contract, ...path];
}

function fromLevels(levels: readonly string[]): Name | undefined {
  const words = levels.map((level) => unescapeWord(level));
  return words.every((word) => word !== undefined) ? fromWords(words) : undefined;
}

function fromWords([enterprise, site, area, line, cell, contract, ...path]: readonly string[]):
  | Name
  | undefined {
  if (enterprise === undefined || site === undefined || area === undefined) return undefined;
  if (line === undefined || cell === undefined || contract === undefined) return undefined;
  if (!CONTRACT.test(contract) || path.length === 0) return undefined;
  return { enterprise, site, area, line, cell, contract, path };
}
