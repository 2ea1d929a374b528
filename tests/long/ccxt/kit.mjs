// What the checks stand on: ccxt with its bytes led to the local venues, the two markets, and the words of a check.
//
// ccxt keeps its own urls: it tells markets apart by host names (which table of errors, which stream). Only where
// the bytes go is changed: what is meant for a host of the list below goes to the local venue, anything else is an error.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import tls from 'node:tls';
import { pathToFileURL } from 'node:url';

const [endpointsPath, ccxtPath] = process.argv.slice(2);
export const { default: ccxt } = await import(pathToFileURL(ccxtPath));
const endpoints = JSON.parse(readFileSync(endpointsPath, 'utf8'));
const venues = Object.fromEntries(endpoints.venues.map((v) => [v.wire, v]));
const wireOfHost = {
	'api.binance.com': 'binance_spot',
	'stream.binance.com': 'binance_spot',
	'ws-api.binance.com': 'binance_spot',
	'fapi.binance.com': 'binance_usdm',
	'fstream.binance.com': 'binance_usdm',
	'ws-fapi.binance.com': 'binance_usdm',
};

function portOf(host) {
	if (!(host in wireOfHost)) throw new Error(`${host} is no host of this test`);
	return venues[wireOfHost[host]].port;
}

class LocalAgent extends https.Agent {
	createConnection(options, callback) {
		return tls.connect({ host: 'localhost', port: portOf(options.host), servername: 'localhost' }, callback);
	}
}

function localFetch(url, options) {
	const u = new URL(url);
	const { method, headers, body, signal } = options;
	return fetch(`https://localhost:${portOf(u.hostname)}${u.pathname}${u.search}`, { method, headers, body, signal });
}

// ---------------------------------------------------------------- checks

export const tally = { passed: 0, failed: 0 };

export function report(ok, name, why = '') {
	tally[ok ? 'passed' : 'failed']++;
	console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}${ok || !why ? '' : `: ${why}`}`);
}

// A body that returns nothing has passed; a text says what was wrong.
export async function check(name, body) {
	let why;
	try {
		why = await within(20000, body());
	} catch (e) {
		why = `${e.constructor.name}: ${String(e.message).slice(0, 300)}`;
	}
	report(!why, name, why);
	return !why;
}

export function within(ms, promise) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`nothing within ${ms} ms`)), ms);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(what, condition, ms = 10000) {
	for (const end = Date.now() + ms; Date.now() < end; await sleep(10)) if (condition()) return;
	throw new Error(`${what}: not within ${ms} ms`);
}

export function must(ok, why) {
	if (!ok) throw new Error(why);
}

const shown = (v) => (typeof v === 'function' ? v.name : JSON.stringify(v));

export function equal(got, want, what) {
	must(Object.is(got, want), `${what} is ${shown(got)}, not ${shown(want)}`);
}

export const near = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

export function same(got, want, what) {
	must(near(got, want), `${what} is ${got}, not ${want}`);
}

// Exactly this class of ccxt, with the venue's number in its text where one is given.
export async function refused(name, type, code, body) {
	await check(`${name} -> ${type.name}`, async () => {
		let e;
		try {
			const r = await body();
			return `it was accepted: ${JSON.stringify(r).slice(0, 200)}`;
		} catch (x) {
			e = x;
		}
		equal(e.constructor, type, `${e.message.slice(0, 200)}: the class`);
		must(!code || e.message.includes(code), `"${e.message}" does not say ${code}`);
	});
}

// ---------------------------------------------------------------- the two markets

export const markets = [
	{
		wire: 'binance_spot',
		make: (o) => new ccxt.pro.binance(o),
		symbol: 'BTC/USDT',
		tick: 0.01,
		lot: 0.00001,
		minNotional: 5,
		fee: 0.001,
		options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] } },
	},
	{
		wire: 'binance_usdm',
		make: (o) => new ccxt.pro.binanceusdm(o),
		symbol: 'BTC/USDT:USDT',
		tick: 0.1,
		lot: 0.001,
		minNotional: 100,
		fee: 0.0005,
		// Without them positions are not read before /fapi/v1/leverageBracket, which has nothing to do with trading.
		options: { leverageBrackets: { 'BTC/USDT:USDT': [['0', '0.025']] } },
	},
];

export const keyKinds = {
	hmac: ['api_key_file', 'secret_file'],
	ed25519: ['ed25519_api_key_file', 'ed25519_secret_file'],
};

export function keysOf(market, kind) {
	const [key, secret] = keyKinds[kind].map((f) => readFileSync(venues[market.wire].accounts[0][f], 'utf8').trim());
	return { apiKey: key, secret };
}

export const opened = [];

// fetchCurrencies and fetchMargins ask addresses (sapi) that have nothing to do with trading.
export function client(market, keys = {}) {
	const x = market.make({
		...keys,
		enableRateLimit: true,
		options: { ...market.options, fetchCurrencies: false, fetchMargins: false },
	});
	x.agent = new LocalAgent({ keepAlive: true });
	x.fetchImplementation = localFetch;
	opened.push(x);
	return x;
}
