// What a server was sent and keeps, in memory, for as long as it runs.

import { createHash } from 'node:crypto';

/** The original's folder of the site: as a setting it stands for the site that comes with the service. */
export const SITE_ROOT = '/var/www/html';

/** What is told of an upload. */
export interface UploadFacts {
  readonly name: string;
  readonly contentType: string;
  /** Where the original would have put it; `files` of ModifyServer names it so. */
  readonly path: string;
  readonly md5: string;
  readonly sizeBytes: number;
}

export interface Upload {
  readonly facts: UploadFacts;
  readonly content: Buffer;
}

export interface Uploads {
  keep(file: { name: string; contentType: string; content: Buffer }, folder: string): Upload;
  /** By its path, with or without the slash in front. */
  find(path: string): Upload | undefined;
  list(): UploadFacts[];
}

const MOST = 64;

/** The last 64 uploads; one of the same name takes the place of the one before. */
export function createUploads(): Uploads {
  const kept = new Map<string, Upload>();
  let count = 0;
  return {
    keep({ name, contentType, content }, folder) {
      const facts: UploadFacts = {
        name,
        contentType,
        path: `${SITE_ROOT}${folder.replace(/\/$/, '')}/${String(++count).padStart(10, '0')}`,
        md5: createHash('md5').update(content).digest('hex'),
        sizeBytes: content.length,
      };
      const upload = { facts, content };
      kept.delete(name);
      kept.set(name, upload);
      const oldest = kept.keys().next().value;
      if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
      return upload;
    },
    find: (path) =>
      [...kept.values()].find(({ facts }) => facts.path === path || facts.path === `/${path}`),
    list: () => [...kept.values()].map(({ facts }) => facts),
  };
}

/** The files of an upload's body: the parts of a form that are files, else the body itself. */
export async function uploadedFiles(
  body: Buffer,
  contentType: string | undefined,
  path: string,
): Promise<{ name: string; contentType: string; content: Buffer }[] | undefined> {
  if (contentType?.startsWith('multipart/form-data') !== true) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return [{ name, contentType: contentType ?? 'application/octet-stream', content: body }];
  }
  const answer = new Response(new Uint8Array(body), { headers: { 'content-type': contentType } });
  const form = await answer.formData().catch(() => undefined);
  if (form === undefined) return undefined;
  const files = [...form.values()].filter((value) => typeof value !== 'string');
  return Promise.all(
    files.map(async (file) => ({
      name: file.name,
      contentType: file.type || 'application/octet-stream',
      content: Buffer.from(await file.arrayBuffer()),
    })),
  );
}
