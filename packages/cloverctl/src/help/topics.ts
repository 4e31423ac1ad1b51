// `help TOPIC`: what belongs to no command.

export interface Topic {
  readonly name: string;
  readonly summary: string;
  readonly text: string;
}

export const TOPICS: readonly Topic[] = [
  {
    name: 'exit-codes',
    summary: 'what the exit code says',
    text: `Exit codes

  0    it worked
  1    it failed: the controller is not there, the store refused, a file is damaged
  2    the command line or a file is wrong
  3    a check came out negative (--check): requests were lost, B is worse than A
  4    no access: the token is missing, wrong, or of too low a role
  5    a check is inconclusive: there is too little to judge by
  130  interrupted`,
  },
  {
    name: 'output',
    summary: 'forms of output, colours, pipes',
    text: `Output

  stdout has the data, stderr all else: notes, progress, errors.

  -o table   columns (default); on a terminal with a header, fitted to its width
  -o wide    more columns, texts in full
  -o json    the API's own object; figures are exact, durations nanoseconds
  -o yaml    the same as YAML
  -o name    names only, a line each

  In a pipe tables have no header (unless -o names the form), times are RFC 3339 in UTC, and nothing
  is cut.
  Columns are at least two blanks apart: awk -F'  +' '{print $2}'.

  Notes on stderr say when an answer is cut, sampled or incomplete.

  NO_COLOR=1 turns colours off, CLICOLOR_FORCE=1 on in a pipe too; TERM=dumb has neither colours nor
  drawings. COLUMNS sets the width.`,
  },
  {
    name: 'filters',
    summary: 'time ranges and filters',
    text: `Time ranges and filters

  --since 15m                the last 15 minutes (default); units ms, s, m, h, d, w
  --start now-2h --end now-1h
  --start 2026-01-31T12:00:00Z --end 1769864400000

  --service NAME             short for --filter service=NAME
  --filter KEY=VALUE         also !=  =~ (regular expression)  !~  >  >=  <  <=
                             repeated filters must all hold

  KEY is service, version, node, operation, url, urlHost, urlTemplate, statusCode, statusClass, method,
  route, userAgent, userAgentFamily, peer, upstreamCluster, subset, responseFlags, kind, status,
  duration, or any attribute; \`get attributes\` lists those that came.

  --filter 'duration>250ms' --filter 'statusCode>=500' --filter 'url=~/products/.*'`,
  },
  {
    name: 'settings',
    summary: 'where settings come from',
    text: `Settings

  First found wins:

  1. the flag              --server URL, --token TOKEN, --output FORM, --since DURATION
  2. the variable          CLOVER_SERVER, CLOVER_TOKEN, CLOVER_OUTPUT, CLOVER_SINCE
  3. clover.yaml           in the working directory or a parent, under the key cloverctl:
                               cloverctl:
                                 server: http://clover.example:9400
  4. the user's file       $XDG_CONFIG_HOME/clover/config.yaml (else ~/.config/clover/config.yaml):
                               server: http://clover.example:9400
                               token: …
  5. the default           http://127.0.0.1:9400

  \`config view --show-origin\` shows what is in force and where it came from.`,
  },
];
