/**
 * A made-up platform: companies, their workspaces, and what the agents in them chose to remember.
 *
 * All of it follows from a seed, so that a failure can be repeated. The texts read like real memories, and hold on purpose
 * what has broken copies before: equal texts and times, absent times, texts without a searchable word, combining marks,
 * right-to-left text, line separators. The proportions are at the top; what the rows mean is not decided here, only by
 * the code under test.
 */
import type { LegacyRow } from '../../src/model/memory.ts';
import { type LegacyWorkspace, postgresTimestamp } from './legacy.ts';

export interface LegacyWorld {
  workspaces: LegacyWorkspace[];
  memories: LegacyRow[];
  /** The id of the workspace that holds more LOCAL rows than six searches can list. */
  busiest: string;
}

/** How often a row is out of the ordinary. What remains is a plain English text in a workspace. */
const SHARE = {
  nowhere: 0.008,
  blank: 0.006,
  stopWords: 0.01,
  emojiOnly: 0.006,
  foreign: 0.03,
  duplicate: 0.02,
  noCreationTime: 0.01,
  sameTimeAsBefore: 0.03,
  noUpdateTime: 0.05,
  updatedLater: 0.25,
} as const;

/** LOCAL rows that the busiest workspace has before the rest is spread: more than six full searches can list. */
const IN_BUSIEST = 620;

/**
 * @param seed any whole number; the same one yields the same world.
 * @param options.memories how many rows, at least 1,000 for every kind of row to occur; 5,000 by default.
 */
export function legacyWorld(seed: number, options: { memories?: number } = {}): LegacyWorld {
  const total = options.memories ?? 5_000;
  const chance = randomness(seed);
  const workspaces = companies(chance);
  const busiest = workspaces.find(({ name }) => name === BUSIEST_NAME);
  if (!busiest) throw new Error(`No company has a workspace named ${BUSIEST_NAME}.`);
  const inBusiest = Math.min(IN_BUSIEST, total / 3);

  const memories: LegacyRow[] = [];
  for (let made = 0; made < total; made += 1) {
    const before = memories.at(-1);
    const workspace = made < inBusiest ? busiest : chance.happens(SHARE.nowhere) ? undefined : chance.pick(workspaces);
    memories.push({
      id: chance.uuid(),
      workspaceId: workspace?.id ?? null,
      content: chance.happens(SHARE.duplicate) && before ? before.content : memoryText(chance),
      scope: made < inBusiest ? 'LOCAL' : chance.pick(workspace?.parentId ? SCOPES_OF_TEAMS : SCOPES_OF_ROOTS),
      ...times(chance, before),
      tag: chance.pick(TAGS),
      embedding: null,
    });
  }
  return { workspaces, memories, busiest: busiest.id };
}

/** One text that an agent might have kept: 80 to 600 bytes as a rule, now and then something that is hard to copy or find. */
function memoryText(chance: Randomness): string {
  if (chance.happens(SHARE.blank)) return chance.pick(BLANK);
  if (chance.happens(SHARE.stopWords)) return chance.pick(STOP_WORDS);
  if (chance.happens(SHARE.emojiOnly)) return chance.pick(EMOJI_ONLY);
  if (chance.happens(SHARE.foreign)) return filled(chance.pick(FOREIGN), chance);
  // A set: the same sentence twice in one text would read like a mistake.
  const sentences = new Set([chance.pick(SENTENCES)]);
  if (chance.happens(0.6)) sentences.add(chance.pick(SENTENCES));
  if (chance.happens(0.25)) sentences.add(chance.pick(SENTENCES));
  if (chance.happens(0.5)) sentences.add(chance.pick(ENDINGS));
  return filled([...sentences].join(' '), chance);
}

// --- Where and when ---------------------------------------------------------------------------------------------------

function companies(chance: Randomness): LegacyWorkspace[] {
  return COMPANIES.flatMap(({ name, status, teams }) => {
    const root: LegacyWorkspace = { id: chance.uuid(), name, parentId: null, status };
    const children = teams.map(
      ([team, teamStatus]): LegacyWorkspace => ({
        id: chance.uuid(),
        name: `${name} · ${team}`,
        parentId: root.id,
        status: teamStatus,
      }),
    );
    return [root, ...children];
  });
}

const FIRST_DAY = Date.UTC(2024, 2, 1) * 1_000;
const MICROSECONDS_PER_DAY = 86_400_000_000;
const DAYS = 700;

function times(chance: Randomness, before: LegacyRow | undefined): Pick<LegacyRow, 'createdAt' | 'updatedAt'> {
  const created = FIRST_DAY + chance.below(DAYS * MICROSECONDS_PER_DAY);
  const updated = chance.happens(SHARE.updatedLater) ? created + chance.below(30 * MICROSECONDS_PER_DAY) : created;
  const updatedAt = chance.happens(SHARE.noUpdateTime) ? null : postgresTimestamp(updated);
  if (chance.happens(SHARE.noCreationTime)) return { createdAt: null, updatedAt };
  if (before && chance.happens(SHARE.sameTimeAsBefore))
    return { createdAt: before.createdAt, updatedAt: before.createdAt };
  return { createdAt: postgresTimestamp(created), updatedAt };
}

// --- Chance -----------------------------------------------------------------------------------------------------------

interface Randomness {
  /** @returns a whole number from 0 up to, but without, `limit`, which may be as large as 2^53. */
  below(limit: number): number;
  happens(probability: number): boolean;
  /** @throws Error where the list is empty. */
  pick<T>(list: readonly T[]): T;
  uuid(): string;
}

/** Reproducible and well spread, nothing more: the generator is mulberry32. */
function randomness(seed: number): Randomness {
  let state = seed >>> 0;
  const bits32 = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const fraction = () => ((bits32() >>> 6) * 2 ** 27 + (bits32() >>> 5)) / 2 ** 53;
  const below = (limit: number) => Math.floor(fraction() * limit);
  return {
    below,
    happens: (probability) => fraction() < probability,
    pick(list) {
      const item = list[below(list.length)];
      if (item === undefined) throw new Error('There is nothing to pick from.');
      return item;
    },
    uuid() {
      const hex = [bits32(), bits32(), bits32(), bits32()].map((word) => word.toString(16).padStart(8, '0')).join('');
      const variant = '89ab'.charAt(below(4));
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}

// --- What there is to choose from -------------------------------------------------------------------------------------

const BUSIEST_NAME = 'Northwind Freight · Dispatch';

interface Company {
  name: string;
  status: LegacyWorkspace['status'];
  teams: ReadonlyArray<[name: string, status: LegacyWorkspace['status']]>;
}

const COMPANIES: readonly Company[] = [
  {
    name: 'Northwind Freight',
    status: 'online',
    teams: [
      ['Dispatch', 'online'],
      ['Customs desk', 'online'],
      ['Fleet maintenance', null],
      ['Rate quotes', 'paused'],
      ['Night shift pilot', 'removed'],
    ],
  },
  {
    name: 'Halden Clinic Group',
    status: null,
    teams: [
      ['Front desk', 'online'],
      ['Billing', 'online'],
      ['Lab results', 'offline'],
      ['Referrals', null],
    ],
  },
  {
    name: 'Brightwater Software',
    status: 'online',
    teams: [
      ['Release engineering', 'online'],
      ['Support tier two', 'online'],
      ['Design reviews', 'online'],
      ['Security triage', 'failed'],
      ['Growth experiments', 'removed'],
      ['Documentation', null],
    ],
  },
  {
    name: 'Casa Olmeda Hotels',
    status: 'online',
    teams: [
      ['Reservations', 'online'],
      ['Concierge', 'provisioning'],
      ['Procurement', 'online'],
    ],
  },
  {
    name: 'Tern & Vale Legal',
    status: 'offline',
    teams: [
      ['Contracts', 'online'],
      ['Discovery', null],
    ],
  },
  { name: 'Ardent Solar', status: 'online', teams: [] },
  {
    name: 'Pellworm Games (closed)',
    status: 'removed',
    teams: [
      ['Community', 'removed'],
      ['Live operations', 'online'],
    ],
  },
];

const SCOPES_OF_TEAMS = [...Array<'LOCAL'>(11).fill('LOCAL'), ...Array<'TEAM'>(8).fill('TEAM'), 'GLOBAL'] as const;
const SCOPES_OF_ROOTS = [...Array<'LOCAL'>(4).fill('LOCAL'), 'TEAM', 'TEAM', 'GLOBAL', 'GLOBAL', 'GLOBAL'] as const;
const TAGS = ['general', 'general', 'general', 'procedures', 'customers', 'preferences', 'incidents', 'decisions'];

const SENTENCES = [
  '{person} prefers a short summary by e-mail before any call, never a calendar invitation without an agenda.',
  '{customer} renewed for twelve months at {amount}; the discount of {percent} ends on {date} and must not be repeated.',
  'The release train for {project} leaves every {weekday} at {time}; a hotfix in between needs a sign-off from {person}.',
  'Ticket {ticket} was closed by restarting {tool}, but the cause is a connection pool of only {count} connections.',
  'When {customer} writes about an invoice, look in {tool} first: their purchase orders carry a prefix that we do not print.',
  'Decision of {date}: {project} keeps its own queue, because sharing one with billing delayed {count} jobs a day.',
  '{person} is on leave from {date}; until then urgent questions about {project} go to {person2}.',
  'The {city} office has no reception on {weekday}s, so deliveries have to be announced to {person} a day ahead.',
  'Version {version} of {tool} drops the old export format; {project} must move to the new one before {date}.',
  'Root cause of the outage on {date}: a certificate for {tool} had expired and its reminder went to a mailbox nobody reads.',
  'A refund above {amount} needs two approvals, and {person} wants to see the conversation that led to it.',
  '{customer} measures us by the first answer, not by the solution: {percent} within the hour is what the contract says.',
  'The staging database of {project} is refreshed from an anonymised copy every {weekday} night, so test accounts vanish.',
  'For {customer} always write amounts with a comma as the decimal mark and dates as day, month, year.',
  'The export of {project} stops at {count} rows without an error. Ask for it month by month and add the parts up.',
  '{person} rejected the proposal to merge {project} with the reporting team; revisit it after the audit on {date}.',
  'The supplier in {city} quotes {amount} a pallet and delivers on {weekday}s only; the minimum is {count} units.',
  'Feature flags of {project} are named after the ticket, for example {ticket}, and removed within {count} days of the launch.',
  'A customer in {city} reported that the second page of search results repeats the first one; reproduced, see {ticket}.',
  'Do not promise {customer} a date for single sign-on: {person} only committed to an estimate after {date}.',
  'The nightly job of {project} takes about {count} minutes; an alarm before {time} is a false one unless {tool} is down as well.',
  '{person} and {person2} disagree on the retention period; until legal decides, keep everything for {count} days.',
  'Passwords for {tool} rotate on the first {weekday} of the month. The new one is in the vault, never in chat.',
  'Survey of {date}: {percent} of the guests in {city} asked for a later breakfast, hardly anybody for a larger one.',
  '{customer} uses {tool} behind a proxy that cuts connections after {count} seconds; long reports have to be sent by mail.',
  'The onboarding checklist for {city} has a step that is out of date: badges are ordered by {person}, no longer by facilities.',
  'Cache keys in {project} must include the tenant. Leaving it out is how {ticket} showed one company the prices of another.',
  'The quarterly numbers of {project} are due on {date}; {person} wants them without forecasts, and {city} on a page of its own.',
  '{person} asked that nobody deploys on {weekday} after {time}, since the support desk in {city} is then down to one person.',
  'Rate limit of {tool}: {count} requests a minute for each key. Batches of fifty have worked well for {project}.',
  'If a shipment to {city} is held by customs, {customer} expects a call within {count} minutes and the form in English.',
  'The contract with {customer} excludes weekends; anything that comes in after {weekday} {time} counts from Monday on.',
];

const ENDINGS = [
  'Confirmed by {person} on {date}.',
  'Source: {ticket}.',
  'Check again after {date}.',
  'This replaces what was noted in {ticket}.',
  '{person} wants to be told if it happens again.',
  'Low priority, but asked about every {weekday}.',
  'Closed on the first attempt 🎉',
  'Worth a line in the runbook 📘',
];

/** Texts that a careless copy changes, or that a search by words does not find. */
const FOREIGN = [
  'The café team in {city} closes on {weekday} \u2014 ☕️ machine broken since {date}, {person} has ordered a part for {amount}.',
  'Ticket {ticket}: 👩🏽‍💻 and 👨‍👩‍👧‍👦 were cut in half by the old editor; {project} now counts graphemes and not code units.',
  'Cafe\u0301 and café are the same word to a guest in {city}, but two different strings in {tool}. {person} wants both found.',
  'Zalgo in a display name broke the layout of {project}: Z\u0351\u036b\u0343a\u0312\u0308l\u0308\u0301g\u030a\u0306o\u0304. See {ticket}.',
  'הלקוח {customer} מבקש חשבונית בעברית עד {date}, ואת הסכום {amount} גם במילים.',
  'العميل {customer} يفضّل الاتصال صباحًا قبل الساعة {time}، والعقد ينتهي في {date}.',
  'Herr Größler von {customer} möchte Rechnungen über {amount} nur noch per Post, ab {date} und ohne Umlaute im Betreff.',
  '{customer} の担当者は {weekday} の午前中に連絡を希望しています。請求額は {amount} です。',
  'Copied from a slide by {person}:\u2028line one about {project}\u2028line two, due on {date}\u2029and a paragraph of its own.',
  'Steps to restore {tool}:\n\t1. stop the workers\n\t2. replay from {date}\n\t3. compare the counts ({count})\n',
  'The flag of the {city} office 🇵🇹 shows as two letters in {tool}; {person} is fine with that until {version}.',
  'Quote of {person}: \u201cNever say \u2018soon\u2019 to {customer}\u201d \u2014 they wrote it down, with the time: {time}\u00a0o\u2019clock.',
  "Search for 100% or C:\\temp\\{ticket} found nothing in {tool}: % and \\ have to be escaped, as has the 'single quote'.",
];

const STOP_WORDS = [
  'it is what it is',
  'and so it was, as it had been before',
  'not now, but then again, why not',
  'we are who we are',
];
const EMOJI_ONLY = ['👍', '🚀🚀🚀', '✅ ✅ ❌', '🤷🏽‍♀️', '🇵🇹🇪🇸'];
const BLANK = ['', ' ', '\n\n', '\u00a0\u2003\t', '   \r\n'];

/** Fills in the slots of a sentence; one and the same slot means the same thing wherever it stands in the text. */
function filled(text: string, chance: Randomness): string {
  const values = new Map<string, string>();
  return text.replaceAll(/\{(\w+)\}/g, (_, slot: string) => {
    const value = values.get(slot) ?? slotValue(slot, chance);
    values.set(slot, value);
    return value;
  });
}

function slotValue(slot: string, chance: Randomness): string {
  switch (slot) {
    case 'ticket':
      return `${chance.pick(TICKET_PREFIXES)}-${100 + chance.below(9_900)}`;
    case 'date':
      return postgresTimestamp(FIRST_DAY + chance.below(DAYS) * MICROSECONDS_PER_DAY).slice(0, 10);
    case 'time':
      return `${6 + chance.below(15)}:${chance.pick(['00', '15', '30', '45'])}`;
    case 'amount':
      return `${chance.pick(['€', '$', '£'])}${(50 * (1 + chance.below(900))).toLocaleString('en-US')}`;
    case 'percent':
      return `${5 + chance.below(90)}%`;
    case 'count':
      return String(2 + chance.below(118));
    case 'version':
      return `${1 + chance.below(9)}.${chance.below(20)}.${chance.below(10)}`;
    default:
      return chance.pick(NAMES[slot] ?? []);
  }
}

const PEOPLE = [
  'Amara Okafor',
  'Ben Lindqvist',
  'Chiara Moretti',
  'Dmitri Volkov',
  'Elif Yılmaz',
  'Farid Haddad',
  'Grace Mbeki',
  'Hana Sato',
];
/** Others than the above, for texts in which two people appear. */
const COLLEAGUES = ['Ingrid Solberg', 'João Ferreira', 'Kavya Raman', 'Liam O’Connor', 'Marta Nowak', 'Noah Weiss'];
const TICKET_PREFIXES = ['OPS', 'SUP', 'REL', 'FIN', 'LEGAL'];
const NAMES: Readonly<Record<string, readonly string[]>> = {
  person: PEOPLE,
  person2: COLLEAGUES,
  customer: [
    'Larkspur Foods',
    'Meridian Bank',
    'Oakline Furniture',
    'Quill & Sons',
    'Riverton Schools',
    'Umbra Optics',
    'Zephyr Air',
  ],
  project: [
    'Atlas',
    'Beacon',
    'Copperfield',
    'the customer portal',
    'the price engine',
    'Juniper',
    'Lighthouse',
    'the data lake',
  ],
  city: ['Lisbon', 'Gdańsk', 'Rotterdam', 'Austin', 'Nairobi', 'Osaka', 'Montréal', 'Leeds'],
  tool: [
    'the scheduler',
    'the ticket system',
    'the ledger service',
    'the mail gateway',
    'the warehouse scanner',
    'the build farm',
  ],
  weekday: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'],
};
