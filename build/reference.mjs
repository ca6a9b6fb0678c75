// @ts-check
import { writeReference } from './manual.mjs';

/* `npm run reference`: src/config/REFERENCE.md, after a change of the schema. */
await writeReference();
