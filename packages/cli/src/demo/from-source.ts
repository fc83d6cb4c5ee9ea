// `selvedge` from its source, for a child of a process that runs from source itself.
import { main } from '../index.js';

process.exitCode = await main(process.argv.slice(2));
