import type { Database } from '@selvedge/store';
import { userById } from '../../access/users-fold.js';

/** What people call somebody whose id stands in a row; what its id says where nobody is known by it (a token, a simulated reader). */
export const nameOf = (db: Database, user: string): string =>
  userById(db, user)?.name ?? user.replace(/^user:/, '');
