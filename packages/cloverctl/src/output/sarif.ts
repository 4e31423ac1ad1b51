// SARIF 2.1.0 (OASIS), as code hosts show it beside the lines of a change.

export interface SarifResult {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly at:
    | { readonly file: string; readonly line: number; readonly column: number }
    | undefined;
}

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const;

/** One run with all results, ending in a line end. File names are as they were given, with forward slashes. */
export function sarifJson(tool: string, results: readonly SarifResult[]): string {
  const rules = [...new Set(results.map(({ code }) => code))].toSorted();
  const document = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: tool, rules: rules.map((id) => ({ id })) } },
        results: results.map(({ code, severity, message, at }) => ({
          ruleId: code,
          ruleIndex: rules.indexOf(code),
          level: LEVELS[severity],
          message: { text: message },
          locations: at
            ? [
                {
                  physicalLocation: {
                    artifactLocation: { uri: encodeURI(at.file.replaceAll('\\', '/')) },
                    region: { startLine: at.line, startColumn: at.column },
                  },
                },
              ]
            : [],
        })),
      },
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
