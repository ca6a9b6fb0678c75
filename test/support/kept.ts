import type { Runtime } from 'node:inspector';
import { Session } from 'node:inspector';

/** What an object reaches, by the way to it: how many there are in all that stands at its end. */
export type Kept = Readonly<Record<string, number>>;

/**
 * Counts the entries of each map, set and array that can be reached from an object, private ones among them: no queue or
 * cache that somebody adds can be left out. What an entry reaches is counted together with what its neighbours reach.
 */
export function keptBy(root: object): Kept {
  const session = new Session();
  session.connect();
  try {
    return new Walk(session).from(root);
  } finally {
    session.disconnect();
  }
}

/** The inspector's view of an object: it alone sees private fields. */
type Remote = Runtime.RemoteObject;

/** Node's types lack the private ones. */
interface Properties extends Runtime.GetPropertiesReturnType {
  readonly privateProperties?: readonly { readonly name: string; readonly value?: Remote }[];
}

/** Where the walk finds its root, and marks what it has seen. */
const desk = globalThis as typeof globalThis & { keptBy?: { readonly root: object; readonly seen: WeakSet<object> } };

class Walk {
  readonly #session: Session;
  readonly #counts = new Map<string, number>();

  constructor(session: Session) {
    this.#session = session;
  }

  from(root: object): Kept {
    desk.keptBy = { root, seen: new WeakSet() };
    try {
      const { result } = this.#post('Runtime.evaluate', { expression: 'keptBy.root' }) as Runtime.EvaluateReturnType;
      const queue: (readonly [way: string, object: Remote])[] = [['', result]];
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) queue.push(...this.#visit(...next));
    } finally {
      delete desk.keptBy;
    }
    return Object.fromEntries([...this.#counts].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  }

  *#visit(way: string, { objectId, subtype }: Remote): Generator<readonly [string, Remote]> {
    if (objectId === undefined || !this.#isNew(objectId)) return;
    const isMany = subtype === 'array' || subtype === 'map' || subtype === 'set';
    const entries = isMany ? this.#entries(objectId) : [];
    if (isMany) this.#counts.set(way, (this.#counts.get(way) ?? 0) + entries.length);
    for (const entry of entries) yield [`${way}[]`, entry];
    if (isMany) return;
    for (const [name, value] of this.#fields(objectId)) yield [`${way}.${name}`, value];
  }

  #isNew(objectId: string): boolean {
    const mark = 'function () { return !keptBy.seen.has(this) && Boolean(keptBy.seen.add(this)); }';
    return this.#call(objectId, mark).value === true;
  }

  /** Keys and values of a map beside each other. */
  #entries(objectId: string): readonly Remote[] {
    const { objectId: list } = this.#call(
      objectId,
      'function () { return [...this.values(), ...(this instanceof Map ? this.keys() : [])]; }',
    );
    if (list === undefined) return [];
    const { result } = this.#properties(list);
    return result.flatMap(({ name, value }) => (/^\d+$/.test(name) && value !== undefined ? [value] : []));
  }

  #fields(objectId: string): readonly (readonly [string, Remote])[] {
    const { result, privateProperties = [] } = this.#properties(objectId);
    return [...result, ...privateProperties].flatMap(({ name, value }) =>
      value?.type === 'object' && name !== '__proto__' ? [[name, value] as const] : [],
    );
  }

  #properties(objectId: string): Properties {
    return this.#post('Runtime.getProperties', { objectId, ownProperties: true }) as Properties;
  }

  #call(objectId: string, functionDeclaration: string): Remote {
    const answer = this.#post('Runtime.callFunctionOn', { objectId, functionDeclaration });
    return (answer as Runtime.CallFunctionOnReturnType).result;
  }

  /** In this process the inspector answers before `post` returns. */
  #post(method: string, parameters: object): unknown {
    let answer: { readonly error: Error | null; readonly result: unknown } | undefined;
    this.#session.post(method, parameters, (error, result) => (answer = { error, result }));
    if (answer === undefined || answer.error !== null) throw new Error(`${method}: ${answer?.error?.message}`);
    return answer.result;
  }
}
