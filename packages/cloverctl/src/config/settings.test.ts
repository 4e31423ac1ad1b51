import { describe, expect, it } from 'vitest';
import { loadSettings } from './settings.ts';

const world = (files: Record<string, string>, env: Record<string, string> = {}) => ({
  env,
  cwd: '/home/me/project/deep',
  home: '/home/me',
  readText: async (path: string) => files[path],
});
const user = '/home/me/.config/clover/config.yaml';
const project = '/home/me/project/clover.yaml';

describe('settings', () => {
  it('come from the flag, the variable, clover.yaml, the user’s file, the default, in this order', async () => {
    const files = {
      [project]: 'port: 9400\ncloverctl:\n  server: http://project\n',
      [user]: 'server: http://user\nsince: 1h\n',
    };
    const server = async (io: ReturnType<typeof world>, flags = {}) =>
      (await loadSettings(io, flags)).server;
    expect(
      await server(world(files, { CLOVER_SERVER: 'http://env' }), { server: 'http://flag' }),
    ).toEqual({ value: 'http://flag', origin: 'flag', from: '--server' });
    expect(await server(world(files, { CLOVER_SERVER: 'http://env' }))).toEqual({
      value: 'http://env',
      origin: 'environment',
      from: 'CLOVER_SERVER',
    });
    expect(await server(world(files))).toEqual({
      value: 'http://project',
      origin: 'file',
      from: `${project}:3:3`,
    });
    expect(await server(world({ [user]: files[user]! }))).toEqual({
      value: 'http://user',
      origin: 'user-file',
      from: `${user}:1:1`,
    });
    expect(await server(world({}))).toEqual({
      value: 'http://127.0.0.1:9400',
      origin: 'default',
      from: '',
    });
    expect((await loadSettings(world(files), {})).since.value).toBe('1h');
  });

  it('are looked for under XDG_CONFIG_HOME', async () => {
    const io = world({ '/xdg/clover/config.yaml': 'token: s\n' }, { XDG_CONFIG_HOME: '/xdg' });
    expect((await loadSettings(io, {})).token.value).toBe('s');
  });

  it('that are mistyped are refused with their place', async () => {
    const io = world({ [project]: 'cloverctl:\n  sever: x\n' });
    await expect(loadSettings(io, {})).rejects.toThrow(
      `${project}:2:3: unknown key "sever"; did you mean "server"?`,
    );
  });
});
