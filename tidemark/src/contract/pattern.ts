/**
 * A contract's pattern under the Unicode reading that draft 2020-12 asks for. Many contracts in the world escape
 * punctuation that needs no escape (`\@`, `\-`), which that reading refuses; such an escape is taken as the character
 * it stands for, and everything else keeps its Unicode meaning. Throws SyntaxError where it is no pattern even so.
 */
export function compilePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch (error) {
    const plain = withoutIdleEscapes(pattern);
    if (plain === pattern) throw error;
    return new RegExp(plain, 'u');
  }
}

const IDLE_ESCAPE = /[^\p{L}\p{N}\p{M}^$\\.*+?()[\]{}|/]/u;

function withoutIdleEscapes(pattern: string): string {
  let plain = '';
  let inClass = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const unit = pattern[at] as string;
    if (unit === '[') inClass = true;
    else if (unit === ']') inClass = false;
    if (unit !== '\\' || at + 1 === pattern.length) {
      plain += unit;
      continue;
    }
    at += 1;
    const escaped = pattern[at] as string;
    // In a class `\-` is a hyphen and `-` may be a range: there the escape does something.
    const idle = IDLE_ESCAPE.test(escaped) && !(inClass && escaped === '-');
    plain += idle ? escaped : unit + escaped;
  }
  return plain;
}
