import { beforeAll } from 'vitest';

// Edge runtimes have neither. They go only now: the virtual clock and the scripted models of the
// tests come with the fake providers, which are made for Node.
beforeAll(() => {
  Reflect.deleteProperty(globalThis, 'Buffer');
  Reflect.deleteProperty(globalThis, 'global');
});
