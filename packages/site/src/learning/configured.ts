import { createHash } from 'node:crypto';
import type { ApplicantSettings, StationConfig } from '../config/site-config.js';
import { factOf } from '../live/facts.js';
import type { ModelPlace } from '../live/installed-models.js';
import { readModelFile } from '../live/model-file.js';
import { type Part, pause } from '../live/supervisor.js';
import type { Applicants } from './applicants.js';
import type { Applied } from './hire.js';
import type { ApplicantSpec } from './hosted-scorer.js';
import { allowedHosts, hostOf, isHere } from './hosts.js';

/** A file that was refused is looked at again, and a host that was not allowed. */
const AGAIN_MS = 5_000;
const RECIPE = { 'open-inference': 'open-inference', language: 'language' } as const;

type Asked = Exclude<ApplicantSettings, { kind: 'file' }>;

/** What makes a model that is asked over the network the same one; no secret is in it. */
function askedOf(settings: Asked): Record<string, string> {
  const { kind, url, model } = settings;
  const host = hostOf(url);
  if (kind === 'open-inference') return { kind, host, url, model, version: settings.version ?? '' };
  const prompt = createHash('sha256').update(settings.prompt).digest('hex');
  return { kind, host, url, model, prompt };
}

const identityOf = (asked: Record<string, string>): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(asked).sort()))
    .digest('hex');

/** Makes one of the configuration apply, checked on this machine first; one that applied before is not asked again. */
export function configuredPart(
  settings: ApplicantSettings,
  {
    station,
    applicants,
    place,
  }: { readonly station: StationConfig; readonly applicants: Applicants; readonly place: ModelPlace },
): Part {
  const { id } = station;
  return {
    name: `applicant ${id} ${settings.name}`,
    station: id,
    run: async (heart) => {
      const applied = await apply(settings, { station, applicants, place });
      await applicants.entered(applied);
      while (!heart.signal.aborted) {
        await applicants.retry();
        const fault = applicants.faultOf(applied);
        if (fault !== null) await heart.down(`${settings.name} is not in shadow: ${fault}`);
        else await heart.up(`${settings.name} applies`);
        await pause(AGAIN_MS, heart.signal);
      }
    },
  };
}

/** The name under which it applies. @throws Error where its file is refused: the supervisor tries again. */
async function apply(
  settings: ApplicantSettings,
  {
    station,
    applicants,
    place,
  }: { readonly station: StationConfig; readonly applicants: Applicants; readonly place: ModelPlace },
): Promise<string> {
  const { journal, blobs, clock } = place;
  const about = { subject: station.id, atMs: Math.round(clock.nowMs()) };
  const known = (applicant: string): boolean =>
    applicants.all().some(({ id, state }) => id === applicant && state !== 'refused' && state !== 'left');
  if (settings.kind === 'file') {
    const { file, manifest } = settings;
    const read = await readModelFile(blobs, {
      ...{ station: station.id, file },
      manifest: manifest ?? `${file}.json`,
    }).catch(async (error: Error) => {
      const body = {
        station: station.id,
        applicant: createHash('sha256').update(`${station.id} ${settings.name}`).digest('hex'),
        ...{ name: settings.name, from: 'file' as const, why: error.message, differing: [] },
      };
      const before = applicants.all().find((one) => one.id === body.applicant);
      if (before?.why !== error.message)
        await journal.append(factOf('application-refused', { ...about, body }));
      throw error;
    });
    const { model, name: _, rampThreshold: __, station: ___, ...rest } = read.body;
    const body: Applied = {
      ...{ station: station.id, applicant: model, name: settings.name, from: 'file', model, asked: null },
      ...{ ...rest, fit: null },
    };
    if (!known(model)) await journal.append(factOf('applied', { ...about, body, blobs: [...read.blobs] }));
    return model;
  }
  const asked = askedOf(settings);
  const applicant = identityOf(asked);
  const body: Applied = {
    ...{ station: station.id, applicant, name: settings.name, from: settings.kind, model: null, asked },
    recipe: RECIPE[settings.kind],
    parity: 'asked over the network: its scores are taken as they come, and nothing is compared',
    input: inputOf(station),
    inputShape: [],
    classes: null,
    middle: 0,
    fit: null,
  };
  if (!known(applicant)) await journal.append(factOf('applied', { ...about, body }));
  return applicant;
}

const inputOf = ({ observation: { kind } }: Pick<StationConfig, 'observation'>): Applied['input'] =>
  kind === 'score' ? 'row' : kind;

/** How those of the configuration that are asked over the network are reached, by the name under which they apply. */
export type Connections = ReadonlyMap<string, Connection>;

interface Connection {
  readonly host: string;
  /** `token` undefined: the environment has none under that name. */
  readonly token: string | null | undefined;
  readonly tokenSecret: string | null;
  readonly spec: (allowed: readonly string[], token: string | null) => ApplicantSpec;
}

export function connectionsOf(
  { applicants, observation }: StationConfig,
  env: Readonly<Record<string, string | undefined>>,
): Connections {
  const channels =
    observation.kind === 'row'
      ? observation.columns
      : observation.kind === 'series' || observation.kind === 'pair'
        ? observation.channels.map(({ name, unit }) => `${name} (${unit})`)
        : [];
  const made = applicants.flatMap((one): [string, Connection][] => {
    if (one.kind === 'file') return [];
    const { url, model, tokenSecret = null } = one;
    const own =
      one.kind === 'open-inference'
        ? { kind: 'open-inference' as const, version: one.version ?? null }
        : {
            ...{ kind: 'language' as const, prompt: one.prompt, timeoutMs: one.timeoutMs },
            channels: [...channels],
          };
    const spec: Connection['spec'] = (allowed, token) => ({
      ...own,
      ...{ url, model, token, allowedHosts: [...allowed] },
    });
    const token = tokenSecret === null ? null : env[tokenSecret];
    return [[identityOf(askedOf(one)), { host: hostOf(url), token, tokenSecret, spec }]];
  });
  return new Map(made);
}

/** How one is asked now. @throws Error where the configuration names it no more, its host is not allowed, or its token is missing. */
export function remoteSpec(
  { applicant }: Pick<Applied, 'applicant'>,
  connections: Connections,
  { journal }: Pick<ModelPlace, 'journal'>,
): ApplicantSpec {
  const connection = connections.get(applicant);
  if (connection === undefined) throw new Error('the configuration does not name it any more');
  const { host, token, tokenSecret, spec } = connection;
  const allowed = allowedHosts(journal.db);
  if (!isHere(host) && !allowed.has(host))
    throw new Error(`nobody has allowed that observations go to ${host}: an owner can, on the board`);
  if (token === undefined) throw new Error(`the environment has no ${tokenSecret}`);
  return spec([...allowed], token);
}
