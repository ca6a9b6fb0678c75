import { glyphsOf } from '../../src/cli/text.ts';

/** How terminals differ behind the last column of a row. */
export type Wrap =
  /** A VT100: the cursor waits there until something more is written. */
  | 'waiting'
  /** It goes on in the next row at once. */
  | 'at once';

interface Place {
  readonly glyph: string;
  readonly style: string;
}

/**
 * A terminal as far as `top` may count on one: it knows what a VT100 knows, and anything else is an error. Before it is
 * cleared it is full of somebody else's text.
 */
export class Screen {
  readonly columns: number;
  readonly rows: number;
  hasCursor = true;
  readonly #wrap: Wrap;
  readonly #places: Place[][];
  #row = 0;
  #column = 0;
  #isWaiting = false;
  #style = '';
  #top = 0;
  #bottom: number;

  constructor(columns: number, rows: number, wrap: Wrap = 'waiting') {
    this.columns = columns;
    this.rows = rows;
    this.#wrap = wrap;
    this.#bottom = rows - 1;
    this.#places = Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () => ({ glyph: '?', style: '1' })),
    );
  }

  /** What is shown; a place's style in front of where it changes, in braces. */
  get lines(): string[] {
    return this.#places.map((places) => {
      let style = '';
      const shown = places.map((place) => {
        const change = place.style === style ? '' : `{${place.style}}`;
        style = place.style;
        return change + place.glyph;
      });
      return shown.join('');
    });
  }

  write(text: string): void {
    const token = /\x1b\[([?\d;]*)([A-Za-z])|\x1b(M)|[\r\n]|[^\0-\x1f\x7f]+|[^]/gu;
    for (const [all, parameters = '', final, escape] of text.matchAll(token)) {
      if (final !== undefined) this.#control(parameters, final);
      else if (escape === 'M') this.#reverseIndex();
      else if (all === '\r') this.#move(this.#row, 0);
      else if (all === '\n') this.#index();
      else if (all >= ' ') for (const { glyph, columns } of glyphsOf(all)) this.#print(glyph, columns);
      else throw new Error(`no terminal must know ${JSON.stringify(text)}`);
    }
  }

  #control(parameters: string, final: string): void {
    const [first = 0, second = 0] = parameters.split(';').map(Number);
    if (final === 'H') this.#move((first || 1) - 1, (second || 1) - 1);
    else if (final === 'C') this.#move(this.#row, this.#column + (first || 1));
    else if (final === 'K' && parameters === '') this.#erase(this.#row, this.#column);
    else if (final === 'J' && parameters === '') this.#eraseBelow();
    else if (final === 'm') this.#style = parameters.replace(/^(0|.*;0)?;|^0$/, '');
    else if (final === 'r') {
      this.#top = (first || 1) - 1;
      this.#bottom = (second || this.rows) - 1;
      this.#move(0, 0);
    } else if (parameters === '?25') this.hasCursor = final === 'h';
    else if (parameters + final !== '6n') throw new Error(`no terminal must know ${parameters}${final}`);
  }

  #move(row: number, column: number): void {
    this.#row = Math.min(row, this.rows - 1);
    this.#column = Math.min(column, this.columns - 1);
    this.#isWaiting = false;
  }

  #print(glyph: string, columns: number): void {
    if (this.#isWaiting) {
      this.#move(this.#row, 0);
      this.#index();
    }
    this.#put({ glyph, style: this.#style });
    if (columns === 2) this.#put({ glyph: '', style: this.#style }, true);
  }

  #put(place: Place, isRightHalf = false): void {
    const places = this.#places[this.#row] ?? [];
    // Half a character is none.
    if (places[this.#column]?.glyph === '' && !isRightHalf) places[this.#column - 1] = { glyph: ' ', style: '' };
    if (places[this.#column + 1]?.glyph === '') places[this.#column + 1] = { glyph: ' ', style: '' };
    places[this.#column] = place;
    if (this.#column + 1 < this.columns) this.#column += 1;
    else if (this.#wrap === 'waiting') this.#isWaiting = true;
    else {
      this.#column = 0;
      this.#index();
    }
  }

  #index(): void {
    this.#isWaiting = false;
    if (this.#row === this.#bottom) this.#scroll(this.#top, this.#bottom);
    else this.#row = Math.min(this.#row + 1, this.rows - 1);
  }

  #reverseIndex(): void {
    this.#isWaiting = false;
    if (this.#row === this.#top) this.#scroll(this.#bottom, this.#top);
    else this.#row = Math.max(this.#row - 1, 0);
  }

  /** Takes out the row where it leaves, and puts an empty one where it comes in. */
  #scroll(out: number, into: number): void {
    if (this.#style !== '') throw new Error('some terminals fill what comes in with the colour that is set');
    this.#places.splice(out, 1);
    this.#places.splice(into, 0, this.#blanks());
  }

  #erase(row: number, from: number): void {
    if (this.#style !== '') throw new Error('some terminals erase in the colour that is set');
    this.#places[row]?.fill({ glyph: ' ', style: '' }, from);
  }

  #eraseBelow(): void {
    this.#erase(this.#row, this.#column);
    for (let row = this.#row + 1; row < this.rows; row += 1) this.#erase(row, 0);
  }

  #blanks(): Place[] {
    return Array.from({ length: this.columns }, () => ({ glyph: ' ', style: '' }));
  }
}
