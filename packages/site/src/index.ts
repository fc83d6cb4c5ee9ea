export type { Dataset, DatasetItem, OpenOptions } from './dataset/dataset.js';
export { openDataset } from './dataset/open-dataset.js';
export { contentHash, indexHash, Spool } from './dataset/spool.js';
export { InputFault } from './faults.js';
export { type ArrivedUnit, Station } from './pipeline/station.js';
export type { ReplayOptions } from './replay/options.js';
export { type ReplayResult, type ReplaySets, replay } from './replay/replay.js';
export { checkWritable, writeFolder } from './replay/write-folder.js';
export { renderReport } from './report/render-report.js';
