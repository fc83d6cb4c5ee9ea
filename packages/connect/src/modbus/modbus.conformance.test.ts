import { describe, it } from 'vitest';
import { modbusSubject } from '../../test/modbus-peer.js';
import { connectorConformance } from '../conformance/conformance.js';

connectorConformance({ name: 'modbus', make: modbusSubject }, { describe, it });
