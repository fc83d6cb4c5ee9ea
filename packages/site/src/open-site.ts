import type { Names } from '@selvedge/core/records';
import { Blobs, type Database, Journal, Reserve, sqliteVersion } from '@selvedge/store';
import type { FastifyBaseLogger } from 'fastify';
import { openAccess } from './access/access.js';
import { accessOf, tlsOf } from './config/access-of.js';
import { liveStationOf } from './config/live-station-of.js';
import type { SiteConfig } from './config/site-config.js';
import { wordsOfPlant } from './config/words-of-plant.js';
import { PlantEquipment } from './equipment/plant-equipment.js';
import { PROJECTIONS } from './folds/index.js';
import { postHolder } from './learning/hire.js';
import { PlantLearning } from './learning/plant-learning.js';
import { type SiteClock, systemClock } from './live/clock.js';
import { factOf } from './live/facts.js';
import { restoreModels } from './live/installed-models.js';
import { introduce } from './live/introduce.js';
import { LiveSite } from './live/live-site.js';
import { oneAtATime } from './live/one-at-a-time.js';
import { isOfKind } from './live/station-model.js';
import { modelPart } from './live/station-parts.js';
import { Supervisor } from './live/supervisor.js';
import { buildApp } from './server/build-app.js';
import { dayStartOf } from './server/day.js';
import type { Parts } from './server/parts.js';
import type { Stage } from './server/stage-routes.js';
import { renewTls } from './server/tls-files.js';
import { folderPart } from './sources/folder-source.js';
import { FrameCount } from './sources/frame-count.js';
import { httpSource, streamOf } from './sources/http-source.js';
import type { Simulate } from './sources/simulated-source.js';
import { simulatorPart } from './sources/simulator-part.js';

/** Units of a simulated line's past: what fits its model, and what people judged before the site began. */
const PAST = { fit: 2_002, shadow: 28_000 };
/** Whoever sits at a tablet has so long before a simulated reader answers. */
const READERS = { afterMs: 12_000, missRate: 0.01 };
const ESCAPE_RATE = 0.005;

export interface OpenSiteOptions {
  readonly config: SiteConfig;
  /** Simulators of packs by name; a pack knows its industry, the site does not. */
  readonly simulators: ReadonlyMap<string, Simulate>;
  /** What words of the packs are called in other languages, by word. */
  readonly words?: Readonly<Record<string, Names>>;
  /** Folder of the built console; null serves the interface alone. */
  readonly consoleFolder: string | null;
  readonly version: string;
  readonly logger?: FastifyBaseLogger;
  /** Told of everything that is logged about stations and parts. */
  readonly onEvent?: (event: string, fields: Record<string, unknown>) => void;
  readonly clock?: SiteClock;
  /** Where secrets are named by environment variables; default: of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly past?: typeof PAST;
  /** Moments for a presenter; only where the origin of the site is `simulated`. */
  readonly stage?: Stage;
  readonly progress?: (done: number, what: string) => void;
  /** Told as soon as browsers can connect; the past of a simulated line may still be in the making. */
  readonly onListening?: (at: { readonly address: string; readonly code: string | null }) => void;
}

export interface RunningSite {
  /** Where browsers find it. */
  readonly address: string;
  /** What lets the first owner in; null once there is one. */
  readonly code: string | null;
  readonly parts: Parts;
  close(): Promise<void>;
}

/**
 * The server of one plant: journal, stations, sources, people, console, in one process and one folder. The server answers
 * before a simulated past is made, so that whoever waits sees what is happening.
 * @throws RangeError where there is a stage beside a line that is not simulated.
 */
export async function openSite(options: OpenSiteOptions): Promise<RunningSite> {
  const { config, version, logger, clock = systemClock, progress = () => {} } = options;
  const { id: site } = config.site;
  if (options.stage !== undefined && config.site.origin !== 'simulated')
    throw new RangeError(`a stage is for simulated lines: the origin of ${site} is ${config.site.origin}`);
  const log = (event: string, fields: Record<string, unknown>): void => {
    logger?.info({ event, site, ...fields });
    options.onEvent?.(event, fields);
  };
  const { folder } = config;
  const nowMs = (): number => Math.round(clock.nowMs());
  const reserve = await Reserve.open(folder);
  const journal = await Journal.open(folder, {
    nowMs,
    projections: PROJECTIONS,
    progress,
    onState: (state, why) => log('journal', { state, why }),
  });
  const closers: (() => Promise<void> | void)[] = [() => journal.close()];
  const close = async (): Promise<void> => {
    // What cannot be ended in good order (a disk that is full) keeps nothing else from ending.
    for (const closer of closers.splice(0).reverse())
      try {
        await closer();
      } catch (error) {
        log('not-closed', { error: String(error) });
      }
  };
  try {
    const blobs = await Blobs.open(folder, journal.db);
    await journal.append(started({ config, version, atMs: nowMs(), db: journal.db }));
    await introduce(config, { journal, clock });
    const simulated = new Set(
      config.stations.flatMap(({ id, input }) => (input.kind === 'simulator' ? [id] : [])),
    );
    const models = await restoreModels(
      { journal, blobs },
      {
        stations: config.stations.map(({ id }) => id),
        wanted: (row) => {
          const station = config.stations.find(({ id }) => id === row.station);
          if (station === undefined) return false;
          // Who was hired stays, whatever the configuration names.
          return (
            simulated.has(station.id) ||
            isOfKind(station, row) ||
            postHolder(journal.db, station.id)?.id === row.model
          );
        },
        log,
      },
    );
    const equipment = await PlantEquipment.open({ config, journal, clock, log });
    closers.push(() => equipment.close());
    const live = await LiveSite.open({
      ...{ folder, journal, blobs, clock, models, log, reserve, progress },
      stations: config.stations.map((station) => liveStationOf(station, config)),
      output: (station) => equipment.outputOf(station),
      retention: {
        budgets: Object.fromEntries(
          Object.entries(config.retention.budgets).flatMap(([kind, bytes]) =>
            bytes === undefined ? [] : [[kind, bytes]],
          ),
        ),
        softFloorBytes: config.retention.softFloor,
        hardFloorBytes: config.retention.hardFloor,
        first: config.retention.first,
      },
    });
    closers.push(async () => {
      await live.close();
      await Promise.all([...live.stations.values()].map(({ model }) => model?.scorer[Symbol.asyncDispose]()));
    });
    equipment.attend(live);
    const { name, origin } = config.site;
    const access = await openAccess({
      ...{ folder, journal, clock, origin, site: name },
      ...(await accessOf(config, options.env ?? process.env)),
      timeZone: config.site.timezone,
      words: wordsOfPlant(config, options.words),
      interventions: config.interventions.map(({ type }) => type),
    });
    closers.push(() => access.close());
    const supervisor = new Supervisor({ journal, clock, log });
    closers.push(() => supervisor.close());
    const place = { journal, blobs, clock, secrets: live.secrets, log, inTurn: oneAtATime() };
    for (const station of config.stations)
      if (!simulated.has(station.id) && postHolder(journal.db, station.id) === null) {
        const ready = supervisor.watch(modelPart(station, { ...place, station: live.station(station.id) }));
        // A fit takes as long as people do; what can be put to work now is at work before the first unit.
        if (station.model.from !== 'fit') await ready;
      }
    const env = options.env ?? process.env;
    const learning = await PlantLearning.open({ config, live, journal, blobs, clock, env, log });
    closers.push(() => learning.close());
    const parts: Parts = {
      ...{ name, origin, journal, blobs, live, access, equipment, learning, clock },
      dayStart: dayStartOf(config.site),
      stage: options.stage ?? null,
      troubles: (station) => [
        ...(live.stations.get(station)?.model === null
          ? [{ code: 'no-model' as const, part: null, values: {} }]
          : []),
        ...supervisor.troubles(station),
        ...[live.space.trouble()].filter((trouble) => trouble !== null),
      ],
    };
    const counts = new Map<string, FrameCount>();
    const framesOf = (station: string): FrameCount => {
      const frames = counts.get(station) ?? new FrameCount({ station, journal, log });
      counts.set(station, frames);
      return frames;
    };
    const { tls: files, trustProxy = [] } = config.listen;
    const tls = await tlsOf(config);
    const app = await buildApp(parts, {
      ...{ consoleFolder: options.consoleFolder, version, tls, trustProxy },
      ...(logger ? { logger } : {}),
      sources: (scope) => {
        for (const connector of config.connectors) {
          if (connector.kind !== 'http') continue;
          const streams = new Map(
            config.stations.flatMap(({ id, input }) =>
              input.connector === connector.id && input.kind === 'http'
                ? [[input.stream, streamOf(live.station(id), { journal, frames: framesOf(id) })]]
                : [],
            ),
          );
          httpSource(scope, { path: connector.path, largest: connector.largest, streams });
        }
      },
    });
    closers.push(() => app.close());
    if (files !== undefined) closers.push(renewTls(files, app, log));
    const address = await app.listen({ host: config.listen.host, port: config.listen.port });
    live.start();
    await equipment.publish();
    options.onListening?.({ address, code: access.oneTimeCode() });
    for (const settings of config.stations) {
      const { id, input, observation } = settings;
      const connector = config.connectors.find((one) => one.id === input.connector);
      const station = live.station(id);
      if (connector?.kind === 'folder' && input.kind === 'folder') {
        const { folder, pattern, frame } = input;
        const { watch } = connector;
        const frames = frame === null ? null : { count: framesOf(id), pattern: frame };
        void supervisor.watch(
          folderPart({ station, journal, log, folder, pattern, watch, observation, frames }),
        );
      }
      const frames = counts.get(id);
      if (frames !== undefined) void supervisor.watch(frames.part());
      const brings = equipment.partOf(settings, station);
      if (brings !== null) void supervisor.watch(brings);
      if (connector?.kind !== 'simulator') continue;
      const simulate = options.simulators.get(connector.pack);
      if (simulate === undefined)
        throw new RangeError(`no pack with a simulator is called ${connector.pack}`);
      const { seed, unitsPerMinute } = connector;
      await supervisor.watch(
        simulatorPart({
          ...{ live, journal, blobs, clock, simulate, log, progress, station, seed, unitsPerMinute },
          past: options.past ?? PAST,
          recipe: 'auto',
          escapeRate: ESCAPE_RATE,
          readers: READERS,
        }),
      );
    }
    learning.start(supervisor);
    return { address, code: access.oneTimeCode(), parts, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function started(of: { config: SiteConfig; version: string; atMs: number; db: Database }) {
  const sqlite = sqliteVersion(of.db);
  const body = { version: of.version, node: process.version, config: of.config.source.hash, sqlite };
  return factOf('started', { subject: null, atMs: of.atMs, body });
}
