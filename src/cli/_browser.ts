import { spawn } from 'node:child_process';

type Environment = Readonly<Record<string, string | undefined>>;

/** Who opens an address on this machine; null where no browser can be seen: no screen, a remote shell, CI. */
function openerOf(platform: NodeJS.Platform, env: Environment): readonly [string, ...string[]] | null {
  if (env.CI !== undefined || env.SSH_CONNECTION !== undefined) return null;
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return env.DISPLAY === undefined && env.WAYLAND_DISPLAY === undefined ? null : ['xdg-open'];
}

/** Shows an address in the browser of whoever sits here. False: there is none, or it could not be begun. */
export async function openBrowser(url: string, env: Environment): Promise<boolean> {
  const opener = openerOf(process.platform, env);
  if (opener === null) return false;
  const [program, ...first] = opener;
  return new Promise((resolve) => {
    const child = spawn(program, [...first, url], { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
