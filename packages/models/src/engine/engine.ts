import { InferenceSession, Tensor } from 'onnxruntime-node';

/** The part of a model engine that Selvedge uses: load a graph, run named tensors through it. */
export interface EngineSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, Tensor>, outputs?: readonly string[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/**
 * Opens an ONNX graph on the CPU: one intra-op thread without spinning unless `threads` says otherwise. `quiet`: its
 * failures are thrown and not printed too, where a failure is an expected outcome.
 */
export async function openSession(
  graph: Uint8Array,
  { threads = 1, quiet = false }: { threads?: number; quiet?: boolean } = {},
): Promise<EngineSession> {
  const session = await InferenceSession.create(graph, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: quiet ? 4 : 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: (feeds, outputs) => (outputs === undefined ? session.run(feeds) : session.run(feeds, [...outputs])),
    release: () => session.release(),
  };
}

export { Tensor };
