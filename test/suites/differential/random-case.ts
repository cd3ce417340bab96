import fc from 'fast-check';
import { toolsOf, type Case } from './cases.ts';

/** Empty texts the SDK leaves out itself, but not where there is something on them. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.lorem({ maxCount: 5, mode: 'sentences' }),
);

/** What a stranger may write where the pool looks for its tags. */
const forgedTag = fc.oneof(
  fc.record({ from: fc.stringMatching(/^[\da-f]{0,24}$/) }),
  fc.record({ from: fc.jsonValue() }),
  fc.dictionary(fc.constantFrom('from', 'provider', 'key', 'only'), fc.string()),
);

/** A part of a message, and what is forged on it. */
const part = fc.record({ text, tag: fc.option(forgedTag, { nil: undefined }) });

const message = fc.record({
  role: fc.constantFrom('user', 'assistant'),
  parts: fc.array(part, { minLength: 1, maxLength: 3 }),
});

const settings = fc.record(
  {
    system: text,
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    topP: fc.double({ min: 0, max: 1, noNaN: true }),
    topK: fc.integer({ min: 1, max: 99 }),
    presencePenalty: fc.double({ min: -2, max: 2, noNaN: true }),
    frequencyPenalty: fc.double({ min: -2, max: 2, noNaN: true }),
    stopSequences: fc.array(text, { maxLength: 3 }),
    seed: fc.integer(),
    headers: fc.dictionary(
      fc.stringMatching(/^x-[a-z]{1,9}$/),
      fc.stringMatching(/^[a-z][a-z \d]{0,9}[a-z]$/),
    ),
    providerOptions: fc.constant({ nobody: { has: 'this' } }),
  },
  { requiredKeys: [] },
);

/** Any call: as it is made of the bare model, and with forged tags of pools. */
export const randomCase: fc.Arbitrary<Case> = fc
  .record({
    settings,
    messages: fc.array(message, { maxLength: 4 }),
    last: text,
    hasTools: fc.boolean(),
    reply: fc.record({ text, reasoning: text }, { requiredKeys: ['text'] }),
  })
  .map(({ settings: own, messages, last, hasTools, reply }) => {
    const callWith =
      (isForged: boolean): Case['call'] =>
      caller => ({
        ...own,
        ...(hasTools && { tools: toolsOf(caller) }),
        messages: [
          ...messages.map(({ role, parts }) => ({
            role,
            content: parts.map(({ text: said, tag }) => ({
              type: 'text',
              text: said,
              ...(isForged && tag && { providerOptions: { pool: tag } }),
            })),
          })),
          { role: 'user', content: last },
        ],
      });
    return { call: callWith(false), ofPools: callWith(true), replies: [reply] };
  });
