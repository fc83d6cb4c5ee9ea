import { fileURLToPath } from 'node:url';

/** Folder of the connector that `selvedge connector` copies: it passes the suite of conformance as it lies there. */
export const CONNECTOR_TEMPLATE: string = fileURLToPath(new URL('../template', import.meta.url));

/** Name of its protocol, which a copy replaces by its own. */
export const TEMPLATE_PROTOCOL = 'line-tcp';
