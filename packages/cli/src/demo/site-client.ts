import type { EquipmentView, LineView, Question } from '@selvedge/core/records';

/** A person at a site's interface, as a browser is one. */
export class SiteClient {
  readonly address: string;
  #cookie = '';
  #csrf = '';

  constructor(address: string) {
    this.address = address;
  }

  /** The first owner of a new site. */
  async setUp(code: string, person: { readonly name: string; readonly password: string }): Promise<void> {
    await this.#session('/api/setup', { code, ...person });
  }

  async signIn(person: { readonly name: string; readonly password: string }): Promise<void> {
    await this.#session('/api/sign-in', person);
  }

  async line(): Promise<LineView> {
    return this.get('/api/line');
  }

  async equipment(): Promise<EquipmentView['connectors']> {
    return (await this.get<EquipmentView>('/api/equipment')).connectors;
  }

  async questions(): Promise<readonly Question[]> {
    return (await this.get<{ questions: Question[] }>('/api/questions')).questions;
  }

  /** @throws Error with the site's own words where it says no. */
  async get<T>(path: string): Promise<T> {
    return (await this.#taken(path, await this.#fetch(path, {}))) as T;
  }

  /** @throws Error with the site's own words where it says no. */
  async post<T>(path: string, body: object): Promise<T> {
    const response = await this.#fetch(path, { method: 'POST', body: JSON.stringify(body) });
    return (await this.#taken(path, response)) as T;
  }

  async #session(path: string, body: object): Promise<void> {
    await this.post(path, body);
    this.#csrf = (await this.get<{ csrf: string }>('/api/session')).csrf;
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = {
      cookie: this.#cookie,
      'x-csrf-token': this.#csrf,
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const response = await fetch(this.address + path, {
      ...init,
      headers,
      signal: AbortSignal.timeout(15_000),
    });
    this.#cookie = response.headers.get('set-cookie')?.split(';')[0] ?? this.#cookie;
    return response;
  }

  async #taken(path: string, response: Response): Promise<unknown> {
    if (response.ok) return response.json();
    throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }
}
