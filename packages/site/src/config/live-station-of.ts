import type { StationConfig as LiveStationConfig } from '../live/station-config.js';
import { gateSettingsOf, type SiteConfig, type StationConfig } from './site-config.js';

/** A station of the file as the pipeline wants it; its line by the name that people read. */
export const liveStationOf = (
  station: StationConfig,
  { lines }: Pick<SiteConfig, 'lines'>,
): LiveStationConfig => ({
  id: station.id,
  name: station.name,
  line: lines.find(({ id }) => id === station.line)?.name ?? station.line,
  part: station.part ?? null,
  choices: station.choices.map(({ label, bad }) => ({ label, bad })),
  channels: channelsOf(station.observation),
  decideMs: station.takt.deadlineMs,
  answerMs: station.ask.deadlineMs,
  undoMs: station.ask.undoMs,
  otherwise: station.takt.otherwise,
  mostWaiting: station.queue.most,
  safety: station.gate.safety,
  plannedUnits: station.gate.plannedUnits,
  doubleReadShare: station.doubleReadShare,
  seedShare: station.seedShare,
  settings: gateSettingsOf(station),
});

function channelsOf(observation: StationConfig['observation']): LiveStationConfig['channels'] {
  if (observation.kind === 'series' || observation.kind === 'pair')
    return observation.channels.map(({ name, unit }) => ({ name, unit }));
  return observation.kind === 'row' ? observation.columns.map((name) => ({ name, unit: '' })) : [];
}
