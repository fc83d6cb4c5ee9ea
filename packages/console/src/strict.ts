/**
 * Under a strict content-security policy nothing may be compiled at run time. The schemas must know it before their
 * library is loaded, so this file comes before every other import.
 */
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });

export {};
