import { useState } from 'react';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import css from './copyable.module.css';

/** A command or snippet with its copy button. */
export function Copyable({
  text,
  block = false,
}: {
  readonly text: string;
  readonly block?: boolean;
}) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    });
  };
  return (
    <div className={block ? css.block : css.line}>
      <pre tabIndex={block ? 0 : undefined}>{text}</pre>
      <button type="button" onClick={copy} aria-label="Copy" title={copied ? 'Copied' : 'Copy'}>
        {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
      </button>
    </div>
  );
}
