const slots = 16;
const goldenAngle = 137.508; // degrees: neighbouring slots differ as much as can be

const taken: (string | undefined)[] = new Array<string | undefined>(slots).fill(undefined);
const known = new Map<string, number>();

/**
 * The hue of a service, in degrees. It follows from the name, so that it is the same on every page and every day, and moves to
 * the next free slot only where two services at hand would share one.
 */
export function hueOf(service: string): number {
  let slot = known.get(service);
  if (slot === undefined) {
    slot = hash(service) % slots;
    for (let step = 0; step < slots && taken[slot] !== undefined; step++) slot = (slot + 1) % slots;
    taken[slot] ??= service;
    known.set(service, slot);
  }
  return Math.round(slot * goldenAngle) % 360;
}

// FNV-1a
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
