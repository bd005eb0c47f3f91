/**
 * How a message shows the value that it got: short, on one line, and harmless wherever it is
 * printed.
 */

const SHOWN_LENGTH_MAX = 60;

/**
 * What JSON.stringify leaves as it is though a terminal or a page would act on it: DEL and the C1
 * controls, zero-width and direction marks, line separators, the byte order mark.
 */
const UNSHOWABLE = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** `"text"`, `12`, `true`, `an object`, `an array of 3`, `nothing`. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return describeText(value);
    case 'number':
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'nothing';
    case 'object':
      if (value === null) return 'nothing';
      return Array.isArray(value) ? `an array of ${value.length}` : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

function describeText(text: string): string {
  const shown = text.length > SHOWN_LENGTH_MAX ? text.slice(0, SHOWN_LENGTH_MAX) : text;
  const quoted = JSON.stringify(shown).replace(UNSHOWABLE, escapeCharacter);
  return shown === text ? quoted : `${quoted}…`;
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
