import type { StationReport } from '@selvedge/core/records';
import { escapeHtml as h } from '../../format.js';
import { htmlTable, pairs, para } from '../../html.js';
import { gateState, type SiteContext } from '../context.js';

/** One sentence a station, and what it rests on. */
export function answer(c: SiteContext): string {
  const { t, n } = c;
  const list = c.report.stations.map((station) => {
    const { units, automaticShare: share, name } = station;
    const over = units.automatic + units.asked + units.defaulted;
    const proof = proofOf(c, station);
    const text =
      share === null || units.automatic === 0
        ? c.fill(t.answerPeople, { name, units: n.whole(units.decided), proof })
        : c.fill(t.answerDecides, {
            ...{ name, proof, automatic: n.whole(units.automatic), units: n.whole(over) },
            share: n.percent(share.share),
            low: n.percent(share.lower, 'down'),
            high: n.percent(share.upper, 'up'),
          });
    return `<p class="lead">${h(text)} ${c.badge}</p>`;
  });
  return `${list.join('')}${para(t.confidence95, 'note')}`;
}

/** What escapes are counted per, in the reader's language. */
export const perOf = ({ shared }: SiteContext, { signatures }: StationReport): string =>
  signatures.at(-1)?.contract === 'per-pass' ? shared.perPass : shared.perUnit;

function proofOf(c: SiteContext, station: StationReport): string {
  const { t, n } = c;
  const { gate } = station;
  const signed = station.signatures.at(-1);
  if (gate === null || signed === undefined) return t.proofNoGate;
  if (gate.liveUpper === null || gate.state === 'shadow' || gate.state === 'closed')
    return c.fill(t.proofPeople, { state: gateState(c, gate.state) });
  const values = {
    upper: n.percent(gate.liveUpper, 'up'),
    per: perOf(c, station),
    budget: n.percent(signed.escapeRate),
  };
  if (gate.provenByAudits) return c.fill(t.proofYes, values);
  const { promised } = gate;
  if (promised === null || promised.atMs === null) return c.fill(t.proofNone, values);
  return c.fill(t.proofNo, {
    ...values,
    date: c.time(promised.atMs),
    certified: n.percent(promised.upper, 'up'),
  });
}

/** The journal's range, the key, the commands. */
export function check(c: SiteContext): string {
  const { t, n, report } = c;
  const { journal, key } = report;
  const code = (text: string): string => `<code class="hash">${h(text)}</code>`;
  const rows: (readonly [string, string])[] = [
    [h(t.kHead), h(c.fill(t.kRow, { seq: n.whole(journal.head.seq), epoch: String(journal.head.epoch) }))],
    [h(t.kHash), code(journal.head.hash)],
    [h(t.kKey), key === null ? h(t.kNoKey) : code(key.fingerprint)],
    [h(t.kSteps), n.whole(journal.clockSteps)],
    [h(t.kVersions), h(journal.versions.join(', ') || t.notKnown)],
  ];
  const kept = journal.keptFrom > 1 ? para(c.fill(t.kKept, { seq: n.whole(journal.keptFrom) })) : '';
  const pin = key === null ? '' : ` --key ${key.fingerprint}`;
  return `${para(t.checkText)}${pairs(rows)}${kept}<pre>selvedge verify .${h(pin)}\nselvedge verify . --journal FOLDER</pre>`;
}

/** What the figures rest on, each with the way a broken one would show. */
export function assumptions({ t, shared }: SiteContext): string {
  const rows = [
    [t.aClock, t.aClockCheck],
    [t.aAudits, t.aAuditsCheck],
    [t.aReaders, t.aReadersCheck],
    [t.aExchange, t.aExchangeCheck],
    [t.aPoisson, t.aPoissonCheck],
    [t.aIntervened, t.aIntervenedCheck],
    [t.aFindings, t.aFindingsCheck],
  ].map((row, i) => [`A${i + 1}`, ...row.map(h)]);
  return htmlTable(['', shared.colAssumed, shared.colCheck], rows, 'words stack prose');
}
