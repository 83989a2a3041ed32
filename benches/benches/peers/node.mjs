// Calls `query` with the official Node SDK and prints calls per second and CPU microseconds per call.
// node.mjs FOLDER_OF_THE_SDK BASE_URL AT_A_TIME CALLS; keys come from the environment.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [folder, endpoint, atATime, calls] = process.argv.slice(2);
const { AlipaySdk } = createRequire(resolve(folder, 'index.js'))('alipay-sdk');
const sdk = new AlipaySdk({
  appId: process.env.APP_ID,
  privateKey: process.env.APP_PRIVATE_KEY,
  keyType: 'PKCS8',
  alipayPublicKey: process.env.ALIPAY_PUBLIC_KEY,
  endpoint,
});
const query = { activity_id: '2016042700826004508401111111', merchant_access_mode: 'SELF_MODE' };

async function call() {
  try {
    await sdk.curl('GET', '/v3/alipay/marketing/activity/voucher/query', { query });
  } catch (error) {
    // A response of the gateway counts, whatever it says.
    if (!error.responseHttpStatus) throw error;
  }
}

async function run(count) {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: Number(atATime) }, worker));
}

await run(Math.round(calls / 5));
const [start, cpu] = [performance.now(), process.cpuUsage()];
await run(Number(calls));
const seconds = (performance.now() - start) / 1000;
const { user, system } = process.cpuUsage(cpu);
console.log(calls / seconds, (user + system) / calls);
