import { describe, expect, it } from 'vitest';
import { actOf, DEFAULT_PEDALS, keysFor, type Press, pedalsFrom, withPedal } from './keys.js';

const press = (key: string, more: Partial<Press> = {}): Press => ({
  ...{ key, repeat: false, ctrlKey: false, altKey: false, metaKey: false, typing: false },
  ...more,
});

describe('keys', () => {
  it('answers by number and by pedal, and says by which', () => {
    expect(actOf(press('2'), 3, DEFAULT_PEDALS)).toEqual({ do: 'choose', index: 1, by: 'keyboard' });
    expect(actOf(press('PageDown'), 3, DEFAULT_PEDALS)).toEqual({ do: 'choose', index: 1, by: 'pedal' });
    expect(actOf(press('F13'), 3, DEFAULT_PEDALS)).toEqual({ do: 'choose', index: 0, by: 'pedal' });
    expect(actOf(press('F15'), 3, DEFAULT_PEDALS)).toEqual({ do: 'undo' });
  });

  it('does nothing for a held key, while somebody types, for a missing answer or a browser shortcut', () => {
    expect(actOf(press('1', { repeat: true }), 2, DEFAULT_PEDALS)).toBeNull();
    expect(actOf(press('PageUp', { repeat: true }), 2, DEFAULT_PEDALS)).toBeNull();
    expect(actOf(press('1', { typing: true }), 2, DEFAULT_PEDALS)).toBeNull();
    expect(actOf(press('3'), 2, DEFAULT_PEDALS)).toBeNull();
    expect(actOf(press('1', { altKey: true }), 2, DEFAULT_PEDALS)).toBeNull();
    expect(actOf(press('x'), 2, DEFAULT_PEDALS)).toBeNull();
    expect(actOf(press('constructor'), 2, DEFAULT_PEDALS)).toBeNull();
  });

  it('moves by arrows, undoes, helps', () => {
    expect(actOf(press('ArrowRight'), 2, DEFAULT_PEDALS)).toEqual({ do: 'move', step: 1 });
    expect(actOf(press('ArrowUp'), 2, DEFAULT_PEDALS)).toEqual({ do: 'move', step: -1 });
    expect(actOf(press('z', { ctrlKey: true }), 2, DEFAULT_PEDALS)).toEqual({ do: 'undo' });
    expect(actOf(press('H'), 2, DEFAULT_PEDALS)).toEqual({ do: 'help' });
  });

  it('keeps pedals that were told something, and no nonsense', () => {
    const told = withPedal({}, 'F20', 2);
    expect(pedalsFrom(JSON.stringify(told))).toEqual({ F20: 2 });
    expect(withPedal(told, 'Enter', 0)).toBe(told);
    expect(pedalsFrom('{"F20":9,"1":0,"F21":"undo"}')).toEqual({ F21: 'undo' });
    for (const kept of [null, '', '[1]', '{', '3']) expect(pedalsFrom(kept)).toEqual(DEFAULT_PEDALS);
    expect(keysFor(DEFAULT_PEDALS, 0)).toEqual(['PageUp', 'F13']);
  });
});
