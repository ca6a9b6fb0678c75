import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseElement } from '../../src/xml/parse.ts';
import { endAll } from './ending.ts';
import { parseScript } from './script.ts';
import { Stage } from './stage.ts';
import { fit } from './stanza-pattern.ts';

/* That scripts can fail. */

const CAST = `A title
[Client] Crone: crone1@shakespeare.lit/desktop
[Client] Hag: hag66@shakespeare.lit/pda
--- a scene
Crone enters as firstwitch
Hag enters as thirdwitch
`;

describe('a scene', () => {
  let stage: Stage;
  const played = (text: string): Promise<void> => {
    const [scene] = parseScript(`${CAST}${text}`, 'planted.script').scenes;
    return stage.play(scene ?? { title: 'none', steps: [] });
  };

  beforeAll(async () => {
    stage = await Stage.set(parseScript(CAST, 'planted.script'));
  });
  afterAll(endAll);

  const says = `Hag sends:
  <message to='{room}' type='groupchat' id='1'><body>Time</body></message>
`;
  const heard = "<message from='{room}/thirdwitch' type='groupchat' id='1'><body>Time</body></message>";

  it('is played where everything comes that is told, and nothing else', async () => {
    await expect(played(`${says}Crone and Hag receive:\n  ${heard}\n`)).resolves.toBeUndefined();
  });

  it('fails where what is told does not come, and shows what came', async () => {
    const other = heard.replace('Time', 'Late');
    await expect(played(`${says}Crone receives:\n  ${other}\n`)).rejects.toThrow(
      /planted\.script:9: crone1@.* received nothing like\n.*Late.*\nbut\n.*Time/,
    );
  });

  it.each(['', 'Nobody receives anything else.\n', says, 'The gateway is killed and starts again.\n'])(
    'fails where somebody receives what nobody told of (%#)',
    async (next) => {
      const receipt = `${says}Crone receives:\n  ${heard}\n${next}`;
      await expect(played(receipt)).rejects.toThrow(
        /hag66@shakespeare\.lit\/pda received what nobody told of:\n.*Time/,
      );
    },
  );

  it('fails where the order is another one', async () => {
    const second = says.replace("id='1'", "id='2'").split('\n')[1] ?? '';
    const both = `${says}${second}\nCrone receives in order:\n  ${heard.replace("id='1'", "id='2'")}\n  ${heard}\n`;
    await expect(played(both)).rejects.toThrow('received nothing like');
  });

  it('fails where somebody does not get in', async () => {
    await expect(played('Hag enters as firstwitch\n')).rejects.toThrow(/isn't in: .*conflict/);
  });

  it('knows what it has seen by the name that it was given', async () => {
    const named = heard.replace('</message>', "<stanza-id xmlns='urn:xmpp:sid:0' by='{room}' id='{seen}'/></message>");
    const again = `Hag sends:
  <message to='{room}' type='groupchat' id='1'><body>{seen}</body></message>
Crone and Hag receive:
  ${heard.replace('Time', '{seen}')}
`;
    await expect(played(`${says}Crone and Hag receive:\n  ${named}\n${again}`)).resolves.toBeUndefined();
    await expect(played(again)).rejects.toThrow('{seen} stands for nothing yet');
  });
});

it.each([
  ['Hag dances', 'is no sentence'],
  ['Hag sends:', 'is no sentence'],
  ['Macbeth sends:\n  <presence/>', 'there is no [Client] Macbeth'],
  ['Crone and Macbeth receive:\n  <presence/>', 'there is no [Client] Macbeth'],
])('a script that says "%s" is refused by its place', (sentence, reason) => {
  expect(() => parseScript(`${CAST}${sentence}\n`, 'planted.script')).toThrow(/^planted\.script:7: .*/);
  expect(() => parseScript(`${CAST}${sentence}\n`, 'planted.script')).toThrow(reason);
});

describe('a pattern', () => {
  it.each([
    ["<a x='1'/>", "<a x='2'/>"],
    ["<a x='1'/>", '<a/>'],
    ['<a/>', "<a x='1'/>"],
    ['<a/>', '<a><b/></a>'],
    ['<a><b/></a>', '<a/>'],
    ['<a><b/><b/></a>', '<a><b/></a>'],
    ["<a><b xmlns='one'/></a>", "<a><b xmlns='other'/></a>"],
    ["<a><b xmlns='one'>...</b></a>", "<a><b xmlns='other'/></a>"],
    ['<a>text</a>', '<a>other text</a>'],
    ['<a>*</a>', '<a/>'],
    ["<a x='*'/>", '<a/>'],
    ["<a x='{one}' y='{one}'/>", "<a x='1' y='2'/>"],
    ['<a><b><c/></b>...</a>', '<a><b/><c/></a>'],
    ["<a type='error'><error type='auth'><forbidden/></error></a>", "<a type='error'/>"],
  ])('%s is not %s', (pattern, stanza) => {
    expect(fit(parseElement(pattern), parseElement(stanza), new Map())).toBeUndefined();
  });

  it.each([
    ['<a/>', "<a id='1' to='b' xml:lang='en'/>"],
    ['<a/>', "<a><occupant-id xmlns='urn:xmpp:occupant-id:0' id='1'/></a>"],
    ['<a><b/><c/></a>', '<a> <c/> <b/> </a>'],
    ["<a x='{one}' y='{one}'/>", "<a x='1' y='1'/>"],
    ['<a>...</a>', "<a x='1'><b/>text</a>"],
    [
      "<a type='error'><error type='auth'><forbidden/></error></a>",
      "<a type='error'><b/><error type='auth' by='c'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>No</text></error></a>",
    ],
  ])('%s is %s', (pattern, stanza) => {
    expect(fit(parseElement(pattern), parseElement(stanza), new Map())).toBeDefined();
  });
});
