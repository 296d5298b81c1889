// What a growing log costs: memory while a million entries go in, lag of integration, octets in the database by table and
// index, start-up and sweep by size; beside an empty log, and beside the hash tiles alone (32.125 octets an entry).

import type { GrownLog } from '../harness/grown-log.ts';
import type { Context } from '../harness/context.ts';
import { atMost, type Cell, type Findings, type Table } from '../harness/findings.ts';
import type { LogSection, LogVisit } from '../harness/section.ts';
import { storageByRelation, type Relation } from '../harness/storage.ts';
import { sweep } from '../harness/sweep.ts';

export const growth: LogSection = {
  name: 'growth',
  about: 'memory, lag, database size, start-up and sweep while the log grows, beside an empty start',
  visit: (context) => new GrowthVisit(context),
};

/** A full tile has 256 hashes; its 256 parents' tile has one hash of it, and so on: 32 × 256/255. */
const TILE_OCTETS_PER_ENTRY = 32.125;
const MIB = 2 ** 20;

interface AtSize {
  readonly entries: number;
  readonly startSeconds: number;
  readonly sweepSeconds: number | null;
  readonly databaseOctets: number;
}

class GrowthVisit implements LogVisit {
  readonly #say: (text: string) => void;
  readonly #sizes: AtSize[] = [];
  readonly #notes = new Set<string>();
  #relations: readonly Relation[] = [];

  constructor({ say }: Context) {
    this.#say = say;
  }

  async atSize(log: GrownLog): Promise<void> {
    const { service, entries } = log;
    const swept = await sweep(service);
    if ('skipped' in swept) this.#notes.add(swept.skipped);
    this.#relations = await storageByRelation(service.pool);
    const startSeconds = await service.restartApi();
    this.#sizes.push({
      entries,
      startSeconds,
      sweepSeconds: 'seconds' in swept ? swept.seconds : null,
      databaseOctets: this.#relations.reduce((sum, { octets }) => sum + octets, 0),
    });
    this.#say(`start at ${entries.toLocaleString('en')} entries: ${startSeconds.toFixed(1)} s`);
  }

  findings(log: GrownLog): Findings {
    const [empty, largest] = [this.#sizes[0], this.#sizes.at(-1)];
    const { stretches } = log;
    const settled = stretches.length < 3 ? undefined : stretches[Math.floor(stretches.length / 3)];
    const last = stretches.at(-1);
    const longer = empty === undefined || largest === undefined ? null : largest.startSeconds - empty.startSeconds;
    const at = (entries = 0): string => `at ${entries.toLocaleString('en')} entries`;
    return {
      tables: [this.#memory(log), this.#bySize(), this.#storage(log.entries)],
      targets: [
        atMost(`start-up ${at(largest?.entries)}, longer than empty`, 5, 's', longer),
        atMost(
          `RSS ${at(last?.entries)}, beside RSS ${at(settled?.entries)}`,
          1.15,
          '×',
          settled === undefined ? null : ratio(last?.residentOctets, settled.residentOctets),
        ),
        atMost('integration lag while appending, in seconds of appends', 2, 's', worstLagSeconds(log)),
      ],
      notes: [...this.#notes],
    };
  }

  #memory({ stretches }: GrownLog): Table {
    const mib = (octets: number | null): number | null => (octets === null ? null : octets / MIB);
    return {
      title: 'While entries go in (NDJSON, 4 clients, 1 kB, lines made while they are sent)',
      columns: [
        { title: 'entries', digits: 0 },
        { title: 'per second', digits: 0 },
        { title: 'RSS', digits: 0, unit: 'MiB' },
        { title: 'most RSS', digits: 0, unit: 'MiB' },
        { title: 'heap', digits: 0, unit: 'MiB' },
        { title: 'most lag of integration', digits: 0, unit: 'entries' },
        { title: 'caught up after', digits: 2, unit: 's' },
      ],
      rows: stretches.map((stretch): Cell[] => [
        stretch.entries,
        stretch.perSecond,
        mib(stretch.residentOctets),
        mib(stretch.mostResidentOctets),
        mib(stretch.heapOctets),
        stretch.mostLag,
        stretch.lagSeconds,
      ]),
    };
  }

  #bySize(): Table {
    const empty = this.#sizes[0];
    return {
      title: 'By size of the log',
      columns: [
        { title: 'entries', digits: 0 },
        { title: 'API start', digits: 1, unit: 's' },
        { title: 'longer than empty', digits: 1, unit: 's' },
        { title: 'sweep', digits: 1, unit: 's' },
        { title: 'database', digits: 0, unit: 'MiB' },
        { title: 'octets an entry', digits: 0 },
        { title: '× hash tiles', digits: 1 },
      ],
      rows: this.#sizes.map(({ entries, startSeconds, sweepSeconds, databaseOctets }): Cell[] => {
        const each = entries === 0 ? null : databaseOctets / entries;
        return [
          entries,
          startSeconds,
          empty === undefined ? null : startSeconds - empty.startSeconds,
          sweepSeconds,
          databaseOctets / MIB,
          each,
          each === null ? null : each / TILE_OCTETS_PER_ENTRY,
        ];
      }),
    };
  }

  #storage(entries: number): Table {
    return {
      title: `Octets per entry in the database, at ${entries.toLocaleString('en')} entries`,
      columns: [{ title: 'table' }, { title: 'index' }, { title: 'octets an entry', digits: 1 }],
      rows: this.#relations.map(({ table, index, octets }): Cell[] => [
        table,
        index ?? '(rows)',
        entries === 0 ? null : octets / entries,
      ]),
    };
  }
}

function ratio(a: number | null | undefined, b: number | null | undefined): number | null {
  return typeof a === 'number' && typeof b === 'number' ? a / b : null;
}

/** The most entries that were waiting, as time at the rate of that stretch. */
function worstLagSeconds({ stretches }: GrownLog): number | null {
  if (stretches.length === 0) return null;
  return Math.max(...stretches.map(({ mostLag, perSecond }) => mostLag / perSecond));
}
