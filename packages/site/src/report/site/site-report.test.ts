import { siteReportSchema } from '@selvedge/core/records';
import { expect, it } from 'vitest';
import { reportedPlant } from '../../../test/reported-plant.js';
import { journalSpan, makeSiteReport } from './make-site-report.js';

it('makes a report that fits its schema', async () => {
  const ran = await reportedPlant();
  const span = journalSpan(ran.file);
  const report = makeSiteReport({ file: ran.file, fromMs: span.firstMs, toMs: span.lastMs + 1 });
  expect(siteReportSchema.parse(report)).toEqual(report);
});
