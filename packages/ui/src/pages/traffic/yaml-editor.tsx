// The editor of resources (CodeMirror), loaded when first opened. It lives in a shadow root: there its styles are
// constructed sheets, which the page's content security policy allows, while style elements are refused.

import { useEffect, useEffectEvent, useRef } from 'react';
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  type CompletionContext,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, indentOnInput } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { EditorState, type Text } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import type { TrafficFinding } from '@clover/model';
import { completeYaml, type FieldSchema, type KnownNames } from './complete-yaml.ts';
import { editorTheme } from './editor-theme.ts';

interface YamlEditorProps {
  readonly label: string;
  /** As it begins; another `key` makes another editor. */
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly findings: readonly TrafficFinding[];
  readonly kinds: Readonly<Record<string, FieldSchema>>;
  readonly known: KnownNames;
  /** A line to go to, from 1. */
  readonly line?: number | undefined;
}

export default function YamlEditor(props: YamlEditorProps) {
  const { label, text, findings, line } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;

  const open = useEffectEvent((element: HTMLElement) => {
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const complete = (context: CompletionContext) => {
      const { kinds, known } = latest.current;
      const { from, proposals } = completeYaml(
        context.state.doc.toString(),
        context.pos,
        kinds,
        known,
      );
      if (proposals.length === 0 || (!context.explicit && context.pos === from && !begins(context)))
        return null;
      return {
        from,
        options: proposals.map((one) => ({
          label: one.label,
          detail: one.detail,
          apply: one.text,
        })),
        validFor: /^[\w./-]*$/,
      };
    };
    const editor = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ override: [complete], icons: false }),
          lintGutter(),
          yaml(),
          EditorState.tabSize.of(2),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false' }),
          editorTheme,
          keymap.of([
            ...closeBracketsKeymap,
            ...defaultKeymap,
            ...historyKeymap,
            ...completionKeymap,
            indentWithTab,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    editor.focus();
    return () => {
      view.current = undefined;
      editor.destroy();
    };
  });
  // It keeps its own text from here on.
  useEffect(() => open(host.current!), []);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const { doc } = editor.state;
    editor.dispatch(
      setDiagnostics(
        editor.state,
        findings.flatMap((one) => diagnosticOf(one, doc)),
      ),
    );
  }, [findings]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || line === undefined || line > editor.state.doc.lines) return;
    const at = editor.state.doc.line(line).from;
    editor.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at) });
    editor.focus();
  }, [line]);

  return <div ref={host} data-editor />;
}

/** Whether something begins here that is worth a list without being asked for it. */
function begins({ state, pos }: CompletionContext): boolean {
  const { text, from } = state.doc.lineAt(pos);
  return /(^\s*(- )?|[:{,[]\s?)$/.test(text.slice(0, pos - from)) && text.trim() !== '';
}

function diagnosticOf(finding: TrafficFinding, doc: Text): Diagnostic[] {
  const { at, severity, message, hint, code } = finding;
  const line = doc.line(Math.min(doc.lines, Math.max(1, at?.line ?? 1)));
  const from = Math.min(line.to, line.from + Math.max(0, (at?.column ?? 1) - 1));
  const word = /^[^\s,{}[\]#]+/.exec(doc.sliceString(from, line.to))?.[0].length ?? 0;
  return [
    {
      from,
      to: Math.max(from, Math.min(line.to, from + Math.max(1, word))),
      severity,
      source: code,
      message: hint === '' ? message : `${message}\n${hint}`,
    },
  ];
}
