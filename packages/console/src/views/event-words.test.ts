import { SITE_FACTS, type SiteFactKind } from '@selvedge/core/records';
import { describe, expect, it } from 'vitest';
import type { Language } from '../language/texts.js';
import { wordsOf } from '../language/use-words.js';
import { eventInWords } from './event-words.js';

const event = (kind: string, body: Record<string, unknown>) => ({
  ...{ seq: 1, atMs: 0, station: 's', user: null, hash: 'a'.repeat(64) },
  ...{ kind, body },
});
const HASH = 'a'.repeat(64);
const asked = { station: 's', question: 'q' };
const reading = { user: 'u', label: 'loose', bad: true };

/** One sound row of every kind. */
const ROWS = {
  started: { version: '1.2', node: '20', config: HASH, sqlite: '3' },
  stopped: { why: 'SIGTERM' },
  'clock-stepped': { byMs: -7200_000 },
  'space-short': { freeBytes: 80_000_000, floorBytes: 100_000_000, closed: ['press-1'] },
  'space-back': { freeBytes: 120_000_000 },
  arrived: {
    ...{ station: 's', context: {}, lot: 'W47', part: null, sourceAtMs: null, deadlineAtMs: 0 },
    observation: { kind: 'score', blob: null, bytes: 0, channels: null, values: [0.2] },
  },
  decided: {
    ...{ station: 's', score: 0.25, noScore: null, draw: 0.5, pLevel: null, pSpread: null, scope: 'x' },
    ...{ lot: null, epoch: 1, call: 'pass', by: 'gate', region: 'accept', position: 3, audit: true },
    ...{ propensity: 0.1, why: 'score at or below the accepted one', state: 'open', certificate: null },
    ...{ model: null, tookMs: 3, classCall: null },
  },
  asked: { ...asked, reason: 'audit', deadlineAtMs: 0, otherwise: 'hold' },
  'help-shown': { ...asked, user: 'u' },
  answered: {
    ...{ ...asked, user: 'u', bad: true, label: 'loose', blind: false, counts: false },
    ...{ by: 'pedal', tookMs: 2100 },
  },
  undone: { ...asked, user: 'u' },
  overdue: { ...asked, otherwise: 'hold' },
  lapsed: asked,
  'second-read': { ...asked, first: reading, second: { ...reading, label: 'good', bad: false, blind: true } },
  'seed-read': { ...asked, user: 'u', label: 'good', missed: true, blind: true },
  'seed-added': { station: 's', label: 'loose', by: null, seenBy: [] },
  'seed-removed': { station: 's', by: 'u', reason: 'worn' },
  released: { station: 's', disposition: 'pass', by: 'gate', outcome: 'done' },
  intervened: { station: 's', type: 'stop', seconds: 30, user: null, verdict: false },
  found: { station: 's', where: 'customer', label: 'loose', user: 'u', counted: false, note: 'x' },
  signed: {
    ...{ station: 's', escapeRate: 0.005, overkillRate: 0, confidence: 0.95, contract: 'per-unit' },
    ...{ plannedUnits: null, user: 'u', reason: 'agreed', plan: {} },
  },
  'secret-committed': { station: 's', epoch: 2, hash: HASH },
  'secret-revealed': { station: 's', epoch: 2, secret: HASH },
  certified: { station: 's', n: 28_000, bads: 9, accept: {}, reject: null, watch: null, hash: HASH },
  gate: { station: 's', event: { type: 'tick', atMs: 0 } },
  transition: { station: 's', from: 'shadow', to: 'ramp', why: 'certificate on 28000 labelled units' },
  alarm: { station: 's', what: 'x', why: 'the scores have shifted: audits are raised' },
  'model-installed': {
    ...{ station: 's', model: HASH, name: 'trees', recipe: 'auto', parity: 'p', input: 'row' },
    ...{ inputShape: [3], classes: null, middle: 0, rampThreshold: null },
  },
  part: { part: 'source a', state: 'down', why: 'gone' },
  'user-added': { user: 'u', name: 'Ana', role: 'quality', by: null },
  'user-changed': { user: 'u', role: null, active: false, by: 'v' },
  'signed-in': { user: 'u', how: 'passkey' },
  'signed-out': { user: 'u', why: 'idle' },
  'sign-in-refused': { user: 'Ana', why: 'password' },
  'credential-changed': { user: 'u', what: 'passkey-added', by: 'u' },
  'right-refused': { by: 'u', right: 'sign', route: '/api/x' },
  'token-made': { token: 't', name: 'reader', rights: ['look'], by: 'u' },
  'token-revoked': { token: 't', by: 'u' },
  'settings-changed': { what: 'x', by: 'u', hash: HASH },
  described: {
    ...{ site: 's', name: 'North', origin: 'live', timezone: 'Etc/UTC', dayStart: '06:00' },
    stations: [{ id: 's', name: 'Press', line: 'l', safety: false }],
  },
  'key-made': { publicKey: 'MCow', fingerprint: HASH },
  'write-intended': {
    ...{ write: 'w', connector: 'c', target: 'speed', value: 12.5, station: 's', decision: 'd' },
    ...{ release: 'r', epoch: 'e', lease: null, notAfterMs: 0 },
  },
  'write-ended': {
    ...{ write: 'w', station: 's', target: 'speed', outcome: 'unknown', why: 'late', readBack: null },
  },
  'write-refused': {
    ...{ connector: 'c', target: 'speed', value: 1, station: 's', decision: 'd', why: 'rate', mode: 'act' },
  },
  'write-seen': { write: 'w', user: 'u', note: 'it stands' },
  'guard-mode': { connector: 'c', mode: 'advise', user: 'u', reason: 'agreed' },
  'lease-signed': {
    ...{ lease: 'l', connector: 'c', target: 'speed', station: 's', bounds: [1, 2], maxStep: 0.1 },
    ...{ minIntervalMs: 0, untilMs: 0, rollBack: 1, user: 'u', reason: 'agreed' },
  },
  'lease-ended': { lease: 'l', station: 's', why: 'expired', user: null },
  proposed: {
    ...{ station: 's', target: 'speed', held: 1, value: 2, halfWidth: null, step: 'SHADOW' },
    ...{ applied: false, coin: null, why: 'shadow' },
  },
  opening: { station: 's', target: 'speed', alpha: 0.01, delta: 0.05, event: { kind: 'epoch-ended' } },
  'roles-committed': { station: 's', hash: HASH, evidenceShare: 0.5, by: 'unit' },
  applied: {
    ...{
      station: 's',
      applicant: 'a',
      name: 'trees 2',
      from: 'fit',
      model: HASH,
      asked: null,
      recipe: 'auto',
    },
    ...{ parity: 'p', input: 'row', inputShape: [3], classes: null, middle: 0, fit: null },
  },
  'application-refused': {
    ...{ station: 's', applicant: 'a', name: 'trees 3', from: 'file', why: 'differs' },
    differing: [{ sample: 'u1', expected: 0.2, got: null }],
  },
  'shadow-scored': {
    ...{ station: 's', applicant: 'a', missed: 0, tookMs: 3, cpuMs: null },
    units: [{ unit: 'u1', score: 0.2, fault: null, classCall: null }],
  },
  assessed: {
    ...{ station: 's', applicant: 'a', attempt: 1, delta: 0.01, propensity: 1, fromSeq: 1, untilSeq: 9 },
    ...{
      n: 900,
      bads: 40,
      accept: {},
      reject: null,
      watch: null,
      automaticShare: 0.8,
      against: null,
      missing: null,
    },
    hash: HASH,
  },
  recommended: { station: 's', applicant: 'a', assessed: HASH, why: 'better by .1' },
  hired: {
    ...{ station: 's', applicant: 'a', before: null, assessed: HASH, by: 'signature', user: 'u' },
    reason: 'agreed',
  },
  dismissed: { station: 's', applicant: 'a', why: 'harm', barred: true, user: null, note: 'harm shown' },
  'learning-policy': {
    ...{ station: 's', active: true, leastShadowUnits: 200, leastGain: 0, untilAtMs: null },
    ...{ user: 'u', reason: 'agreed' },
  },
  'second-look': {
    ...{ station: 's', question: 'q', probability: 0.02, before: 'good', after: 'loose', user: 'u' },
  },
  'class-group': {
    ...{ station: 's', group: 'g', units: ['a', 'b'], proposedName: 'new 1', falseAlarm: 0.01 },
    ...{ state: 'found', name: null, user: null },
  },
  'host-allowed': { host: 'models.plant:8000', allowed: true, user: 'u', reason: 'agreed' },
  'act-proposed': { station: 's', action: 'pick', score: 0.1 },
  'act-ended': { station: 's', outcome: 'taken-over', seconds: 12, user: 'u', episode: null },
} as const satisfies Readonly<Record<string, object>>;
const rowOf = (kind: string) => (ROWS as Readonly<Record<string, object>>)[kind] as Record<string, unknown>;
const KINDS = Object.keys(SITE_FACTS) as SiteFactKind[];

describe('rows of the journal in words', () => {
  it.each(['en', 'zh', 'id'] as const)('every kind has a sentence of its own in %s', (language) => {
    const words = wordsOf(language);
    const said = KINDS.map((kind) => {
      expect([kind, SITE_FACTS[kind].safeParse(rowOf(kind)).success]).toEqual([kind, true]);
      return eventInWords(event(kind, rowOf(kind)), words).main;
    });
    expect(new Set(said).size).toBe(KINDS.length);
    expect(said.filter((text) => /\{|\}|undefined|NaN/.test(text))).toEqual([]);
    const other = words.t('evOther', { kind: '' }).slice(0, 4);
    expect(said.filter((text) => text.startsWith(other))).toEqual([]);
  });

  it.each(['zh', 'id'] as const)('no kind is said in English in %s', (language: Language) => {
    for (const kind of KINDS) {
      const row = event(kind, rowOf(kind));
      expect(eventInWords(row, wordsOf(language)).main).not.toBe(eventInWords(row, wordsOf('en')).main);
    }
  });

  it('say what the gate did and why, in the language of the reader', () => {
    expect(eventInWords(event('decided', rowOf('decided')), wordsOf('en'))).toEqual({
      main: 'The gate called: pass; drawn for an audit',
      more: 'Score at or below the accepted one. score 0.25',
    });
    expect(eventInWords(event('decided', rowOf('decided')), wordsOf('zh')).main).toBe(
      '闸门判定：放行；被抽中检查',
    );
    expect(eventInWords(event('transition', rowOf('transition')), wordsOf('en')).more).toBe(
      'Certificate on 28,000 labelled units.',
    );
  });

  it('say whether an answer is evidence', () => {
    expect(eventInWords(event('answered', rowOf('answered')), wordsOf('en')).main).toBe(
      'Judged loose; no evidence',
    );
  });

  it('keep the name of a kind that is unknown or has another shape', () => {
    expect(eventInWords(event('of-tomorrow', {}), wordsOf('en')).main).toBe('Entry “of-tomorrow”');
    expect(eventInWords(event('decided', { call: 'pass' }), wordsOf('en')).main).toBe('Entry “decided”');
    expect(eventInWords(event('constructor', {}), wordsOf('id')).main).toBe('Catatan “constructor”');
  });

  it('tell what the guard held back from what the equipment refused, and how a lease ended', () => {
    const en = wordsOf('en');
    const ended = (outcome: string, why: string) =>
      eventInWords(event('write-ended', { ...rowOf('write-ended'), outcome, why }), en);
    expect(ended('refused', 'too-late').main).toBe('Setting speed was held back');
    expect(ended('refused', 'too-late').more).toBe('Its time was over before it could be sent.');
    expect(ended('refused', 'BadNotWritable').main).toBe('The equipment refused to set speed');
    const proposed = (why: string) =>
      eventInWords(event('proposed', { ...rowOf('proposed'), applied: false, why }), en);
    expect(proposed('interlock-open').more).toBe('An interlock did not allow it.');
    expect(proposed('unknown').main).toContain('a person has to look');
    for (const language of ['en', 'zh', 'id'] as const) {
      const leases = SITE_FACTS['lease-ended'].shape.why.options.map(
        (why) => eventInWords(event('lease-ended', { ...rowOf('lease-ended'), why }), wordsOf(language)).main,
      );
      expect(new Set(leases).size).toBe(leases.length);
      const openings = [
        { kind: 'shadow-proposal', agreed: true },
        { kind: 'shadow-proposal', agreed: false },
        { kind: 'lease-signed' },
        { kind: 'trial-pair', gain: 0.1 },
        { kind: 'trial-pair', gain: -0.1 },
        { kind: 'applied-outcome', inTolerance: true },
        { kind: 'applied-outcome', inTolerance: false },
        { kind: 'epoch-ended' },
      ].map((told) =>
        eventInWords(event('opening', { ...rowOf('opening'), event: told }), wordsOf(language)),
      );
      expect(new Set(openings.map(({ main }) => main)).size).toBe(openings.length);
    }
  });
});
