import { startOpcUaServer } from '../../src/opc-ua/server.js';
import { NAMESPACE } from './kit.js';

/** A server that can be killed: counts a tag up every 50 ms. Arguments: folder, port. */
const [folder = '', port = '0'] = process.argv.slice(2);
const server = await startOpcUaServer({
  port: Number(port),
  folder,
  namespace: NAMESPACE,
  unsecured: 'accepted',
  tags: [
    { tag: 'count', type: 'uint32', value: 0 },
    { tag: 'still', type: 'double', value: 4 },
    { tag: 'setpoint', type: 'double', writable: true, value: 0 },
  ],
});
process.stdout.write(`ready ${server.endpoint}\n`);
for (let count = 1; ; count += 1) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  server.set('count', count);
}
