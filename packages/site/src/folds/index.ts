import { blobIndex, type Projection } from '@selvedge/store';
import { usersFold } from '../access/users-fold.js';
import { gatesFold } from './gates.js';
import { hoursFold } from './hours.js';
import { learningFold } from './learning.js';
import { openingsFold } from './openings.js';
import { questionsFold } from './questions.js';
import { seedsFold } from './seeds.js';
import { unitsFold } from './units.js';
import { writesFold } from './writes.js';

/** Every table of a site but the journal itself: each can be made anew from it. */
export const PROJECTIONS: readonly Projection[] = [
  blobIndex,
  usersFold,
  unitsFold,
  questionsFold,
  seedsFold,
  gatesFold,
  hoursFold,
  writesFold,
  openingsFold,
  learningFold,
];
