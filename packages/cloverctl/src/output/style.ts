// Colours by SGR codes. Whether there are any is decided once, from the terminal and the environment.

export type Paint = (text: string) => string;

export interface Style {
  readonly colour: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly yellow: Paint;
  readonly green: Paint;
  readonly cyan: Paint;
  /** The same colour for a service everywhere. */
  readonly service: (name: string) => Paint;
}

/** NO_COLOR wins over CLICOLOR_FORCE, which wins over what the terminal can. */
export function wantsColour(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (env['NO_COLOR']) return false;
  if (env['CLICOLOR_FORCE'] && env['CLICOLOR_FORCE'] !== '0') return true;
  return isTerminal && env['TERM'] !== 'dumb';
}

/** Whether lines and blocks may be drawn: not on a dumb terminal, not in a locale without UTF-8. */
export function wantsUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['TERM'] === 'dumb') return false;
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return !locale || /utf-?8/i.test(locale);
}

/** The page's hues for services, in its order, as near as xterm's 256 colours have them. */
const SERVICE_COLOURS = [32, 172, 36, 169, 99, 106, 31, 166, 170, 71, 137, 103];

export function createStyle(colour: boolean): Style {
  const sgr = (open: string, close: number): Paint =>
    colour
      ? (text) => (text === '' ? '' : `\u001B[${open}m${text}\u001B[${close}m`)
      : (text) => text;
  return {
    colour,
    bold: sgr('1', 22),
    dim: sgr('2', 22),
    red: sgr('31', 39),
    yellow: sgr('33', 39),
    green: sgr('32', 39),
    cyan: sgr('36', 39),
    service: (name) => sgr(`38;5;${SERVICE_COLOURS[hash(name) % SERVICE_COLOURS.length]}`, 39),
  };
}

/** FNV-1a, as the page has it. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++)
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
