/** `ccos intent graph` (I7, I10): the graph for other programs, or as a picture. */
import { dotText, exportGraph, mermaidText, type GraphExport } from '../../intents/export.ts';
import { svgText } from '../../intents/svg.ts';
import type { Run } from '../invocation.ts';
import { readIntents } from './open.ts';

const TEXTS: Readonly<Record<'dot' | 'mermaid' | 'svg', (graph: GraphExport) => string>> = {
  dot: dotText,
  mermaid: mermaidText,
  svg: svgText,
};

/** Throws `INTENT_CORRUPT`, and what opening throws. */
export const graph: Run = async ({ options, output }) => {
  const reader = await readIntents({ options, output });
  const exported = exportGraph(await reader.read(), { status: options.status });
  const format = options.graphFormat ?? 'json';
  if (format === 'json') output.document(exported);
  else if (output.json) output.document({ format, text: TEXTS[format](exported) });
  else output.text(TEXTS[format](exported));
  return 0;
};
