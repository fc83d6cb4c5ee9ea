/**
 * Loads the native modules of this room and puts each to a small use: null where it works, else what it says.
 */
export async function loadNative(): Promise<
  readonly { readonly name: string; readonly fault: string | null }[]
> {
  const tried = async (name: string, use: () => Promise<unknown>) => {
    const fault = await use().then(
      () => null,
      (error: unknown) =>
        error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error),
    );
    return { name, fault };
  };
  return [
    await tried('onnxruntime-node', async () => {
      const { Tensor } = await import('onnxruntime-node');
      return new Tensor('float32', Float32Array.of(1), [1]);
    }),
    await tried('sharp', async () => {
      const { default: sharp } = await import('sharp');
      return sharp({ create: { width: 2, height: 2, channels: 3, background: '#000' } })
        .png()
        .toBuffer();
    }),
  ];
}
