import { type Fault, type Verdict, verifyJournal } from '@selvedge/store';
import { journalAt } from './site-folder.js';

interface VerifyDocument extends Omit<Verdict, 'faults'> {
  readonly specVersion: '1';
  readonly file: string;
  readonly faults: readonly (Fault & { readonly sentence: string })[];
}

/** @throws StoreError `not-a-journal`. */
export async function runVerify(
  path: string,
  {
    head,
    progress,
  }: { readonly head: string | null; readonly progress: (done: number, what: string) => void },
): Promise<{ document: VerifyDocument; text: string }> {
  const file = await journalAt(path);
  const verdict = verifyJournal(file, { ...(head === null ? {} : { head }), progress });
  const faults = verdict.faults.map((fault) => ({ ...fault, sentence: faultSentence(fault) }));
  const document = { specVersion: '1' as const, file, ...verdict, faults };
  return { document, text: verdictText(document, head) };
}

/** One fault in one sentence. */
export function faultSentence(fault: Fault): string {
  switch (fault.what) {
    case 'removed':
      return fault.fromSeq === fault.toSeq
        ? `Row ${fault.fromSeq} is missing: it was removed.`
        : `Rows ${fault.fromSeq} to ${fault.toSeq} are missing: they were removed.`;
    case 'changed':
      return `Row ${fault.seq} was changed after it was written.`;
    case 'hash-changed':
      return `The hash of row ${fault.seq} was changed; its content is as it was written.`;
    case 're-ordered':
      return `Row ${fault.seq} was put there from elsewhere: it was written as row ${fault.belongsAt}.`;
    case 'epoch-went-back':
      return `Row ${fault.seq} is of an earlier epoch than a row before it.`;
    case 'content-changed':
      return `The content ${fault.hash} is not what it was when a row named it.`;
    case 'content-missing':
      return `The content ${fault.hash}, which row ${fault.seq} names, is missing: it was removed.`;
    case 'unreadable':
      return `The file cannot be read any further: ${fault.why}.`;
    case 'other-head':
      return fault.found === null
        ? `There is no row, but ${fault.expected} was written down as the last one.`
        : `The last row has the hash ${fault.found}, but ${fault.expected} was written down: rows were cut off, or came after.`;
  }
}

function verdictText(
  { file, ok, rows, firstSeq, head, faults }: VerifyDocument,
  asked: string | null,
): string {
  const from =
    firstSeq !== null && firstSeq > 1 ? ` from row ${firstSeq} (the earlier ones were shipped)` : '';
  const lines = ok
    ? [`${file} is sound: ${rows} rows${from}, each follows from the one before.`]
    : [
        `${file} is NOT sound (${rows} rows read${from}):`,
        ...faults.map(({ sentence }) => `  ${sentence}`),
        'Keep the file as it is, and compare it with a backup.',
      ];
  if (head) {
    lines.push(`Last row: ${head.seq}, epoch ${head.epoch}, hash ${head.hash}`);
    if (ok && asked === null)
      lines.push(
        'Rows cut off at the end leave no trace: keep this hash elsewhere, and give it with --head.',
      );
  }
  return `${lines.join('\n')}\n`;
}
