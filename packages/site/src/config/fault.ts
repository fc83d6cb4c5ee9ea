export type ConfigFaultCode =
  | 'syntax'
  | 'missing'
  | 'unknown-key'
  | 'wrong-value'
  | 'duplicate'
  | 'unknown-name'
  | 'conflict'
  | 'secret'
  | 'surroundings';

/** One thing that is wrong with a configuration, for whoever has to change it. */
export interface ConfigFault {
  /** Where in the file, e.g. `stations[1].takt.deadlineMs`; empty for the file as a whole. */
  readonly path: string;
  /** Line of the file, from 1; null where there is none. */
  readonly line: number | null;
  readonly code: ConfigFaultCode;
  /** What is wrong, to be read after the path: `is the text "8700"`. */
  readonly what: string;
  /** What to do instead, a sentence in the imperative. */
  readonly cure: string;
}

export type Path = readonly (string | number)[];

/** A fault before its line is known. */
export interface Finding {
  readonly path: Path;
  readonly code: ConfigFaultCode;
  readonly what: string;
  readonly cure: string;
}

/** `stations[1].takt.deadlineMs`; keys that are no plain words are quoted. */
export const pathText = (path: Path): string =>
  path
    .map((key, i) => {
      if (typeof key === 'number') return `[${key}]`;
      if (!/^[A-Za-z_][\w-]{0,59}$/.test(key)) return `[${JSON.stringify(key.slice(0, 60))}]`;
      return i === 0 ? key : `.${key}`;
    })
    .join('');

/** A fault as one paragraph: `site.yaml:12 stations[0].id: is missing. Write …`. */
export const faultText = (file: string, { path, line, what, cure }: ConfigFault): string =>
  `${file}${line === null ? '' : `:${line}`} ${path === '' ? '' : `${path}: `}${what}. ${cure}`;
