import type { StationReport } from '@selvedge/core/records';
import { escapeHtml as h } from '../../format.js';
import { htmlTable, pairs, para } from '../../html.js';
import type { SiteContext } from '../context.js';
import { perOf } from './ground.js';
import { stateText, titled } from './parts.js';

/** What a gate rests on, part by part. */
export const proofParts = (c: SiteContext, station: StationReport): string[] => [
  gate(c, station),
  signatures(c, station),
  certificates(c, station),
  audits(c, station),
  readers(c, station),
];

/** A sentence of the record: in the reader's language where it is known, else marked as English. */
function given(c: SiteContext, text: string): string {
  const known = c.say(text);
  return known === text && c.language !== 'en' ? `<span lang="en">${h(text)}</span>` : h(known);
}

function gate(c: SiteContext, station: StationReport): string {
  const { t, n, shared } = c;
  const { gate: g } = station;
  const signed = station.signatures.at(-1);
  if (g === null || signed === undefined) return `${titled(c, t.hGate)}${para(t.proofNoGate)}`;
  const per = perOf(c, station);
  const promised =
    g.promised === null
      ? t.gNone
      : g.promised.source === 'live'
        ? c.fill(t.byLive, { upper: n.percent(g.promised.upper, 'up') })
        : c.fill(t.byCertificate, {
            upper: n.percent(g.promised.upper, 'up'),
            date: c.time(g.promised.atMs ?? 0),
          });
  const rows = station.transitions.map(({ atMs, from, to, why }) => [
    h(c.time(atMs)),
    stateText(c, from),
    stateText(c, to),
    given(c, why),
  ]);
  const table =
    rows.length === 0
      ? para(t.noTransitions)
      : htmlTable([t.colTime, shared.colFrom, shared.colTo, shared.colWhy], rows, 'words stack');
  return `${titled(c, t.hGate)}${pairs([
    [h(t.gState), stateText(c, g.state)],
    [h(t.gReason), given(c, g.reason)],
    [h(t.gBudget), h(c.fill(shared.atMost, { rate: n.percent(signed.escapeRate), per }))],
    [
      h(t.gLive),
      h(g.liveUpper === null ? t.gNone : c.fill(shared.atMost, { rate: n.percent(g.liveUpper, 'up'), per })),
    ],
    [h(t.gPromise), h(promised)],
    [h(t.gNeeded), g.answersNeeded === null ? '–' : n.whole(g.answersNeeded)],
    [h(t.gRate), n.percent(g.auditRate)],
  ])}${ended(c, station)}${titled(c, t.hTransitions)}${table}`;
}

/** What epochs had proved that ended in the period. */
function ended(c: SiteContext, station: StationReport): string {
  const { t, n } = c;
  if (station.ended.length === 0) return '';
  const rows = station.ended.map((g) => [
    String(g.epoch),
    stateText(c, g.state),
    g.liveUpper === null ? '–' : n.percent(g.liveUpper, 'up'),
    n.percent(g.escapeRate),
    given(c, g.reason),
  ]);
  const head = [t.colEpoch, t.gState, t.gLive, t.gBudget, t.colReason];
  return `${titled(c, t.hEnded)}${htmlTable(head, rows, 'words stack')}`;
}

function signatures(c: SiteContext, { signatures: list }: StationReport): string {
  const { t, n, shared } = c;
  if (list.length === 0) return `${titled(c, t.hSigned)}${para(t.noSigned)}`;
  const rows = list.map((s) => [
    h(c.time(s.atMs)),
    h(s.by),
    h(`${n.percent(s.escapeRate)} ${s.contract === 'per-pass' ? shared.perPass : shared.perUnit}`),
    h(s.overkillRate === 0 ? shared.noReject : n.percent(s.overkillRate)),
    n.percent(s.confidence),
    s.plannedUnits === null ? '–' : n.whole(s.plannedUnits),
    h(s.reason),
  ]);
  const head = [t.colTime, t.colBy, t.colEscape, t.colOverkill, t.colConfidence, t.colPlanned, t.colReason];
  return `${titled(c, t.hSigned)}${htmlTable(head, rows, 'words stack')}`;
}

function certificates(c: SiteContext, { certificates: list }: StationReport): string {
  const { t, n } = c;
  if (list.length === 0) return `${titled(c, t.hCertificates)}${para(t.noCertificates)}`;
  const rows = list.map(({ atMs, n: units, bads, test, escapeUpper, hash }) => [
    h(c.time(atMs)),
    `${n.whole(units)} (${n.whole(bads)})`,
    test === null ? h(t.nothingProved) : c.language === 'en' ? h(test.replaceAll('-', ' ')) : given(c, test),
    escapeUpper === null ? '–' : n.percent(escapeUpper, 'up'),
    `<code class="hash">${h(hash)}</code>`,
  ]);
  const head = [t.colTime, t.colN, t.colTest, t.colUpper, t.colHash];
  return `${titled(c, t.hCertificates)}${htmlTable(head, rows, 'words stack')}`;
}

function audits(c: SiteContext, { audits: a, draws }: StationReport): string {
  const { t, n } = c;
  const texts = draws.map(({ epoch, commitment, committedSeq, opened }) => {
    if (opened === null)
      return para(
        c.fill(t.drawCommitted, { epoch: String(epoch), seq: n.whole(committedSeq), hash: commitment }),
      );
    const right = opened.fits && opened.wrong === 0;
    const values = {
      epoch: String(epoch),
      seq: n.whole(opened.seq),
      hash: commitment,
      checked: n.whole(opened.checked),
      wrong: n.whole(opened.wrong),
    };
    return right ? para(c.fill(t.drawRight, values)) : para(c.fill(t.drawWrong, values), 'band');
  });
  return `${titled(c, t.hAudits)}${pairs([
    [h(t.aDrawn), n.whole(a.drawn)],
    [h(t.aDone), n.whole(a.done)],
    [h(t.aOverdue), n.whole(a.overdue)],
    [h(t.aNotBlind), n.whole(a.notBlind)],
  ])}${texts.join('')}`;
}

function readers(c: SiteContext, { readers: r }: StationReport): string {
  const { t, n } = c;
  const { seeds } = r;
  const kappa =
    r.kappa === null
      ? t.notKnown
      : `${n.fixed(r.kappa, 2)}${r.kappaInterval === null ? '' : ` (${n.fixed(r.kappaInterval[0], 2, 'down')} – ${n.fixed(r.kappaInterval[1], 2, 'up')})`}`;
  return `${titled(c, t.hReaders)}${pairs([
    [h(t.rMeaning), h(r.meaning === 'truth' ? t.rTruth : t.rAgreement)],
    [
      h(c.fill(t.rSeeds, { needed: n.whole(seeds.needed) })),
      `${n.whole(seeds.read)} (${n.whole(seeds.missed)})`,
    ],
    [h(t.rFloor), h(r.missUpper === null ? t.notKnown : n.percent(r.missUpper, 'up'))],
    [h(t.rPairs), `${n.whole(r.pairs)} (${n.whole(r.agreed)})`],
    [h(t.rKappa), h(kappa)],
  ])}`;
}
