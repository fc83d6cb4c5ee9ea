import { connectorConformance } from '@selvedge/connect/conformance';
import { describe, it } from 'vitest';
import { makeSubject } from './subject.js';

connectorConformance({ name: 'line-tcp', make: makeSubject }, { describe, it });
