import { createClient } from '@clover/client';

/** The controller that served this page. */
export const client = createClient({ baseUrl: window.location.origin });
