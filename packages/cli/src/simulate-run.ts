import type { LineOptions } from '@selvedge/pack-seat-sewing';

/** Runs a simulated line until it is told to stop. What it listens at is one JSON document on stdout. */
export async function runSimulate(
  options: LineOptions,
  voice: { readonly signal: AbortSignal; readonly say: (text: string) => void },
): Promise<void> {
  const { runLine } = await import('@selvedge/pack-seat-sewing');
  const line = await runLine(options);
  const { opcUa, modbusPort, controlPort } = line;
  voice.say(
    `${JSON.stringify({ origin: 'simulated', opcUa, mqtt: options.mqttUrl, modbusPort, controlPort, folder: options.folder })}\n`,
  );
  if (!voice.signal.aborted)
    await new Promise<void>((resolve) =>
      voice.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
  await line.close();
}
