import { describe, expect, it } from 'vitest';
import { PoolConfigError } from '../errors.ts';
import { keysFromEnv } from './keys-from-env.ts';

describe('keysFromEnv', () => {
  it.each([
    ['one', ['one']],
    [' one , two,, three ,', ['one', 'two', 'three']],
    ['one\ntwo\n', ['one', 'two']],
    ['["one"," two ",""]', ['one', 'two']],
    ['one,two,one', ['one', 'two']],
    ['{"type":"service_account","a":1}', ['{"type":"service_account","a":1}']],
  ])('reads %j', (value, keys) => {
    expect(keysFromEnv('KEYS', { env: { KEYS: value } })).toEqual(keys);
  });

  it('reads numbered variables up to the first gap, without repeats', () => {
    const env = { KEYS: 'a', KEYS_1: 'b,c', KEYS_2: 'a', KEYS_4: 'd' };
    expect(keysFromEnv('KEYS', { env })).toEqual(['a', 'b', 'c']);
    expect(keysFromEnv('KEYS', { env: { KEYS_1: 'x' } })).toEqual(['x']);
  });

  it.each([{}, { KEYS: '' }, { KEYS: ' , ' }])('names an unset variable: %j', env => {
    expect(() => keysFromEnv('KEYS', { env })).toThrow(PoolConfigError);
    expect(() => keysFromEnv('KEYS', { env })).toThrow(/KEYS/);
    expect(keysFromEnv('KEYS', { env, optional: true })).toEqual([]);
  });

  it.each(['["a"', '[1]'])('refuses %j without repeating it', value => {
    expect(() => keysFromEnv('KEYS', { env: { KEYS: value } })).toThrow(PoolConfigError);
  });

  it('reads process.env by default', () => {
    process.env['AI_POOL_TEST_KEYS'] = 'p,q';
    expect(keysFromEnv('AI_POOL_TEST_KEYS')).toEqual(['p', 'q']);
    delete process.env['AI_POOL_TEST_KEYS'];
  });
});
