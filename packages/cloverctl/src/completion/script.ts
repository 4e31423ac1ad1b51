import { script } from '@bomb.sh/tab';

/** The library's script for bash calls a helper of the package bash-completion, which not every machine has. */
const BASH_WITHOUT_HELPERS = `declare -F _get_comp_words_by_ref >/dev/null || _get_comp_words_by_ref() {
    local line="\${COMP_LINE:0:COMP_POINT}"
    read -ra words <<<"$line"
    [[ "$line" == *[[:space:]] ]] && words+=("")
    cword=$((\${#words[@]} - 1))
    cur="\${words[cword]}"
    prev="\${words[cword - 1]}"
}

`;

/**
 * The shell's script, which calls `cloverctl complete -- WORDS…`. The library prints it, so what it
 * prints is caught here.
 */
export function completionScript(shell: string, programName: string): string {
  const name = programName.replace(' ', '-');
  // oxlint-disable no-console -- the library's only way out
  const log = console.log;
  let text = '';
  console.log = (line: string) => {
    text += `${line}\n`;
  };
  try {
    script(shell as Parameters<typeof script>[0], name, name);
  } finally {
    console.log = log;
  }
  // oxlint-enable no-console
  if (shell !== 'bash') return text;
  // Read twice (a new shell in a shell), `readonly` would complain.
  return BASH_WITHOUT_HELPERS + text.replaceAll(/^readonly /gm, '');
}
