export { checkSurroundings, type SurroundingsOptions } from './config/check-surroundings.js';
export { configJsonSchema, configTree, type SchemaNode } from './config/config-json-schema.js';
export { type ConfigFault, type ConfigFaultCode, faultText } from './config/fault.js';
export { liveStationOf } from './config/live-station-of.js';
export { loadConfig, type ParsedConfig, parseConfig } from './config/parse-config.js';
export { nearest } from './config/phrases.js';
export {
  type ConnectorConfig,
  gateSettingsOf,
  type SiteConfig,
  type StationConfig,
  type StationInput,
  type StationModel,
} from './config/site-config.js';
export type { Dataset, DatasetItem, OpenOptions } from './dataset/dataset.js';
export { openDataset } from './dataset/open-dataset.js';
export { contentHash, indexHash, Spool } from './dataset/spool.js';
export { examine } from './doctor/examine.js';
export type { Finding } from './doctor/finding.js';
export { InputFault } from './faults.js';
export { PROJECTIONS } from './folds/index.js';
export { descriptionOf } from './live/introduce.js';
export { makeSiteKey, readSiteKey, type SiteKey } from './live/site-key.js';
export { type OpenSiteOptions, openSite, type RunningSite } from './open-site.js';
export { type ArrivedUnit, Station } from './pipeline/station.js';
export type { ReplayOptions } from './replay/options.js';
export { type ReplayResult, type ReplaySets, replay } from './replay/replay.js';
export { checkWritable, writeFolder } from './replay/write-folder.js';
export { renderReport } from './report/render-report.js';
export { CsvLines } from './report/site/csv.js';
export { journalSpan, makeSiteReport, type SiteReportOptions } from './report/site/make-site-report.js';
export { renderSiteReport } from './report/site/render-site-report.js';
export { checkSeal, type Difference, differences, type SealFault, sealReport } from './report/site/seal.js';
export type { Stage } from './server/stage-routes.js';
export type { Simulate, SimulatedUnit } from './sources/simulated-source.js';
