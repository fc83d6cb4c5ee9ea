import { randomUUID } from 'node:crypto';
import { messageOf, type ScoredUnit } from '../engine/runner.js';
import type { Observation } from '../observe/observation.js';
import type { Scorer } from '../recipes/recipe.js';
import type { Answer, Egress } from './egress.js';
import { excerpt, listOf, parsed, recordOf, textOf } from './json.js';
import type { OpenInferenceSpec } from './remote-spec.js';
import { readAnswer } from './tensor-answer.js';
import { type InputPlan, type Part, planInputs, type TensorMeta, tensorMeta } from './tensor-plan.js';
import { encodeRequest } from './tensor-wire.js';

/** Metadata and health of a server are small. */
const META_BYTES = 1_000_000;
const ANSWER_BYTES = 8_000_000;
const OPEN_MS = 10_000;
/** One request; a server that holds one back holds back no whole batch. */
const REQUEST_MS = 25_000;
const MOST_UNITS = 64;
/** Numbers and bytes of one request before they are written. */
const MOST_VALUES = 2_000_000;
/** Refused for what was in it, so that each unit is asked about alone; anything else is true of every unit. */
const ONE_BY_ONE = new Set([400, 413, 422, 500]);

/**
 * A model on a server of the Open Inference Protocol v2 over HTTP/REST
 * (KServe "Open Inference Protocol", Triton "Binary Tensor Data Extension").
 * Higher = worse. Opening asks for its health and its metadata and sends nothing of any unit.
 * @throws Error where it is not ready, or its metadata cannot be read.
 */
export async function openInference(
  spec: OpenInferenceSpec,
  { egress, batchMs }: { readonly egress: Egress; readonly batchMs: number },
): Promise<Scorer> {
  const server = serverOf(spec, egress);
  await server.get('v2/health/ready');
  const place = `v2/models/${encodeURIComponent(spec.model)}${spec.version === null ? '' : `/versions/${encodeURIComponent(spec.version)}`}`;
  const meta = parsed((await server.get(place)).body, 'its metadata');
  const inputs = listOf(meta.inputs).map(tensorMeta);
  if (inputs.length === 0) throw new Error('its metadata names no inputs');
  const outputs = listOf(meta.outputs).map(tensorMeta);
  const score = scoreOf(outputs);
  const asked = [score, ...(outputs.some(({ name }) => name === 'class_scores') ? ['class_scores'] : [])];
  const binary = await takesBinary(server);
  const state: State = {
    ...{ spec, server, place, inputs, score, binary },
    outputs: asked.flatMap((name) => (name === null ? [] : [name])),
    version: spec.version,
  };
  return {
    score: (units) => scoreAll(state, units, performance.now() + batchMs),
    heat: async () => null,
    [Symbol.asyncDispose]: async () => {},
  };
}

interface State {
  readonly spec: OpenInferenceSpec;
  readonly server: Server;
  readonly place: string;
  readonly inputs: readonly TensorMeta[];
  readonly outputs: readonly string[];
  readonly score: string | null;
  readonly binary: boolean;
  /** The version that answered first: another one later is another model. */
  version: string | null;
}

/** Null where the metadata names no outputs. @throws Error where it names several and none is the score. */
function scoreOf(outputs: readonly TensorMeta[]): string | null {
  const rest = outputs.filter(({ name }) => name !== 'class_scores');
  if (rest.some(({ name }) => name === 'score')) return 'score';
  if (rest.length > 1)
    throw new Error(`it has no output "score" (it has ${rest.map(({ name }) => excerpt(name)).join(', ')})`);
  return rest[0]?.name ?? null;
}

/** Whether the server says that it takes binary tensor data; one that says nothing is asked in JSON. */
async function takesBinary(server: Server): Promise<boolean> {
  try {
    const meta = parsed((await server.get('v2')).body, 'its metadata');
    return listOf(meta.extensions).includes('binary_tensor_data');
  } catch {
    return false;
  }
}

async function scoreAll(state: State, units: readonly Observation[], until: number): Promise<ScoredUnit[]> {
  const said: ScoredUnit[] = units.map(() => ({ score: Number.NaN, fault: 'it was not asked' }));
  const groups = new Map<string, { plans: readonly InputPlan[]; rows: { at: number; parts: Part[] }[] }>();
  const plans = new Map<string, readonly InputPlan[]>();
  for (const [at, unit] of units.entries()) {
    try {
      const plan = plans.get(unit.kind) ?? planInputs(state.inputs, unit.kind);
      plans.set(unit.kind, plan);
      const parts: Part[] = [];
      for (const one of plan) parts.push(await one.of(unit));
      const key = `${unit.kind} ${parts.map(({ inner }) => inner.join('x')).join(' ')}`;
      const group = groups.get(key) ?? { plans: plan, rows: [] };
      group.rows.push({ at, parts });
      groups.set(key, group);
    } catch (error) {
      said[at] = { score: Number.NaN, fault: messageOf(error).split('\n')[0]! };
    }
  }
  for (const { plans: own, rows } of groups.values()) {
    const single = own.some(({ batch }) => batch !== 'many');
    const values = Math.max(...rows.map(({ parts }) => parts.reduce((sum, part) => sum + sizeOf(part), 0)));
    const most = single
      ? 1
      : Math.max(1, Math.min(MOST_UNITS, Math.floor(MOST_VALUES / Math.max(1, values))));
    for (let from = 0; from < rows.length; from += most) {
      const chunk = rows.slice(from, from + most);
      const answers = await scoreChunk(
        state,
        own,
        chunk.map(({ parts }) => parts),
        until,
      );
      chunk.forEach(({ at }, i) => {
        said[at] = answers[i]!;
      });
    }
  }
  return said;
}

const sizeOf = (part: Part): number => ('file' in part ? part.file.length : part.numbers.length);

/** As many answers as units, whatever the server does. */
async function scoreChunk(
  state: State,
  plans: readonly InputPlan[],
  units: readonly (readonly Part[])[],
  until: number,
): Promise<readonly ScoredUnit[]> {
  const all = (fault: string): ScoredUnit[] => units.map(() => ({ score: Number.NaN, fault }));
  const alone = async (): Promise<ScoredUnit[]> => {
    const said: ScoredUnit[] = [];
    for (const unit of units) said.push(...(await scoreChunk(state, plans, [unit], until)));
    return said;
  };
  const leftMs = until - performance.now();
  if (leftMs <= 0) return all('the time for its batch was over before it was asked');
  const { server, place, outputs, binary, spec } = state;
  const id = randomUUID();
  try {
    let request: ReturnType<typeof encodeRequest>;
    try {
      request = encodeRequest(plans, units, { id, outputs, binary });
    } catch (error) {
      if (units.length > 1) return await alone();
      throw error;
    }
    const answer = await server.post(`${place}/infer`, request, Math.min(leftMs, REQUEST_MS));
    if (answer.status !== 200) {
      if (units.length > 1 && ONE_BY_ONE.has(answer.status)) return await alone();
      throw new Error(refusal(answer));
    }
    const { version, score } = state;
    const read = readAnswer(answer, { id, units: units.length, model: spec.model, version, score });
    state.version ??= read.version;
    return read.said;
  } catch (error) {
    return all(messageOf(error));
  }
}

interface Server {
  /** @throws Error for every status but 200. */
  get(path: string): Promise<Answer>;
  post(
    path: string,
    request: { headers: Readonly<Record<string, string>>; body: Buffer },
    withinMs: number,
  ): Promise<Answer>;
}

function serverOf({ url, token }: OpenInferenceSpec, egress: Egress): Server {
  const base = url.replace(/\/+$/, '');
  const bearer: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  return {
    get: async (path) => {
      const answer = await egress.ask({
        ...{ url: `${base}/${path}`, method: 'GET', headers: bearer },
        ...{ withinMs: OPEN_MS, mostBytes: META_BYTES },
      });
      if (answer.status !== 200) throw new Error(`${path}: ${refusal(answer)}`);
      return answer;
    },
    post: (path, { headers, body }, withinMs) =>
      egress.ask({
        ...{ url: `${base}/${path}`, method: 'POST', headers: { ...headers, ...bearer }, body },
        ...{ withinMs, mostBytes: ANSWER_BYTES },
      }),
  };
}

/** What a server says that refuses: its own words where it says them as JSON. */
export function refusal({ status, body }: Answer): string {
  let words: string | null = null;
  try {
    const { error, message, detail } = recordOf(JSON.parse(body.toString('utf8'))) ?? {};
    words = textOf(error) ?? textOf(recordOf(error)?.message) ?? textOf(message) ?? textOf(detail);
  } catch {
    // Not JSON: the text as it is.
  }
  return `it answered ${status}: ${excerpt(words ?? body)}`;
}
