/** A model that is asked over the network; `token` is sent as bearer token and never written anywhere. */
export type RemoteSpec = OpenInferenceSpec | LanguageSpec;

/** A server of the Open Inference Protocol v2 over HTTP. `url` is what stands before `/v2/…`. */
export interface OpenInferenceSpec {
  readonly kind: 'open-inference';
  readonly url: string;
  readonly model: string;
  /** Null: the one that the server takes. */
  readonly version: string | null;
  readonly token: string | null;
  /** `host` or `host:port` that an owner has allowed; the loopback needs no leave. */
  readonly allowedHosts: readonly string[];
}

/** A language model behind an OpenAI-compatible interface. `url` is what stands before `/chat/completions`. */
export interface LanguageSpec {
  readonly kind: 'language';
  readonly url: string;
  readonly model: string;
  /** What the engineer says a bad unit looks like. */
  readonly prompt: string;
  /** Names of the columns of a row, or of the channels of a series with their units. */
  readonly channels: readonly string[];
  readonly token: string | null;
  readonly allowedHosts: readonly string[];
  /** One unit's answer that takes longer is none. */
  readonly timeoutMs: number;
}

export interface RemoteOptions {
  /** A batch is answered within this: what is not answered by then has a fault. Default 50,000. */
  readonly batchMs?: number;
}
