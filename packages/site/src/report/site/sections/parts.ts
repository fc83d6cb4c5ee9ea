import { escapeHtml as h } from '../../format.js';
import { gateState, type SiteContext } from '../context.js';

/** A heading that says where its figures come from. */
export const titled = (c: SiteContext, title: string): string => `<h3>${h(title)} ${c.badge}</h3>`;

/** The state of a gate, as HTML. */
export const stateText = (c: SiteContext, state: string): string => h(gateState(c, state));
