import { createHash, createHmac } from 'node:crypto';
import { auditDraw } from '@selvedge/core';
import type { SiteFactBody, StationReport } from '@selvedge/core/records';
import type { Database } from '@selvedge/store';

/** Makes every draw of an epoch whose secret was opened again from it (rules ), and writes what came out in place. */
export function checkDraws(
  db: Database,
  {
    station,
    draws,
    last,
  }: { readonly station: string; readonly draws: StationReport['draws']; readonly last: number },
): void {
  const rows = db.prepare(
    `SELECT subject, body FROM journal WHERE kind = 'decided' AND seq > ? AND seq <= ?`,
  );
  const hmac = (key: Uint8Array, message: string): Uint8Array =>
    createHmac('sha256', key).update(message).digest();
  for (const [i, draw] of draws.entries()) {
    const { opened, commitment, committedSeq, epoch } = draw;
    if (opened === null) continue;
    const secret = Buffer.from(opened.secret, 'hex');
    const fits = createHash('sha256').update(secret).digest('hex') === commitment;
    let checked = 0;
    let wrong = 0;
    for (const row of rows.iterate(committedSeq, Math.min(opened.seq, last))) {
      const body = JSON.parse(String(row.body)) as SiteFactBody<'decided'>;
      if (body.station !== station || body.epoch !== epoch) continue;
      const made = auditDraw(hmac, secret, String(row.subject));
      const asDrawn = body.by !== 'gate' || made < body.propensity === body.audit;
      checked += 1;
      if (made !== body.draw || !asDrawn) wrong += 1;
    }
    draws[i] = { ...draw, opened: { ...opened, fits, checked, wrong } };
  }
}
