// Headers of one message in their order, names in lower case. Two arrays, because a list is made and
// walked for every message.

export class HeaderList {
  readonly names: string[] = [];
  readonly values: string[] = [];

  get length(): number {
    return this.names.length;
  }

  /** The first value of a name. */
  get(name: string): string | undefined {
    const { names } = this;
    for (let i = 0; i < names.length; i++) if (names[i] === name) return this.values[i];
    return undefined;
  }

  /** All values of a name with commas between, as Envoy's rules see them. */
  getAll(name: string): string | undefined {
    let all: string | undefined;
    const { names } = this;
    for (let i = 0; i < names.length; i++) {
      if (names[i] === name) all = all === undefined ? this.values[i]! : `${all},${this.values[i]}`;
    }
    return all;
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  add(name: string, value: string): void {
    this.names.push(name);
    this.values.push(value);
  }

  /** Keeps the place of the first one there was. */
  set(name: string, value: string): void {
    const { names } = this;
    const first = names.indexOf(name);
    if (first === -1) {
      this.add(name, value);
      return;
    }
    this.values[first] = value;
    if (names.indexOf(name, first + 1) !== -1) this.#removeFrom(name, first + 1);
  }

  /** Adds it only when there is none. */
  setDefault(name: string, value: string): void {
    if (!this.names.includes(name)) this.add(name, value);
  }

  remove(name: string): void {
    if (this.names.includes(name)) this.#removeFrom(name, 0);
  }

  copy(): HeaderList {
    const list = new HeaderList();
    for (let i = 0; i < this.names.length; i++) list.add(this.names[i]!, this.values[i]!);
    return list;
  }

  #removeFrom(name: string, start: number): void {
    const { names, values } = this;
    let kept = start;
    for (let i = start; i < names.length; i++) {
      if (names[i] === name) continue;
      names[kept] = names[i]!;
      values[kept++] = values[i]!;
    }
    names.length = kept;
    values.length = kept;
  }
}

/** A list from pairs, for answers made here and for tests. */
export function headerList(headers: Readonly<Record<string, string>>): HeaderList {
  const list = new HeaderList();
  for (const [name, value] of Object.entries(headers)) list.add(name.toLowerCase(), value);
  return list;
}
