/** Name of the database when nobody gives another. */
export const DATABASE = 'clover';
