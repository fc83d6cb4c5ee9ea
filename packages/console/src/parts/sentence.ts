/** The server's half-sentences with a capital and a full stop. */
export function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  if (first === '' || /[.!?。！？]$/.test(first)) return first;
  return /\p{Script=Han}/u.test(first) ? `${first}。` : `${first}.`;
}
