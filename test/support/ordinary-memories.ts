/**
 * Ordinary English memories, as agents keep them: who likes what, what was agreed, what is due when, how something is done.
 *
 * Nothing in them is meant to be hard. What makes them hard to tell apart is what ordinary notes have in common: the same few
 * names and projects over and over, sentences that differ in one number or one word, notes of three words that many people
 * would write alike, and now and then the very same note twice. All of it follows from the chance that is given.
 */
import type { Chance } from './chaos-chance.ts';

/** How often a memory is not written from scratch but resembles one before it. */
const SHARE = { likeAnother: 0.06, sameAsAnother: 0.008, short: 0.05, secondSentence: 0.35 } as const;

/** Memories that are looked back on for one to resemble. */
const REMEMBERED = 200;

/** @returns so many contents, none of them empty; about one in a hundred is the same as one before it */
export function ordinaryMemories(chance: Chance, count: number): string[] {
  const contents: string[] = [];
  for (let made = 0; made < count; made++) {
    const recent = contents.slice(-REMEMBERED);
    if (recent.length > 0 && chance.happens(SHARE.sameAsAnother)) contents.push(chance.pick(recent));
    else if (recent.length > 0 && chance.happens(SHARE.likeAnother)) contents.push(nearly(chance.pick(recent), chance));
    else contents.push(ordinaryMemory(chance));
  }
  return contents;
}

function ordinaryMemory(chance: Chance): string {
  if (chance.happens(SHARE.short)) return filled(chance.pick(SHORT), chance);
  const first = chance.pick(SENTENCES);
  const sentences = chance.happens(SHARE.secondSentence) ? new Set([first, chance.pick(FOLLOWING)]) : [first];
  return filled([...sentences].join(' '), chance);
}

/** The same with another number or another weekday; where there is neither, with a remark behind it. */
function nearly(content: string, chance: Chance): string {
  const numbers = [...content.matchAll(/\b\d+\b/g)];
  if (numbers.length > 0) {
    const { 0: number, index } = chance.pick(numbers);
    const other = String(Number(number) + chance.between(1, 8)).padStart(number.length, '0');
    return `${content.slice(0, index)}${other}${content.slice(index + number.length)}`;
  }
  const day = /Monday|Tuesday|Wednesday|Thursday|Friday/;
  if (day.test(content)) return content.replace(day, chance.pick(WEEKDAYS));
  return `${content} ${filled(chance.pick(FOLLOWING), chance)}`;
}

/** Fills in the slots; one slot means the same thing wherever it stands in the text. */
function filled(text: string, chance: Chance): string {
  const values = new Map<string, string>();
  return text.replaceAll(/\{(\w+)\}/g, (_, slot: string) => {
    const value = values.get(slot) ?? slotValue(slot, chance);
    values.set(slot, value);
    return value;
  });
}

function slotValue(slot: string, chance: Chance): string {
  const { between, pick } = chance;
  const twoDigits = (number: number) => String(number).padStart(2, '0');
  switch (slot) {
    case 'person':
    case 'person2':
      return chance.happens(0.5) ? `${pick(FIRST_NAMES)} ${pick(LAST_NAMES)}` : pick(FIRST_NAMES);
    case 'date':
      return `${between(2023, 2026)}-${twoDigits(between(1, 12))}-${twoDigits(between(1, 28))}`;
    case 'day':
      return `${between(1, 28)} ${pick(MONTHS)}`;
    case 'time':
      return `${between(7, 20)}:${pick(['00', '10', '15', '30', '40', '45'])}`;
    case 'amount':
      return `${pick(['€', '$', '£'])}${(25 * between(1, 2_000)).toLocaleString('en-US')}`;
    case 'percent':
      return `${between(2, 98)}%`;
    case 'count':
      return String(between(2, 400));
    case 'ticket':
      return `${pick(['OPS', 'WEB', 'APP', 'FIN', 'CRM', 'DATA'])}-${between(100, 9_999)}`;
    case 'version':
      return `${between(1, 12)}.${between(0, 30)}`;
    default:
      return pick(WORDS[slot] ?? []);
  }
}

const FIRST_NAMES = words(`
  Aisha Alejandro Amelia Anders Beatriz Bram Camille Chen Claire Daniel Deepa Diego Edith Emeka Erik Fatima Felix
  Gabriela Giorgos Harriet Hiroshi Ines Isaac Jamal Jana José Julia Kareem Katarzyna Kenji Lars Leila Lucía Malik
  Marek Matilda Mei Mohamed Nadia Niamh Nils Olga Omar Paula Pedro Priya Rahul Renée Rosa Samir Sanna Søren Tariq
  Theo Tomás Uma Viktor Wanjiru Xavier Yuki Zoë`);
const LAST_NAMES = words(`
  Abbott Achterberg Alvarez Andersson Bailey Banerjee Becker Brennan Castillo Chandra Costa Delgado Dubois Eriksen
  Farrell Fischer Fontaine Gallagher Gupta Haas Hansen Hughes Ibrahim Ivanova Jansen Jensen Kaplan Kelly Kowalski
  Kruger Larsson Lefebvre Lindgren Lopez Maier Martins Mehta Moreau Müller Nakamura Ndiaye Nguyen Nilsen Novak Obi
  Olsen Ortega Park Petrov Quinn Rahman Ramos Richter Rossi Sandoval Schmidt Silva Sørensen Tanaka Teixeira Usman
  Vargas Vogel Walsh Weber Wójcik Yamada Young Zhang Zimmermann`);
const MONTHS = words(`
  January February March April May June July August September October November December`);
const WEEKDAYS = words('Monday Tuesday Wednesday Thursday Friday');

const WORDS: Readonly<Record<string, readonly string[]>> = {
  first: FIRST_NAMES,
  weekday: WEEKDAYS,
  month: MONTHS,
  project: words(`
  Albatross Amber Anvil Aurora Basalt Birch Bramble Cedar Cobalt Compass Coral Dynamo Ember Falcon Fjord Garnet
  Granite Harbour Hazel Heron Indigo Iris Jasper Kestrel Lantern Lapis Magnet Mango Maple Marlin Nectar Nimbus
  Obsidian Onyx Orchard Osprey Papaya Pebble Pelican Quartz Raven Saffron Sequoia Sparrow Tamarind Topaz Tulip
  Umber Walnut Willow`),
  customer: phrases(`
  Acorn Bakery, Bluefin Logistics, Castle Insurance, Dovetail Homes, Evergreen Clinics, Fairweather Travel,
  Glasshouse Media, Hillcrest Dairy, Ironbridge Steel, Juniper Schools, Kingfisher Hotels, Lighthouse Pharmacy,
  Moorland Energy, Northgate Cinemas, Oakfield Motors, Pinecone Toys, Quayside Seafood, Redwood Books, Silverline
  Trains, Thornbury Wines`),
  city: words(`
  Aarhus Antwerp Athens Barcelona Bergen Berlin Bristol Cardiff Chicago Copenhagen Dakar Denver Dublin Edinburgh
  Florence Geneva Hamburg Helsinki Istanbul Kraków Kyoto Lagos Lyon Madrid Malmö Melbourne Milan Nairobi Oslo
  Porto Prague Quito Riga Seattle Seville Toronto Utrecht Valencia Vienna Zagreb`),
  tool: phrases(`
  the booking form, the build server, the calendar, the card reader, the chat bot, the customer portal, the data
  warehouse, the door lock, the expense app, the help desk, the label printer, the mail server, the map view, the
  payment page, the price list, the reporting tool, the search page, the staging cluster, the time sheet, the wiki`),
  drink: phrases(`
  black coffee, a flat white, green tea, peppermint tea, sparkling water, oat milk, orange juice, hot chocolate`),
  dish: phrases(`
  lentil soup, mushroom risotto, pad thai, shepherd’s pie, falafel, sushi, a cheese toastie, vegetable curry`),
  hobby: phrases(`
  bouldering, choir practice, sailing, bird watching, woodwork, chess, long-distance running, knitting,
  photography, gardening, swimming, board games`),
  allergy: phrases('peanuts, gluten, shellfish, cat hair, pollen, lactose, sesame, penicillin'),
  language: phrases(`
  Portuguese, German, Polish, Japanese, Arabic, Dutch, Swahili, Norwegian, Turkish, Catalan`),
  colour: phrases('navy, burgundy, teal, mustard, charcoal, olive, coral, ivory'),
  object: phrases(`
  the projector, the spare key, the blue binder, the signed contract, the test phone, the camera, the visitor
  badge, the first-aid kit, the tripod, the old laptop`),
  place: phrases(`
  the top drawer, the server room, the reception desk, the second shelf, the boot of the van, the meeting room,
  the archive, the locker by the stairs`),
  relative: phrases('daughter, son, brother, sister, mother, father, partner, grandmother'),
  trouble: phrases(`
  times out, shows an empty page, loses the last line, prints everything twice, rounds the cents away, asks for
  the password again, mixes up the time zones, sorts by the wrong column, forgets the filter, drops the attachment`),
  remedy: phrases(`
  clearing the cache, restarting the worker, renewing the certificate, rebuilding the index, raising the limit,
  removing a stray comma, rolling back the release, switching the port, adding an index, turning off the proxy`),
};

const SENTENCES = [
  '{person} prefers {drink} in the morning and never takes sugar.',
  '{person} is allergic to {allergy}, so check the menu before booking a table.',
  '{person} asked to be called after {time}, because mornings are for {hobby}.',
  '{person} moved to {city} in {month} and now works from the office there on {weekday}s.',
  '{person} speaks {language} and can help when {customer} writes in it.',
  '{person} wants answers in bullet points, at most {count} words long.',
  '{person} likes {colour} for the slides and dislikes stock photos.',
  '{person} celebrates a birthday on {day}; the team usually orders {dish}.',
  "{person}'s {relative} starts school in {month}, so no travel that week.",
  '{person} is vegetarian; the best place near the office in {city} does {dish}.',
  '{person} is learning {language} and enjoys it when a mail ends with a phrase in it.',
  '{person} plays {hobby} every {weekday} evening and leaves at {time} sharp.',
  '{person} took over {project} from {person2} on {date}.',
  '{person} and {person2} share the account for {tool}; ask either of them for access.',
  '{person} keeps {object} in {place}.',
  '{person} promised {customer} an answer by {day}, and {person2} will check the figures first.',
  '{person} will be away from {date} for {count} days; {person2} covers {project}.',
  '{person} signed off the budget of {amount} for {project} on {date}.',
  'Please remind {person} on {weekday} to send {customer} the offer over {amount}.',
  '{customer} pays within {count} days and wants invoices addressed to {person}.',
  '{customer} ordered {count} licences at {amount} each, starting on {date}.',
  '{customer} cancelled the pilot in {city} after {count} weeks because {tool} {trouble}.',
  '{customer} asked for a discount of {percent}; {person} agreed to half of that.',
  '{customer} has its yearly review on {day}, with {person} and {person2} in {city}.',
  '{customer} only accepts deliveries on {weekday} before {time}.',
  '{customer} counts {count} branches, the largest of them in {city}.',
  'The contact at {customer} is now {person}, who replaced {person2} in {month}.',
  'The contract with {customer} ends on {date} and renews for {count} months unless {person} writes before.',
  'For {customer} the summary goes first, then the numbers, then what {person} recommends.',
  'In {city} the office opens at {time} and the alarm has to be switched off within {count} seconds.',
  'The parking space in {city} is number {count}; the gate opens with the code that {person} has.',
  'The train to {city} leaves at {time} from platform {count}, and the next one is an hour later.',
  'The hotel in {city} keeps a rate of {amount} for us if {person} calls before {day}.',
  'The lease of the office in {city} was extended until {date} at {amount} a month.',
  'The kick-off for {project} is on {date} at {time} in {city}.',
  'The deadline for {project} moved from {day} to {date}, as {person} told the team.',
  'The budget of {project} is {amount}, of which {percent} was spent by {month}.',
  'The weekly call about {project} is on {weekday} at {time}; {person} takes the notes.',
  'The goal of {project} for this quarter: {percent} fewer complaints about {tool}.',
  'The retrospective of {project} said that reviews take {count} hours on average, which is too long.',
  'The demo of {project} failed because {tool} {trouble}; {person} has a recording.',
  'The codename {project} must not be used in mails to {customer}.',
  'We decided on {date} to stop {project} and to give its {count} users to {person}.',
  'We agreed with {person} that {project} ships without {tool}, and that {tool} follows in {month}.',
  'Since {date} {tool} {trouble} when more than {count} people use it.',
  'When {tool} {trouble}, {remedy} helps for about {count} minutes.',
  'If {tool} {trouble} again, open {ticket} and tell {person}.',
  'Ticket {ticket} is closed: {remedy} fixed that {tool} {trouble}.',
  'Ticket {ticket} is about {tool}, which {trouble} for customers in {city}.',
  'Ticket {ticket} waits for {person}; the customer is {customer} and asks every {weekday}.',
  'Release {version} of {project} went out on {date} with {count} fixes.',
  'Release {version} of {project} was rolled back at {time}, since {tool} {trouble}.',
  'From version {version} on, {tool} needs {count} megabytes more; {project} is prepared for that.',
  'The backup of {tool} runs at {time} and takes {count} minutes.',
  'The password of {tool} is changed on the first {weekday} of {month} by {person}.',
  'The report for {month} shows {count} orders from {city}, up by {percent}.',
  'The survey among {count} guests in {city} put breakfast first and the wifi last.',
  'Sales in {city} fell by {percent} in {month}; {person} blames the road works.',
  'To restart {tool}: log in as {person} did in {ticket}, stop the queue, wait {count} seconds, start it again.',
  'To export from {tool}, pick {month}, choose the columns that {person} listed, and cut the file at {count} rows.',
  'How we name branches in {project}: the ticket, a dash, two words, for example {ticket}-fix-{colour}.',
  'Lunch with {person} and {person2} on {day}: {dish} for one, {dish} without garlic for the other.',
  'Book for {person}: a novel set in {city} that {person2} recommended over {drink}.',
  'Idea from {person}: show the {colour} banner only to visitors from {city}, and measure for {count} days.',
  'Feedback from {person} about {project}: too many clicks, the {colour} button is hard to see, otherwise good.',
  'Gift for {person}: something to do with {hobby}, up to {amount}.',
  'Recipe from {person}: {dish} for {count} people, twice the ginger, no salt until the end.',
  'Measured on {date}: {tool} answers within {count} milliseconds for {percent} of the requests.',
  'The warranty of {object} ends on {date}; the receipt over {amount} is in {place}.',
  '{object} was lent to {person} on {date} and should be back in {place} by {day}.',
  'Nobody found {object} after the move to {city}; {person} will buy another for {amount}.',
  'The fire drill in {city} is on {day}; {person} counts the people, {person2} takes the list.',
  'The cleaning crew in {city} comes on {weekday} at {time} and must not touch {object}.',
  'The intern {person} starts on {date}, sits beside {person2} and needs access to {tool}.',
  'The interview with {person} is on {date} at {time}; {person2} asks about {hobby} to break the ice.',
  'The supplier in {city} raised the price to {amount} from {month}, and {person} is looking for another one.',
  'The invoice over {amount} from {date} was paid twice; {customer} will send {count} units instead of the money.',
  'The legal team wants {project} to keep {tool} switched off for visitors from {city} until {date}.',
  'The user interface of {project} is translated into {language} by {person}, {count} strings are left.',
];

const FOLLOWING = [
  'Confirmed by {person}.',
  'Ask {person} before changing that.',
  'Not urgent.',
  'This was said on {date}.',
  'It was different before {month}.',
  'See {ticket} for the details.',
  'The customer knows.',
  'Worth checking again on {day}.',
  '{person} disagrees, though.',
  'It worked at the first attempt.',
  'Do not mention it to {customer}.',
  'Learned the hard way in {city}.',
];

/** Notes that many people would write alike. */
const SHORT = [
  'Prefers {drink}.',
  '{first} likes {hobby}.',
  'Call {first} on {weekday}.',
  'Ask {first} about {project}.',
  'Allergic to {allergy}.',
  'Speaks {language}.',
  'Lives in {city}.',
  'Works on {project}.',
  'Birthday: {day}.',
  'Budget {amount}.',
  'Due on {date}.',
  'Favourite dish: {dish}.',
  '{customer} first.',
  'Version {version} is out.',
];

/** Separated by white space. */
function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** Separated by commas; where a line ends inside of one, there is a space. */
function phrases(text: string): string[] {
  return text.trim().replaceAll(/\s+/g, ' ').split(', ');
}
