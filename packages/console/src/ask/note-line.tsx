import { useWords } from '../language/use-words.js';
import type { Note } from './queue.js';

/** What went wrong or passed by. Its line is always there, so that nothing moves under a finger. */
export function NoteLine({ note }: { note: Note | null }) {
  const { t, disposition } = useWords();
  const text = (() => {
    if (note === null) return null;
    const { unit } = note;
    switch (note.kind) {
      case 'failed':
        return t('noteFailed', { unit, why: note.why === '' ? t('noteFailedBare') : note.why });
      case 'undo-failed':
        return t('noteUndoFailed', { unit, why: note.why });
      case 'overdue':
        return t('noteOverdue', { unit, disposition: disposition(note.otherwise) });
      case 'elsewhere':
        return t('noteElsewhere', { unit });
      case 'undone':
        return t('noteUndone', { unit });
    }
  })();
  const bad =
    note !== null && (note.kind === 'failed' || note.kind === 'undo-failed' || note.kind === 'overdue');
  return (
    <p className={`note-line${bad ? ' note-bad' : ''}`} role="status">
      {text}
    </p>
  );
}
