import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import {
  answeredSchema,
  answerSchema,
  type ConsoleLanguage,
  equipmentViewSchema,
  eventSchema,
  findingSchema,
  interventionSchema,
  lineViewSchema,
  madeTokenSchema,
  newPasskeySchema,
  newTokenSchema,
  newUserSchema,
  observationViewSchema,
  ownPasswordSchema,
  passkeySchema,
  passkeySignInSchema,
  passkeysSchema,
  proofViewSchema,
  type Question,
  questionsSchema,
  type Role,
  reasonSchema,
  sessionSchema,
  setupSchema,
  shiftReportSchema,
  signInSchema,
  signSchema,
  stageViewSchema,
  tokensSchema,
  type User,
  unitViewSchema,
  userChangeSchema,
  userSchema,
  usersSchema,
} from '@selvedge/core/records';
import {
  lineView,
  marksOf,
  observationOf,
  proofView,
  questionOf,
  shiftReport,
  unitView,
} from './fake-data.js';
import { startFakeEquipment } from './fake-equipment.js';
import { LIVE, startFakeLive } from './fake-live.js';

/** Names with marks of another script, so that nothing rests on ASCII. */
const OWNER: User = { id: 'u1', name: 'Siti Rahmawati', role: 'owner', active: true };

interface Parse {
  parse(value: unknown): unknown;
}

/**
 * A site over real HTTP that is as unkind as a bad day: slow, refusing, cut off, on command. What it says and hears
 * is checked by the very schemas of the server; what breaks them is kept in `broken`.
 */
export interface FakeSite {
  readonly url: string;
  readonly broken: string[];
  /** Requests that changed something, in order. */
  readonly done: { path: string; body: unknown }[];
  /** Everything that was asked for, with how often. */
  readonly asked: Map<string, number>;
  /** Wait before each answer under /api, ms. */
  delayMs: number;
  needsOwner: boolean;
  empty: boolean;
  /** What is connected: everything that can be, or equipment without any doubt, or nothing. */
  connected: 'all' | 'calm' | 'none';
  /** Units are seen while they are made. */
  live: boolean;
  /** A presenter has a stage. */
  stage: boolean;
  /** What is seen live, and the stage. */
  readonly show: ReturnType<typeof startFakeLive>;
  /** Changes of a gate in the shift report. */
  changes: number;
  role: Role;
  signedIn: boolean;
  languages: readonly ConsoleLanguage[];
  /** What the identity provider is called; null = there is none. */
  provider: string | null;
  /** The token that the session has now. */
  csrf: string;
  /** The server's clock against this machine's, ms. */
  clockOffMs: number;
  undoMs: number;
  ask(n: number, waitMs?: number): void;
  questions(): readonly Question[];
  clear(): void;
  /** The next request to a path that holds `part` is answered with `status`; 0 cuts the connection. */
  failNext(part: string, status: number): void;
  event(kind: string, about?: { subject?: string; station?: string }): void;
  /** Cuts every connection and accepts none until `comeBack`. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
/** How the server refuses what is wrong. */
const REFUSED: Record<string, [number, string]> = {
  setup: [401, 'code-wrong'],
  'sign-in': [401, 'sign-in-refused'],
  password: [403, 'password-wrong'],
};
/** As the server's: nothing inline, nothing from outside. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export async function startFakeSite(folder: string): Promise<FakeSite> {
  let open: Question[] = [];
  let seq = 90_211;
  let tokens = 0;
  const streams = new Set<ServerResponse>();
  let passkeys: { id: string; name: string; madeAtMs: number; usedAtMs: null }[] = [];
  const fails: { part: string; status: number }[] = [];
  let users: User[] = [OWNER, { id: 'u2', name: '陈伟', role: 'operator', active: true }];
  const site: FakeSite = {
    url: '',
    ...{ broken: [], done: [], asked: new Map(), delayMs: 0, needsOwner: false, empty: false, changes: 1 },
    ...{ connected: 'all', live: false, stage: false, show: startFakeLive(() => now()) },
    ...{ languages: ['en', 'zh', 'id'], provider: null },
    ...{ role: 'owner', signedIn: true, csrf: 'csrf-of-the-day', clockOffMs: -7_200_000, undoMs: 2000 },
    ask(n, waitMs) {
      open.push(questionOf(n, now(), waitMs));
      site.event('asked', { station: 'side' });
    },
    questions: () => open,
    clear: () => {
      open = [];
      site.event('released');
    },
    failNext: (part, status) => fails.push({ part, status }),
    event(kind, { subject, station } = {}) {
      const event = { seq: ++seq, atMs: now(), kind, subject: subject ?? null, station: station ?? null };
      for (const stream of streams)
        stream.write(`id: ${seq}\ndata: ${JSON.stringify(eventSchema.parse(event))}\n\n`);
    },
    async goAway() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
    comeBack: () => new Promise((done) => server.listen(port, '127.0.0.1', () => done())),
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  const now = () => Date.now() + site.clockOffMs;

  const answer = (path: string, query: URLSearchParams): [Parse, unknown] | null => {
    const part = (i: number) => decodeURIComponent(path.split('/')[i] ?? '');
    if (path === '/api/session') return [sessionSchema, session()];
    if (path === '/api/line') {
      const view = { ...lineView(now(), seq, site.empty), stage: site.stage };
      const stations = view.stations.map((card) => ({ ...card, live: site.live && card.id in LIVE }));
      return [lineViewSchema, { ...view, stations }];
    }
    if (path === '/api/stage' && site.stage) return [stageViewSchema, site.show.stage()];
    if (path === '/api/equipment') return [equipmentViewSchema, equipment.view(site.connected)];
    if (path === '/api/questions') return [questionsSchema, { seq, nowMs: now(), questions: open }];
    if (path === '/api/passkeys') return [passkeysSchema, { passkeys }];
    if (path === '/api/users') return [usersSchema, { users }];
    if (path === '/api/tokens')
      return [tokensSchema, { tokens: Array.from({ length: tokens }, (_, i) => token(i)) }];
    if (path === '/api/shift')
      return [
        shiftReportSchema,
        shiftReport(Number(query.get('fromMs')), Number(query.get('toMs')), site.changes),
      ];
    if (/^\/api\/units\/[^/]+\/observation$/.test(path))
      return [observationViewSchema, observationOf(part(3))];
    if (/^\/api\/units\/[^/]+$/.test(path) && part(3) !== 'unknown')
      return [unitViewSchema, unitView(part(3), now())];
    if (/^\/api\/stations\/[^/]+\/proof$/.test(path)) {
      const proof = proofView(part(3), now());
      return proof && [proofViewSchema, proof];
    }
    return null;
  };

  const session = () => ({
    ...{
      site: 'Plant Karawang',
      origin: 'simulated',
      timeZone: 'Asia/Jakarta',
      needsOwner: site.needsOwner,
      nowMs: now(),
    },
    user: site.needsOwner || !site.signedIn ? null : { ...OWNER, role: site.role },
    csrf: site.signedIn ? site.csrf : null,
    languages: site.languages,
    ways: { passkey: true, oidc: site.provider },
    words: {
      'loose thread': { zh: '线头松动', id: 'benang kendur' },
      skipped: { zh: '跳针', id: 'terlewat' },
      'clean-lens': { en: 'lens cleaned', zh: '清洁镜头', id: 'lensa dibersihkan' },
    },
    interventions: ['clean-lens'],
  });
  const token = (i: number) => ({
    ...{ id: `t${i}`, user: OWNER.id, name: `reader ${i}`, rights: ['look'], madeAtMs: Math.round(now()) },
    ...{ endsAtMs: null, usedAtMs: null, revoked: false },
  });
  const after = (unit: string, bad: boolean | null) => ({
    ...{ score: 0.38214, agreed: bad === null ? null : !bad, marks: marksOf(unit), heatHref: null },
    similar: [
      { unit: 'S-54871', label: 'loose thread', bad: true, disposition: 'reject', distance: 0.004 },
      { unit: 'S-54012', label: 'good', bad: false, disposition: 'pass', distance: 0.011 },
      { unit: 'P-50977', label: 'loose thread', bad: true, disposition: null, distance: 0.019 },
    ],
  });

  const change = (path: string, body: unknown): unknown => {
    const [, , what, id = '', how] = path.split('/').map(decodeURIComponent);
    const done = { done: true };
    switch (what) {
      case 'setup':
        if (setupSchema.parse(body).code !== 'K7QF-22MX') return null;
        site.needsOwner = false;
        site.signedIn = true;
        return session();
      case 'password':
        if (ownPasswordSchema.parse(body).current !== 'correct horse') return null;
        return session();
      case 'passkeys': {
        if (id === 'options')
          return {
            challenge: 'c2VsdmVkZ2UtY2hhbGxlbmdl',
            rp: { id: 'localhost', name: 'Plant Karawang' },
            user: { id: 'dTE', name: OWNER.name, displayName: OWNER.name },
            pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
            authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
          };
        if (id === 'remove') {
          passkeys = [];
          return { passkeys };
        }
        const made = newPasskeySchema.parse(body);
        const passkey = {
          id: made.credential.id,
          name: made.name,
          madeAtMs: Math.round(now()),
          usedAtMs: null,
        };
        passkeys = [...passkeys, passkey];
        return passkeySchema.parse(passkey);
      }
      case 'sign-in':
        if (id === 'passkey-options')
          return { challenge: 'c2VsdmVkZ2UtY2hhbGxlbmdl', rpId: 'localhost', userVerification: 'required' };
        if (id === 'passkey') {
          if (!passkeys.some((one) => one.id === passkeySignInSchema.parse(body).credential.id)) return null;
          site.signedIn = true;
          return session();
        }
        if (signInSchema.parse(body).password !== 'correct horse') return null;
        site.signedIn = true;
        return session();
      case 'sign-out':
        site.signedIn = false;
        return session();
      case 'questions': {
        const question = open.find((one) => one.id === id) ?? gone.get(id);
        if (!question) return undefined;
        if (how === 'help') return after(question.unit, null);
        if (how === 'undo') {
          if (!open.includes(question)) open.unshift(question);
          return done;
        }
        const { label } = answerSchema.parse(body);
        const choice = question.choices.find((one) => one.label === label);
        if (!choice || !open.includes(question)) return undefined;
        open = open.filter((one) => one !== question);
        gone.set(id, question);
        setTimeout(() => site.event('answered', { subject: question.unit }), 5);
        return answeredSchema.parse({
          undoUntilMs: now() + site.undoMs,
          after: after(question.unit, choice.bad),
        });
      }
      case 'stage':
        return site.stage ? site.show.play(id) : undefined;
      case 'equipment':
      case 'leases':
      case 'writes':
        return equipment.change(what, id, how ?? '', body);
      case 'stations':
        (how === 'sign' ? signSchema : reasonSchema).parse(body);
        return done;
      case 'findings':
        findingSchema.parse(body);
        return { counted: true };
      case 'interventions':
        interventionSchema.parse(body);
        return done;
      case 'tokens':
        if (id !== '') return token(0);
        newTokenSchema.parse(body);
        tokens++;
        return madeTokenSchema.parse({ token: token(tokens - 1), secret: 'slv_0123456789abcdef' });
      case 'users': {
        if (id === '') {
          const { name, role } = newUserSchema.parse(body);
          const user = { id: `u${users.length + 1}`, name, role, active: true };
          users = [...users, user];
          return userSchema.parse(user);
        }
        const { role, active } = userChangeSchema.parse(body);
        users = users.map((user) =>
          user.id === id ? { ...user, role: role ?? user.role, active: active ?? user.active } : user,
        );
        return users.find((user) => user.id === id);
      }
      default:
        return undefined;
    }
  };
  const gone = new Map<string, Question>();
  const equipment = startFakeEquipment(now);

  const say = (response: ServerResponse, status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(body));
  };
  const refuse = (response: ServerResponse, status: number, code: string, message: string) =>
    say(response, status, { error: { code, message } });

  const api = async (request: IncomingMessage, response: ServerResponse, url: URL) => {
    const path = url.pathname;
    site.asked.set(path, (site.asked.get(path) ?? 0) + 1);
    if (site.delayMs > 0) await new Promise((done) => setTimeout(done, site.delayMs));
    const fail = fails.findIndex(({ part }) => path.includes(part));
    if (fail >= 0) {
      const status = fails.splice(fail, 1)[0]?.status ?? 500;
      if (status === 0) request.socket.destroy();
      else refuse(response, status, 'on-purpose', 'This question is answered, or its time is over.');
      return;
    }
    if (path === '/api/events') {
      if (!site.signedIn) return refuse(response, 401, 'sign-in-needed', 'Sign in first.');
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(`retry: 300\nid: ${seq}\nevent: resume\ndata: ${seq}\n\n`);
      streams.add(response);
      response.on('close', () => streams.delete(response));
      return;
    }
    if (path === '/api/live' && site.signedIn) {
      if (!site.show.stream(response, url.searchParams.getAll('station')))
        refuse(response, 404, 'not-found', 'There is no such live station.');
      return;
    }
    if (path.startsWith('/api/blobs/')) {
      response.writeHead(200, { 'content-type': 'image/svg+xml' });
      response.end(picture());
      return;
    }
    if (request.method === 'GET') {
      if (path !== '/api/session' && !site.signedIn)
        return refuse(response, 401, 'sign-in-needed', 'Sign in first.');
      const found = answer(path, url.searchParams);
      if (!found) return refuse(response, 404, 'not-found', 'There is no such unit.');
      return say(response, 200, found[0].parse(found[1]));
    }
    let text = '';
    for await (const chunk of request) text += chunk;
    const open = path === '/api/setup' || path.startsWith('/api/sign-in');
    if (!open && request.headers['x-csrf-token'] !== site.csrf)
      return refuse(response, 403, 'csrf', 'The token against forged requests is missing.');
    const body: unknown = JSON.parse(text);
    const result = change(path, body);
    if (result === undefined)
      return refuse(response, 409, 'question-over', 'This question is answered, or its time is over.');
    if (result === null) {
      const [status, code] = REFUSED[path.split('/')[2] ?? ''] ?? [401, 'refused'];
      return refuse(response, status, code, 'No.');
    }
    if (result instanceof RangeError) return refuse(response, 422, 'lease', result.message);
    site.done.push({ path, body });
    return say(response, 200, result);
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://site');
    response.setHeader('content-security-policy', POLICY);
    if (url.pathname.startsWith('/api/')) {
      api(request, response, url).catch((error: unknown) => {
        site.broken.push(`${request.method} ${url.pathname}: ${String(error)}`);
        if (!response.headersSent) refuse(response, 500, 'internal', 'The server failed on this.');
        response.end();
      });
      return;
    }
    const wanted = join(folder, normalize(url.pathname));
    const file = extname(wanted) !== '' && existsSync(wanted) ? wanted : join(folder, 'index.html');
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    response.end(readFileSync(file));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return Object.assign(site, { url: `http://127.0.0.1:${port}` });
}

/** A plain picture with a fault in it. */
function picture(): string {
  const rows = Array.from(
    { length: 30 },
    (_, i) => `<path d="M0 ${i * 20}H800" stroke="#4d5a52" stroke-width="9"/>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 600" width="800" height="600"><rect width="800" height="600" fill="#69776e"/>${rows.join('')}<path d="M90 330C250 300 520 350 720 318" stroke="#d8d5c4" stroke-width="5" stroke-dasharray="16 7" fill="none"/><path d="M470 318q28 40 8 74t26 60" stroke="#d8d5c4" stroke-width="4" fill="none"/></svg>`;
}
