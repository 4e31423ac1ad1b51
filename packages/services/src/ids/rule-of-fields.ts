/** The fields of `snort.Controller/AddRules` as a rule's text; empty ones are what the original's were by default. */
export function ruleOfFields(fields: Readonly<Record<string, string>>): string {
  const field = (name: string, usual: string) => plain(fields[name]) || usual;
  const content = plain(fields['content']);
  const quoted = /^!?\s*"/.test(content) ? content : `"${content}"`;
  const ends = [
    field('src_ip', 'any'),
    field('src_port', 'any'),
    '->',
    field('dest_ip', '$HOME_NET'),
    field('dest_port', 'any'),
  ];
  const options = [
    `msg:"${plain(fields['msg']).replace(/[\\";]/g, '\\$&')}";`,
    ...(content === '' || content === '""' ? [] : [`content:${quoted};`]),
    `sid:${field('sid', '0')};`,
    `rev:${field('rev', '1')};`,
  ];
  return `alert ${field('protocol', 'tcp')} ${ends.join(' ')} (${options.join(' ')})`;
}

/** One line: what stands in a field cannot begin a rule of its own. */
const plain = (text: string | undefined): string => (text ?? '').replace(/[\r\n]+/g, ' ').trim();
