import type { Command } from '../command.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export const completion: Command = {
  path: 'completion',
  summary: 'Completion for bash, zsh and fish',
  text: 'Writes a script for the shell. It completes commands and flags, and by asking the controller also services, operations, attributes, metrics and recent traces.\n\nbash: source <(cloverctl completion bash)\nzsh:  source <(cloverctl completion zsh)\nfish: cloverctl completion fish | source',
  examples: [
    { says: 'for this shell', line: 'completion bash > /tmp/clover.sh && . /tmp/clover.sh' },
    {
      says: 'for all later ones',
      line: 'completion bash > ~/.local/share/bash-completion/completions/cloverctl',
    },
  ],
  arguments: [{ name: 'SHELL', choices: SHELLS, says: 'the shell' }],
  run: async (context) => {
    const { completionScript } = await import('../completion/script.ts');
    context.io.stdout.write(completionScript(context.args[0]!, context.io.programName));
  },
};
