import type { Part } from '../live/supervisor.js';
import { type SimulatedOptions, SimulatedSource } from './simulated-source.js';

/** A simulated line under the supervisor: its past is made first, then its units come until the site stops. */
export const simulatorPart = (options: SimulatedOptions): Part => {
  const { id } = options.station.config;
  return {
    name: `simulator ${id}`,
    station: id,
    run: async ({ signal, up }) => {
      const source = await SimulatedSource.open(options, signal);
      if (signal.aborted) return;
      source.start();
      try {
        await up('units are made');
        await new Promise<void>((stop) => {
          if (signal.aborted) stop();
          signal.addEventListener('abort', () => stop(), { once: true });
        });
      } finally {
        source.stop();
      }
    },
  };
};
