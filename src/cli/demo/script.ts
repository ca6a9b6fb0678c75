import type { Direction } from './paced-link.ts';
import type { Sight } from './sight.ts';
import type { Stage } from './stage.ts';

/** Something that has to be seen. */
export interface Expectation {
  /** Who sees what, for a person to read. */
  readonly text: string;
  readonly seen: (stage: Stage) => boolean;
}

/** One thing that somebody does, and what everybody is to see of it. */
export interface Step {
  readonly text: string;
  readonly act: (stage: Stage) => void;
  readonly expects: readonly Expectation[];
}

const NAMES = { hamlet: 'Hamlet', alice: 'Alice' } as const;

/** Alice is there first, with something to catch up on; then Hamlet joins from the other side of the link. */
export const PROLOGUE: readonly Step[] = [
  {
    text: 'Alice enters rabbithole',
    act: ({ alice }) => alice.person.join(),
    expects: [sees('alice', { kind: 'joined', nick: 'Alice' })],
  },
  {
    text: 'Alice sets the subject and talks to nobody',
    act: ({ alice: { person } }) => {
      person.setSubject('Six impossible things');
      person.say('Down the rabbit hole');
      person.say('Is anybody here?');
    },
    expects: [
      sees('alice', { kind: 'subject', nick: 'Alice', text: 'Six impossible things' }),
      sees('alice', { kind: 'message', nick: 'Alice', text: 'Down the rabbit hole' }),
      sees('alice', { kind: 'message', nick: 'Alice', text: 'Is anybody here?' }),
    ],
  },
  {
    text: 'Hamlet enters elsinore, which joins rabbithole',
    act: ({ hamlet }) => hamlet.person.join(),
    expects: [
      sees('hamlet', { kind: 'joined', nick: 'Hamlet' }),
      crosses('forth', 'join'),
      sees('alice', { kind: 'joined', nick: 'Hamlet' }),
      sees('hamlet', { kind: 'joined', nick: 'Alice' }),
      sees('hamlet', { kind: 'message', nick: 'Alice', text: 'Down the rabbit hole' }),
      sees('hamlet', { kind: 'message', nick: 'Alice', text: 'Is anybody here?' }),
      sees('hamlet', { kind: 'subject', nick: 'Alice', text: 'Six impossible things' }),
    ],
  },
];

/** What follows where nobody types. */
export const CONVERSATION: readonly Step[] = [
  {
    text: 'Hamlet says something',
    act: ({ hamlet }) => hamlet.person.say('Hi Alice'),
    expects: bothSee({ kind: 'message', nick: 'Hamlet', text: 'Hi Alice' }),
  },
  {
    text: 'Alice answers',
    act: ({ alice }) => alice.person.say('Hi Hamlet, who is there?'),
    expects: bothSee({ kind: 'message', nick: 'Alice', text: 'Hi Hamlet, who is there?' }),
  },
  {
    text: 'Alice takes another nick',
    act: ({ alice }) => alice.person.changeNick('Duchess'),
    expects: bothSee({ kind: 'renamed', nick: 'Alice', to: 'Duchess' }),
  },
  {
    text: 'Alice speaks as Duchess',
    act: ({ alice }) => alice.person.say('Everything’s got a moral'),
    expects: bothSee({ kind: 'message', nick: 'Duchess', text: 'Everything’s got a moral' }),
  },
  {
    text: 'Hamlet leaves, and elsinore with him',
    act: ({ hamlet }) => hamlet.person.leave(),
    expects: [...bothSee({ kind: 'left', nick: 'Hamlet' }), crosses('forth', 'leave'), crosses('back', 'left')],
  },
  {
    text: 'Alice goes on, and nothing crosses any more',
    act: ({ alice }) => alice.person.say('Curiouser and curiouser!'),
    expects: [
      sees('alice', { kind: 'message', nick: 'Duchess', text: 'Curiouser and curiouser!' }),
      {
        text: 'her last message doesn’t cross the link',
        seen: ({ crossings }) => !crossings.some(({ gist }) => gist.text.includes('Curiouser')),
      },
    ],
  },
];

/** What must hold at the end, however long one waits. */
export const ALWAYS: readonly Expectation[] = (['hamlet', 'alice'] as const).map((who) => ({
  text: `${NAMES[who]} gets no error, and nothing that only gateways may see`,
  seen: (stage) => stage[who].sights.every(({ kind }) => kind !== 'refused' && kind !== 'fault'),
}));

type Seen = { readonly kind: Sight['kind']; readonly nick: string; readonly text?: string; readonly to?: string };

function bothSee(expected: Seen): Expectation[] {
  return [sees('hamlet', expected), sees('alice', expected)];
}

/** Somebody sees this, once. */
function sees(who: 'hamlet' | 'alice', expected: Seen): Expectation {
  const { kind, nick, text, to } = expected;
  return {
    text: `${NAMES[who]} sees ${[kind, nick, text, to].filter((word) => word !== undefined).join(' ')}, once`,
    seen: (stage) => stage[who].sights.filter((sight) => matches(sight, expected)).length === 1,
  };
}

function matches(sight: Sight, expected: Seen): boolean {
  const values = sight as Readonly<Record<string, unknown>>;
  return Object.entries(expected).every(([key, value]) => values[key] === value);
}

function crosses(direction: Direction, kind: string): Expectation {
  return {
    text: `${kind} crosses the link ${direction}`,
    seen: ({ crossings }) =>
      crossings.some((crossing) => crossing.direction === direction && crossing.gist.kind === kind),
  };
}
