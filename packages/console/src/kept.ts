/** What a browser keeps of a person's choices; where it may keep nothing, choices last as long as the page. */
export const kept = {
  get(key: string): string | null {
    try {
      return localStorage.getItem(`selvedge:${key}`);
    } catch {
      return null;
    }
  },
  set(key: string, value: string | null): void {
    try {
      if (value === null) localStorage.removeItem(`selvedge:${key}`);
      else localStorage.setItem(`selvedge:${key}`, value);
    } catch {
      // Private windows may refuse.
    }
  },
};
