import fc from 'fast-check';

/**
 * Property tests draw the same cases in every run, so that a test that turns red was turned by the change before it.
 * `npm run test:explore` draws new ones; what it finds becomes a case of its own.
 */
const wanted = process.env.TIDEMARK_TEST_SEED ?? '20261';
if (wanted !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted) });
