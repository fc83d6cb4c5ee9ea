export { Blobs, readContent } from './blobs/blobs.js';
export { Reserve } from './blobs/reserve.js';
export { blobIndex, type RetentionPolicy, type RetentionReport, retain } from './blobs/retention.js';
export type { BlobRef, Entry, Fact, Receipt } from './journal/entry.js';
export { JOURNAL_FILE, Journal, type JournalOptions, type JournalState } from './journal/journal.js';
export { entryOf, type Selection, storedOf } from './journal/read.js';
export { type Fault, type Verdict, verifyJournal } from './journal/verify.js';
export type { Projection } from './projections/projection.js';
export {
  type Connect,
  type Database,
  hasWriter,
  openDatabase,
  openForReading,
  type Row,
  type Statement,
  sqliteVersion,
  type Value,
} from './sqlite/database.js';
export { StoreError, type StoreErrorCode } from './store-error.js';
