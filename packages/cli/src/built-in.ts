import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig, type ParsedConfig } from '@selvedge/site';

const FILE = fileURLToPath(new URL('../src/built-in-site.yaml', import.meta.url));
/** The built-in line keeps its record where the command was called, not beside the program. */
const FOLDER = 'selvedge-out/demo-plant';

/** Where a configuration is read from, for messages: the file, or that of the built-in line. */
export const configFile = (file: string | null): string => file ?? FILE;

/** The configuration of a file, or of the built-in line where none is named. @throws InputFault where there is no file. */
export async function readConfig(file: string | null): Promise<ParsedConfig> {
  const read = await loadConfig(file ?? FILE);
  const builtIn = file === null || same(file);
  return read.config === null || !builtIn
    ? read
    : { ...read, config: { ...read.config, folder: resolve(FOLDER) } };
}

const same = (file: string): boolean => {
  try {
    return realpathSync(file) === realpathSync(FILE);
  } catch {
    return false;
  }
};
