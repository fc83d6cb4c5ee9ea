import type { ProofView } from '@selvedge/core/records';
import type { TextKey } from '../language/texts.js';
import { useWords } from '../language/use-words.js';
import { type Line, LineChart, thinned } from '../parts/line-chart.js';
import { extent } from '../parts/scale.js';

/** Points drawn of a long history; the last one is always among them. */
const MOST = 600;
/** A longer history has days on its axis, not hours. */
const LONG_MS = 3 * 86_400_000;

/** The bound of escapes for each automatic share, with the certified point. */
export function CurveChart({ proof }: { proof: ProofView }) {
  const { t, format } = useWords();
  const budget = proof.station.budget?.escapeRate ?? null;
  const curve = thinned(proof.curve, MOST);
  const upper = proof.certificate?.upper ?? null;
  // The certified bound lies on the curve at the largest share that it still carries.
  const at =
    upper === null ? null : (curve.filter(({ escapeUpper }) => escapeUpper <= upper + 1e-12).at(-1) ?? null);
  return (
    <section aria-labelledby="curve">
      <h2 id="curve">{t('curveTitle')}</h2>
      <p className="quiet-text">{t('curveText')}</p>
      {curve.length === 0 ? (
        <p className="empty chart-empty">{t('curveNone')}</p>
      ) : (
        <LineChart
          title={t('curveTitle')}
          xName={t('curveX')}
          yName={t('escapesAxis')}
          x={(value) => format.percent(value)}
          y={(value) => format.percent(value)}
          lines={[
            {
              name: t('curveUpper'),
              look: 'main',
              points: curve.map((p) => [p.share, p.escapeUpper] as const),
            },
            {
              name: t('curveRate'),
              look: 'faint',
              points: curve.map((p) => [p.share, p.escapeRate] as const),
            },
          ]}
          limits={budget === null ? [] : [{ name: t('liveBudget'), y: budget }]}
          point={at && upper !== null ? { name: t('curvePoint'), x: at.share, y: upper } : null}
          yHolds={[0]}
          {...(budget === null
            ? {}
            : {
                yMost: highest(
                  6 * budget,
                  curve.map(({ escapeUpper }) => escapeUpper),
                ),
              })}
        />
      )}
    </section>
  );
}

/**
 * What happened since the gate first decided in this epoch: while it was in shadow nothing was audited and no limit
 * was in force, and a long shadow would leave no room for what matters.
 */
function decided<T extends { readonly seq: number }>(proof: ProofView, points: readonly T[]): readonly T[] {
  const first = proof.live.find(({ state }) => state !== 'shadow');
  return first === undefined ? [] : points.filter(({ seq }) => seq >= first.seq);
}

/** The top of an axis: near the budget, yet never so low that the best bound so far is out of sight. */
const highest = (wanted: number, values: readonly number[]): number =>
  Math.max(wanted, 1.4 * (extent(values)?.low ?? 0));

/** What the audits alone carry, against the budget. */
export function LiveChart({ proof }: { proof: ProofView }) {
  const { t, format } = useWords();
  const budget = proof.station.budget?.escapeRate ?? null;
  const live = thinned(decided(proof, proof.live), MOST);
  const long = (live.at(-1)?.atMs ?? 0) - (live[0]?.atMs ?? 0) > LONG_MS;
  const time = (atMs: number) => (long ? format.shortDay(atMs) : format.clock(atMs));
  return (
    <section aria-labelledby="live">
      <h2 id="live">{t('liveTitle')}</h2>
      <p className="quiet-text">{t('liveText')}</p>
      {live.length < 2 ? (
        <p className="empty chart-empty">{t(live.length === 0 ? 'liveNone' : 'chartSoon')}</p>
      ) : (
        <>
          <LineChart
            title={t('liveTitle')}
            xName={t('colTime')}
            yName={t('escapesAxis')}
            times
            x={time}
            y={(value) => format.percent(value)}
            lines={[
              {
                name: t('liveBound'),
                look: 'main',
                steps: true,
                points: live.map((p) => [p.atMs, p.liveUpper] as const),
              },
            ]}
            limits={budget === null ? [] : [{ name: t('liveBudget'), y: budget }]}
            yHolds={[0]}
            {...(budget === null
              ? {}
              : {
                  yMost: highest(
                    8 * budget,
                    live.map(({ liveUpper }) => liveUpper),
                  ),
                })}
          />
          <LineChart
            title={`${t('automatic')}, ${t('liveAuditRate')}`}
            xName={t('colTime')}
            yName={t('shareAxis')}
            times
            x={time}
            y={(value) => format.percent(value)}
            height={170}
            lines={[
              {
                name: t('automatic'),
                look: 'second',
                steps: true,
                points: live.map((p) => [p.atMs, p.automaticShare] as const),
              },
              {
                name: t('liveAuditRate'),
                look: 'third',
                steps: true,
                points: live.map((p) => [p.atMs, p.auditRate] as const),
              },
            ]}
            yHolds={[0, 1]}
            yMost={1}
          />
        </>
      )}
    </section>
  );
}

/** Evidence that something moved, as powers of ten, with the levels at which the gate acts. */
export function DriftChart({ proof }: { proof: ProofView }) {
  const { t, format } = useWords();
  // Both histories have the same rows: people know when something happened, not in which row.
  const atMs = new Map(proof.live.map((p) => [p.seq, p.atMs]));
  const drift = thinned(decided(proof, proof.drift), MOST).flatMap((p) => {
    const at = atMs.get(p.seq);
    return at === undefined ? [] : [{ ...p, at }];
  });
  const { alarmLog10, closeLog10, harmWatchLog10, harmCloseLog10 } = proof.levels;
  const power = (value: number) => `10${raised(Math.round(value))}`;
  const limit = (key: TextKey, log10: number) => ({
    name: t(key, { level: log10 > 5 ? power(log10) : format.whole(Math.round(10 ** log10)) }),
    y: log10,
  });
  const long = (drift.at(-1)?.at ?? 0) - (drift[0]?.at ?? 0) > LONG_MS;
  const common = {
    xName: t('colTime'),
    yName: t('driftAxis'),
    times: true,
    x: (value: number) => (long ? format.shortDay(value) : format.clock(value)),
    y: power,
    yHolds: [0],
    yWhole: true,
  };
  const line = (key: TextKey, look: Line['look'], of: 'level' | 'spread' | 'harm'): Line => ({
    ...{ name: t(key), look },
    points: drift.map((p) => [p.at, p[of]] as const),
  });
  return (
    <section aria-labelledby="drift">
      <h2 id="drift">{t('driftTitle')}</h2>
      <p className="quiet-text">{t('driftText')}</p>
      {drift.length < 2 ? (
        <p className="empty chart-empty">{t(drift.length === 0 ? 'driftNone' : 'chartSoon')}</p>
      ) : (
        <div className="columns">
          <div>
            <h3>{t('driftScores')}</h3>
            <LineChart
              {...common}
              title={t('driftScores')}
              lines={[line('driftLevel', 'main', 'level'), line('driftSpread', 'third', 'spread')]}
              limits={[limit('driftAlarm', alarmLog10), limit('driftClose', closeLog10)]}
            />
          </div>
          <div>
            <h3>{t('driftAudits')}</h3>
            <LineChart
              {...common}
              title={t('driftAudits')}
              lines={[line('driftHarm', 'second', 'harm')]}
              limits={[limit('driftHarmWatch', harmWatchLog10), limit('driftHarmClose', harmCloseLog10)]}
            />
          </div>
        </div>
      )}
    </section>
  );
}

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A whole number as a superscript. */
export const raised = (value: number): string =>
  [...String(value)].map((sign) => (sign === '-' ? '⁻' : (RAISED[Number(sign)] ?? ''))).join('');
