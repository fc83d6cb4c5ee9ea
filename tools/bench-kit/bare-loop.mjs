// The least that can be done with pictures in a thread: sharp, then the graph, batch after batch. It knows nothing
// of Selvedge: what the scorer's rate is compared with.
import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

const { graph, side, batch } = workerData;
const session = await InferenceSession.create(graph, {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: '0' } } },
});

parentPort.on('message', async (sources) => {
  if (sources === 'stop') {
    await session.release();
    parentPort.close();
    return;
  }
  const scores = [];
  for (let from = 0; from < sources.length; from += batch) {
    const pictures = await Promise.all(
      sources
        .slice(from, from + batch)
        .map((source) =>
          sharp(source).resize(side, side, { fit: 'fill', kernel: 'linear' }).removeAlpha().raw().toBuffer(),
        ),
    );
    const x = new Tensor('uint8', new Uint8Array(Buffer.concat(pictures)), [pictures.length, side, side, 3]);
    const out = await session.run({ x }, ['score']);
    scores.push(...out.score.data);
  }
  parentPort.postMessage(scores);
});
parentPort.postMessage('ready');
