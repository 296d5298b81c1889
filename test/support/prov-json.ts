// Whether a document is PROV-JSON (https://www.w3.org/submissions/2013/SUBM-prov-json-20130424/), as rules of our own. The structure is
// that of the submission's JSON schema (its "schema" file): which records there are, what each must name, what a value can be. Names
// and literals are those of PROV-N (https://www.w3.org/TR/2013/REC-prov-n-20130430/, productions 53 QUALIFIED_NAME and 62 typedLiteral),
// and what the records say together must be valid by PROV-CONSTRAINTS (https://www.w3.org/TR/2013/REC-prov-constraints-20130430/).

type Json = null | string | number | boolean | readonly Json[] | { readonly [name: string]: Json };
type JsonObject = { readonly [name: string]: Json };
/** What a name must stand for, by PROV-CONSTRAINTS 6.3 (typing). */
type Kind = 'entity' | 'activity' | 'agent' | 'any';

const ELEMENTS = ['entity', 'activity', 'agent'] as const;

interface Relation {
  readonly names: Readonly<Record<string, Kind>>;
  readonly required: readonly string[];
  readonly time?: true;
}

const RELATIONS: Readonly<Record<string, Relation>> = {
  wasGeneratedBy: {
    names: { 'prov:entity': 'entity', 'prov:activity': 'activity' },
    required: ['prov:entity'],
    time: true,
  },
  used: { names: { 'prov:entity': 'entity', 'prov:activity': 'activity' }, required: ['prov:entity'], time: true },
  wasAttributedTo: {
    names: { 'prov:entity': 'entity', 'prov:agent': 'agent' },
    required: ['prov:entity', 'prov:agent'],
  },
  wasAssociatedWith: {
    names: { 'prov:activity': 'activity', 'prov:agent': 'agent', 'prov:plan': 'entity' },
    required: ['prov:activity'],
  },
  actedOnBehalfOf: {
    names: { 'prov:delegate': 'agent', 'prov:responsible': 'agent', 'prov:activity': 'activity' },
    required: ['prov:delegate', 'prov:responsible'],
  },
  wasDerivedFrom: {
    names: {
      'prov:generatedEntity': 'entity',
      'prov:usedEntity': 'entity',
      'prov:activity': 'activity',
      'prov:generation': 'any',
      'prov:usage': 'any',
    },
    required: ['prov:generatedEntity', 'prov:usedEntity'],
  },
};

const DATE_TIME = /^-?\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/;
const LEXICAL: Readonly<Record<string, RegExp>> = {
  'xsd:dateTime': DATE_TIME,
  // Of RFC 3986's characters; a relative reference is one, too.
  'xsd:anyURI': /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/,
};
/** PN_PREFIX and PN_LOCAL of PROV-N, for ASCII. */
const PREFIX = /^[A-Za-z]([\w.-]*[\w-])?$/;
const LOCAL = /^(?:[\w/@~&+*?#$!-]|%[0-9A-Fa-f]{2}|\\[='(),\-:;[\].]|\.(?=.))+$/;

/** What is wrong, each with its place; nothing for a valid document. */
export function provFaults(document: unknown): readonly string[] {
  if (!isObject(document)) return ['the document: not an object'];
  const found = new Checker(document);
  found.run();
  return found.faults;
}

class Checker {
  readonly faults: string[] = [];
  readonly #document: JsonObject;
  readonly #prefixes = new Set(['prov', 'xsd', '_']);

  constructor(document: JsonObject) {
    this.#document = document;
  }

  run(): void {
    for (const [name, records] of Object.entries(this.#document)) {
      if (!isObject(records)) this.#fault(name, 'not an object');
      else if (name === 'prefix') this.#prefix(records);
      else if (!isElement(name) && RELATIONS[name] === undefined) this.#fault(name, 'no kind of record');
    }
    for (const name of [...ELEMENTS, ...Object.keys(RELATIONS)])
      for (const [id, record] of Object.entries(this.#records(name))) this.#record(name, id, record);
    this.#disjoint();
    this.#generations();
  }

  #prefix(prefixes: JsonObject): void {
    for (const [prefix, uri] of Object.entries(prefixes)) {
      if (!PREFIX.test(prefix)) this.#fault(`prefix ${prefix}`, 'no prefix');
      if (typeof uri !== 'string' || !URL.canParse(uri)) this.#fault(`prefix ${prefix}`, 'its namespace is no URI');
      this.#prefixes.add(prefix);
    }
  }

  #record(kind: string, id: string, record: Json): void {
    const at = `${kind} ${id}`;
    // Only relations may go without a name of their own (section 2.2: blank identifiers).
    this.#name(id, at, !isElement(kind));
    if (!isObject(record)) return this.#fault(at, 'not an object');
    const { names, required, time }: Relation = RELATIONS[kind] ?? { names: {}, required: [] };
    for (const name of required) if (record[name] === undefined) this.#fault(at, `${name} is missing`);
    for (const [attribute, value] of Object.entries(record)) {
      const here = `${at} ${attribute}`;
      this.#name(attribute, here, false);
      const wanted = names[attribute];
      if (wanted !== undefined) this.#reference(value, wanted, here);
      else if (isTime(kind, attribute, time === true)) this.#time(value, here);
      else this.#value(value, here);
    }
  }

  #reference(value: Json, kind: Kind, at: string): void {
    if (typeof value !== 'string') return this.#fault(at, 'not a name');
    this.#name(value, at, true);
    if (kind !== 'any' && this.#records(kind)[value] === undefined) this.#fault(at, `there is no ${kind} ${value}`);
  }

  #time(value: Json, at: string): void {
    if (typeof value !== 'string' || !DATE_TIME.test(value) || Number.isNaN(Date.parse(value)))
      this.#fault(at, 'no xsd:dateTime');
  }

  #value(value: Json, at: string): void {
    if (Array.isArray(value)) {
      if (value.length === 0) this.#fault(at, 'an empty list');
      for (const one of value as readonly Json[]) this.#literal(one, at);
    } else this.#literal(value, at);
  }

  #literal(value: Json, at: string): void {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return;
    if (!isObject(value)) return this.#fault(at, 'no value');
    const { $, type, lang, ...rest } = value;
    if (typeof $ !== 'string') return this.#fault(at, 'a literal without its text ($)');
    for (const name of Object.keys(rest)) this.#fault(at, `a literal has no ${name}`);
    if (lang !== undefined && typeof lang !== 'string') this.#fault(at, 'lang is no text');
    if (type === undefined) return;
    if (typeof type !== 'string') return this.#fault(at, 'type is no name');
    this.#name(type, at, false);
    if (type === 'xsd:QName' || type === 'prov:QUALIFIED_NAME') this.#name($, at, false);
    if (LEXICAL[type]?.test($) === false) this.#fault(at, `${$} is no ${type}`);
  }

  #name(name: string, at: string, blank: boolean): void {
    const colon = name.indexOf(':');
    const [prefix, local] = [name.slice(0, Math.max(colon, 0)), name.slice(colon + 1)];
    if (colon < 1 || !LOCAL.test(local)) this.#fault(at, `${name} is no qualified name`);
    else if (!this.#prefixes.has(prefix)) this.#fault(at, `the prefix ${prefix} is not declared`);
    else if (prefix === '_' && !blank) this.#fault(at, `${name} has no name of its own`);
  }

  /** Constraint 55: nothing is both an entity and an activity. */
  #disjoint(): void {
    for (const id of Object.keys(this.#records('entity')))
      if (this.#records('activity')[id] !== undefined) this.#fault(id, 'an entity and an activity at once');
  }

  /** Constraints 24 (unique generation), 36 (within its activity) and 39 to 41 (an entity is not derived from itself). */
  #generations(): void {
    const generated = new Set<string>();
    for (const [id, record] of Object.entries(this.#records('wasGeneratedBy'))) {
      if (!isObject(record)) continue;
      const key = `${String(record['prov:entity'])} ${String(record['prov:activity'])}`;
      if (generated.has(key)) this.#fault(`wasGeneratedBy ${id}`, 'generated twice by one activity');
      generated.add(key);
      const activity = this.#records('activity')[String(record['prov:activity'])];
      if (!isObject(activity ?? null)) continue;
      const [start, end] = ['prov:startTime', 'prov:endTime'].map((name) => timeOf((activity as JsonObject)[name]));
      const time = timeOf(record['prov:time']);
      if (time !== null && ((end !== null && time > (end ?? time)) || (start !== null && time < (start ?? time))))
        this.#fault(`wasGeneratedBy ${id}`, 'not while its activity went on');
    }
    for (const [id, record] of Object.entries(this.#records('wasDerivedFrom')))
      if (isObject(record) && record['prov:generatedEntity'] === record['prov:usedEntity'])
        this.#fault(`wasDerivedFrom ${id}`, 'derived from itself');
  }

  #records(kind: string): JsonObject {
    const records = this.#document[kind];
    return records !== undefined && isObject(records) ? records : {};
  }

  #fault(at: string, what: string): void {
    this.faults.push(`${at}: ${what}`);
  }
}

function isTime(kind: string, attribute: string, ofRelation: boolean): boolean {
  if (kind === 'activity') return attribute === 'prov:startTime' || attribute === 'prov:endTime';
  return ofRelation && attribute === 'prov:time';
}

function timeOf(value: Json | undefined): number | null {
  return typeof value === 'string' ? Date.parse(value) : null;
}

function isElement(name: string): boolean {
  return (ELEMENTS as readonly string[]).includes(name);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
