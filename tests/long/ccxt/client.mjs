// Trades with simulated venues through ccxt, and holds what ccxt made of their answers against what must be.
//
//   node client.mjs ENDPOINTS_JSON CCXT_MODULE
//
// ccxt keeps its own urls: it tells markets apart by host names (which table of errors, which stream). Only where
// the bytes go is changed: what is meant for a host of the list below goes to the local venue, anything else is an error.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import tls from 'node:tls';
import { pathToFileURL } from 'node:url';

const [endpointsPath, ccxtPath] = process.argv.slice(2);
const { default: ccxt } = await import(pathToFileURL(ccxtPath));
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

let passed = 0;
let failed = 0;

function report(ok, name, why = '') {
	if (ok) passed++;
	else failed++;
	console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}${ok || !why ? '' : `: ${why}`}`);
}

// A body that returns nothing has passed; a text says what was wrong.
async function check(name, body) {
	let why;
	try {
		why = await within(20000, body());
	} catch (e) {
		why = `${e.constructor.name}: ${String(e.message).slice(0, 300)}`;
	}
	report(!why, name, why);
	return !why;
}

function within(ms, promise) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`nothing within ${ms} ms`)), ms);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what, condition, ms = 10000) {
	for (const end = Date.now() + ms; Date.now() < end; await sleep(10)) if (condition()) return;
	throw new Error(`${what}: not within ${ms} ms`);
}

function must(ok, why) {
	if (!ok) throw new Error(why);
}

const shown = (v) => (typeof v === 'function' ? v.name : JSON.stringify(v));

function equal(got, want, what) {
	must(Object.is(got, want), `${what} is ${shown(got)}, not ${shown(want)}`);
}

const near = (a, b) => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

function same(got, want, what) {
	must(near(got, want), `${what} is ${got}, not ${want}`);
}

// Exactly this class of ccxt, with the venue's number in its text where one is given.
async function refused(name, type, code, body) {
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

const markets = [
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

const keyKinds = {
	hmac: ['api_key_file', 'secret_file'],
	ed25519: ['ed25519_api_key_file', 'ed25519_secret_file'],
};

function keysOf(market, kind) {
	const [key, secret] = keyKinds[kind].map((f) => readFileSync(venues[market.wire].accounts[0][f], 'utf8').trim());
	return { apiKey: key, secret };
}

const opened = [];

// fetchCurrencies and fetchMargins ask addresses (sapi) that have nothing to do with trading.
function client(market, keys = {}) {
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

// ---------------------------------------------------------------- what anybody may see

async function marketData(market) {
	const { symbol } = market;
	const x = client(market);
	const named = (what) => `${x.id} ${what}`;
	const spot = market.wire === 'binance_spot';

	await check(named('loadMarkets'), async () => {
		const all = await x.loadMarkets();
		equal(Object.keys(all).join(), symbol, 'the list of symbols');
		const m = all[symbol];
		equal(m.active, true, 'active');
		equal(m.type, spot ? 'spot' : 'swap', 'type');
		equal(m.precision.price, market.tick, 'precision.price');
		equal(m.precision.amount, market.lot, 'precision.amount');
		equal(m.limits.amount.min, market.lot, 'limits.amount.min');
		equal(m.limits.cost.min, market.minNotional, 'limits.cost.min');
		must(m.limits.price.min > 0 && m.limits.price.max > m.limits.price.min, 'no price limits');
		must(m.limits.market.max > 0, 'no limits of market orders');
		if (!spot) {
			equal(m.linear, true, 'linear');
			equal(m.contractSize, 1, 'contractSize');
			equal(m.settle, 'USDT', 'settle');
			must(m.created > 0, 'no onboard date');
		}
	});
	await check(named('fetchTime'), async () => {
		const t = await x.fetchTime();
		must(Math.abs(t - Date.now()) < 2000, `${t} is not now, ${Date.now()}`);
	});
	await check(named('fetchStatus of the connection: ping'), async () => {
		await (spot ? x.publicGetPing() : x.fapiPublicGetPing());
	});
	await check(named('fetchOrderBook'), async () => {
		const b = await x.fetchOrderBook(symbol, 20);
		must(b.bids.length > 0 && b.bids.length <= 20 && b.asks.length <= 20, `${b.bids.length} bids for a limit of 20`);
		must(b.bids[0][0] < b.asks[0][0], 'the book is crossed');
		b.bids.forEach(([px, qty], i) => must(qty > 0 && (i === 0 || px < b.bids[i - 1][0]), 'bids are not in order'));
		b.asks.forEach(([px, qty], i) => must(qty > 0 && (i === 0 || px > b.asks[i - 1][0]), 'asks are not in order'));
		must(Number.isInteger(b.nonce) && b.nonce > 0, 'no lastUpdateId');
		if (!spot) must(Math.abs(b.timestamp - Date.now()) < 5000, 'no time');
	});
	await check(named('watchBidsAsks'), async () => {
		const seen = new Set();
		while (seen.size < 5) {
			const q = (await x.watchBidsAsks([symbol]))[symbol];
			must(q.bid < q.ask && q.bidVolume > 0 && q.askVolume > 0, JSON.stringify(q));
			seen.add(`${q.bid} ${q.ask} ${q.bidVolume} ${q.askVolume}`);
		}
	});
	await check(named('watchTrades'), async () => {
		const b = await x.fetchOrderBook(symbol, 5);
		for (const t of await x.watchTrades(symbol)) {
			equal(t.symbol, symbol, 'symbol');
			must(Math.abs(t.price / b.bids[0][0] - 1) < 0.05 && t.amount > 0, JSON.stringify(t));
			must(t.side === 'buy' || t.side === 'sell', 'no side');
			must(Math.abs(t.timestamp - Date.now()) < 5000, `${t.timestamp} is not now`);
		}
	});
	await check(named('watchOrderBook stays in step with depth over REST'), () => bookInStep(x, symbol));
	await refused(named('fetchOrderBook of a symbol that is not there'), ccxt.BadSymbol, '-1121', () =>
		spot ? x.publicGetDepth({ symbol: 'NOPEUSDT' }) : x.fapiPublicGetDepth({ symbol: 'NOPEUSDT' }));
	await refused(named('fetchOrderBook without a symbol'), ccxt.BadRequest, '-1102', () =>
		spot ? x.publicGetDepth({}) : x.fapiPublicGetDepth({}));
	await refused(named('an address that is not there'), ccxt.BadRequest, '-1020', () =>
		spot ? x.publicGetAvgPrice({ symbol: 'BTCUSDT' }) : x.fapiPublicGetPremiumIndex({ symbol: 'BTCUSDT' }));
	if (spot) return;
	await check(named('fetchOrderBookWs'), async () => {
		const y = client(market, keysOf(market, 'hmac'));
		const b = await y.fetchOrderBookWs(symbol, 20);
		must(b.bids[0][0] < b.asks[0][0] && b.bids.length <= 20, 'no book');
	});
}

// Keeps the top of ccxt's book by update id, until a REST snapshot of the same id can be laid beside it.
async function bookInStep(x, symbol) {
	const levels = 50;
	const kept = new Map();
	let updates = 0;
	let newest = 0;
	let on = true;
	let broken;
	const watching = (async () => {
		while (on) {
			const b = await x.watchOrderBook(symbol);
			kept.set(b.nonce, JSON.stringify([b.bids.slice(0, levels), b.asks.slice(0, levels)]));
			newest = b.nonce;
			updates++;
		}
	})().catch((e) => {
		broken = e;
	});
	try {
		await until('30 updates', () => broken || updates >= 30);
		for (let compared = 0, tries = 0; compared < 3; tries++) {
			if (broken) throw broken;
			must(tries < 30, `no snapshot fell on an update of the stream (${updates} updates)`);
			const b = await x.fetchOrderBook(symbol, 100);
			await until(`update ${b.nonce}`, () => broken || newest >= b.nonce);
			if (!kept.has(b.nonce)) continue;
			equal(kept.get(b.nonce), JSON.stringify([b.bids.slice(0, levels), b.asks.slice(0, levels)]), `the book at ${b.nonce}`);
			compared++;
			await sleep(300);
		}
	} finally {
		on = false;
	}
	await within(5000, watching);
}

// ---------------------------------------------------------------- what an account hears

class Hearing {
	orders = new Map(); // id -> all that was said of it
	trades = new Map();
	balances = 0;
	balance = null;
	failures = [];
	#on = true;

	constructor(x, symbol) {
		this.#run(() => x.watchOrders(symbol), (list) => list.forEach((o) => this.#add(o)));
		this.#run(() => x.watchMyTrades(symbol), (list) => list.forEach((t) => this.trades.set(t.id, structuredClone(t))));
		this.#run(() => x.watchBalance(), (b) => {
			this.balance = structuredClone(b);
			this.balances++;
		});
	}
	#add(o) {
		if (!this.orders.has(o.id)) this.orders.set(o.id, []);
		this.orders.get(o.id).push(structuredClone(o));
	}
	async #run(watch, take) {
		while (this.#on) {
			try {
				take(await watch());
			} catch (e) {
				if (this.#on) this.failures.push(e);
				return;
			}
		}
	}
	stop() {
		this.#on = false;
	}
	last(id) {
		return this.orders.get(id)?.at(-1);
	}
}

// ---------------------------------------------------------------- orders

// The same calls by REST and by the WebSocket API.
const ways = {
	REST: {
		create: (x, ...a) => x.createOrder(...a),
		cancel: (x, ...a) => x.cancelOrder(...a),
		fetch: (x, ...a) => x.fetchOrder(...a),
	},
	WebSocket: {
		create: (x, ...a) => x.createOrderWs(...a),
		cancel: (x, ...a) => x.cancelOrderWs(...a),
		fetch: (x, ...a) => x.fetchOrderWs(...a),
	},
};

const orderAmount = 0.004;

async function touch(x, symbol) {
	const b = await x.fetchOrderBook(symbol, 5);
	return { bid: b.bids[0][0], ask: b.asks[0][0] };
}

function isNothingFilled(o, status) {
	equal(o.status, status, 'status');
	equal(o.filled, 0, 'filled');
}

function isFilled(o, side, limit) {
	equal(o.status, 'closed', 'status');
	same(o.filled, orderAmount, 'filled');
	same(o.remaining, 0, 'remaining');
	equal(o.side, side, 'side');
	must(side === 'buy' ? o.average <= limit : o.average >= limit, `average ${o.average} beyond the limit ${limit}`);
	must(near(o.cost, o.average * o.filled) || Math.abs(o.cost - o.average * o.filled) < 0.01, `cost ${o.cost}`);
}

async function orders(x, market, way, named, done) {
	const { symbol } = market;
	const { create, cancel, fetch } = ways[way];
	const spot = market.wire === 'binance_spot';
	const price = (v) => Number(x.priceToPrecision(symbol, v));

	await check(named('limit GTC rests, is found and cancelled'), async () => {
		const { bid } = await touch(x, symbol);
		const px = price(bid * 0.97);
		const o = await create(x, symbol, 'limit', 'buy', orderAmount, px);
		isNothingFilled(o, 'open');
		equal(o.price, px, 'price');
		equal(o.amount, orderAmount, 'amount');
		equal(o.timeInForce, 'GTC', 'timeInForce');
		must(o.clientOrderId.startsWith('x-'), `client id ${o.clientOrderId}`);
		must(Math.abs((o.timestamp ?? o.lastUpdateTimestamp) - Date.now()) < 5000, 'no time');
		const f = await fetch(x, o.id, symbol);
		isNothingFilled(f, 'open');
		equal(f.clientOrderId, o.clientOrderId, 'client id');
		const byName = await fetch(x, undefined, symbol, { origClientOrderId: o.clientOrderId });
		equal(byName.id, o.id, 'the id found by client id');
		const open = await x.fetchOpenOrders(symbol);
		must(open.some((e) => e.id === o.id), 'not among the open orders');
		const c = await cancel(x, o.id, symbol);
		isNothingFilled(c, 'canceled');
		equal(c.id, o.id, 'id');
		isNothingFilled(await fetch(x, o.id, symbol), 'canceled');
		done.push(o.id);
	});
	await check(named('cancel by client id'), async () => {
		const { ask } = await touch(x, symbol);
		const clientOrderId = `ccxt-${way}-${Date.now()}`;
		const o = await create(x, symbol, 'limit', 'sell', orderAmount, price(ask * 1.03), { clientOrderId });
		equal(o.clientOrderId, clientOrderId, 'client id');
		const c = await cancel(x, undefined, symbol, { clientOrderId });
		equal(c.id, o.id, 'id');
		equal(c.status, 'canceled', 'status');
		done.push(o.id);
	});
	for (const side of ['buy', 'sell'])
		await check(named(`limit IOC ${side} fills`), async () => {
			const { bid, ask } = await touch(x, symbol);
			const px = price(side === 'buy' ? ask * 1.01 : bid * 0.99);
			const o = await create(x, symbol, 'limit', side, orderAmount, px, { timeInForce: 'IOC' });
			isFilled(o, side, px);
			equal(o.timeInForce, 'IOC', 'timeInForce');
			isFilled(await fetch(x, o.id, symbol), side, px);
			done.push(o.id);
		});
	await check(named('limit IOC that meets nobody ends at once'), async () => {
		const { bid } = await touch(x, symbol);
		const o = await create(x, symbol, 'limit', 'buy', orderAmount, price(bid * 0.98), { timeInForce: 'IOC' });
		isNothingFilled(o, 'expired');
		done.push(o.id);
	});
	await check(named('limit FOK fills'), async () => {
		const { ask } = await touch(x, symbol);
		const px = price(ask * 1.01);
		const o = await create(x, symbol, 'limit', 'buy', orderAmount, px, { timeInForce: 'FOK' });
		isFilled(o, 'buy', px);
		equal(o.timeInForce, 'FOK', 'timeInForce');
		done.push(o.id);
	});
	// Futures refuse it outright, and ccxt knows the number by another name on each way.
	const fokToo = async () => {
		const { bid } = await touch(x, symbol);
		return create(x, symbol, 'limit', 'buy', orderAmount, price(bid * 0.98), { timeInForce: 'FOK' });
	};
	if (spot)
		await check(named('limit FOK that cannot fill ends at once'), async () => {
			const o = await fokToo();
			isNothingFilled(o, 'expired');
			done.push(o.id);
		});
	else
		await refused(named('limit FOK that cannot fill'), way === 'REST' ? ccxt.OrderNotFillable : ccxt.InvalidOrder, '-5021', fokToo);
	await check(named('post-only rests'), async () => {
		const { bid } = await touch(x, symbol);
		const o = await create(x, symbol, 'limit', 'buy', orderAmount, price(bid * 0.97), { postOnly: true });
		isNothingFilled(o, 'open');
		equal(o.postOnly, true, 'postOnly');
		equal((await cancel(x, o.id, symbol)).status, 'canceled', 'status');
		done.push(o.id);
	});
	const wouldTake = spot ? ccxt.OrderImmediatelyFillable : way === 'REST' ? ccxt.OrderNotFillable : ccxt.InvalidOrder;
	await refused(named('post-only that would take'), wouldTake, '', async () => {
		const { ask } = await touch(x, symbol);
		return create(x, symbol, 'limit', 'buy', orderAmount, price(ask * 1.01), { postOnly: true });
	});
	await check(named('market order fills'), async () => {
		const o = await create(x, symbol, 'market', 'sell', orderAmount);
		isFilled(o, 'sell', 1);
		equal(o.type, 'market', 'type');
		done.push(o.id);
	});
	await check(named('an order is tried out without being sent'), async () => {
		const { bid } = await touch(x, symbol);
		await create(x, symbol, 'limit', 'buy', orderAmount, price(bid * 0.97), { test: true });
	});
}

async function refusals(x, market, way, named) {
	const { symbol } = market;
	const { create, cancel, fetch } = ways[way];
	const spot = market.wire === 'binance_spot';
	const { bid } = await touch(x, symbol);
	const px = Number(x.priceToPrecision(symbol, bid * 0.97));
	const place = (amount, params = {}) => create(x, symbol, 'limit', 'buy', amount, px, params);
	const overWs = way === 'WebSocket';

	// ccxt finds -2019 and -4164 in its table of futures, and looks there over REST only.
	await refused(named('more than the account has'), spot || !overWs ? ccxt.InsufficientFunds : ccxt.ExchangeError, spot ? '' : '-2019',
		() => place(100));
	await refused(named('less than the least value'), spot ? ccxt.BadRequest : overWs ? ccxt.ExchangeError : ccxt.InvalidOrder,
		spot ? 'NOTIONAL' : '-4164', () => place(spot ? 0.00002 : 0.001));
	await refused(named('a price off the tick'), spot ? ccxt.InvalidOrder : ccxt.BadRequest, spot ? 'price is invalid' : '-1111',
		() => place(orderAmount, { price: `${Math.floor(px)}.0051` }));
	await refused(named('a quantity off the lot'), spot ? ccxt.InvalidOrder : ccxt.BadRequest, spot ? 'lot size' : '-1111',
		() => place(orderAmount, { quantity: '0.0040001' }));
	await refused(named('an unknown side'), ccxt.BadRequest, '-1117', () => place(orderAmount, { side: 'HOLD' }));
	if (!overWs)
		await refused(named('an unknown type'), ccxt.BadRequest, '-1116', () => {
			const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'WISH', quantity: orderAmount };
			return spot ? x.privatePostOrder(order) : x.fapiPrivatePostOrder(order);
		});
	await refused(named('cancel of an unknown order'), ccxt.OrderNotFound, '', () => cancel(x, '99999999', symbol));
	await refused(named('fetch of an unknown order'), ccxt.OrderNotFound, '', () => fetch(x, '99999999', symbol));
	await refused(named('a client id twice'), !spot && overWs ? ccxt.ExchangeError : ccxt.InvalidOrder,
		spot ? '' : '-4116', async () => {
			const clientOrderId = `twice-${way}-${Date.now()}`;
			const o = await place(orderAmount, { clientOrderId });
			try {
				return await place(orderAmount, { clientOrderId });
			} finally {
				await cancel(x, o.id, symbol);
			}
		});
}

async function keyRefusals(market, kind, way) {
	const { symbol } = market;
	const { create } = ways[way];
	const keys = keysOf(market, kind);
	const other = keysOf(market, kind === 'hmac' ? 'ed25519' : 'hmac');
	const attempt = async (change, offsetMs = 0) => {
		const x = client(market, { ...keys, ...change });
		const { bid } = await touch(x, symbol);
		x.options.timeDifference = offsetMs;
		return create(x, symbol, 'limit', 'buy', orderAmount, Number(x.priceToPrecision(symbol, bid * 0.97)));
	};
	const named = (what) => `${market.wire} ${kind} ${way}: ${what}`;
	await refused(named('a signature by another secret'), ccxt.AuthenticationError, '-1022', () => attempt({ secret: other.secret }));
	await refused(named('an API key nobody has'), ccxt.AuthenticationError, '-2015', () => attempt({ apiKey: 'A'.repeat(64) }));
	await refused(named('an API key that is none'), ccxt.AuthenticationError, '-2014', () => attempt({ apiKey: 'not-a-key' }));
	await refused(named('a timestamp of ten seconds ago'), ccxt.InvalidNonce, '-1021', () => attempt({}, 10000));
	await refused(named('a timestamp of in ten seconds'), ccxt.InvalidNonce, '-1021', () => attempt({}, -10000));
}

// ---------------------------------------------------------------- reports against queries

async function reports(x, market, named, done, heard, before) {
	const { symbol } = market;
	const spot = market.wire === 'binance_spot';
	await check(named('watchOrders told the end of every order'), async () => {
		for (const id of done) {
			const want = await x.fetchOrder(id, symbol);
			await until(`a report of order ${id} as ${want.status}`, () => heard.last(id)?.status === want.status, 5000);
			const got = heard.last(id);
			for (const field of ['filled', 'amount', 'price', 'remaining', 'cost']) same(got[field], want[field], `${field} of order ${id}`);
			for (const field of ['side', 'type', 'timeInForce', 'symbol']) equal(got[field], want[field], `${field} of order ${id}`);
			// Spot names the cancel in its report and in later queries the order: ccxt turns the two back.
			equal(got.clientOrderId, want.clientOrderId, `client id of order ${id}`);
			if (want.filled) must(Math.abs(got.average - want.average) < 0.01, `average ${got.average}, not ${want.average}`);
		}
	});
	await check(named('fetchMyTrades and watchMyTrades agree'), async () => {
		const trades = (await x.fetchMyTrades(symbol, before.time)).filter((t) => done.includes(t.order));
		must(trades.length > 0, 'no trades');
		for (const want of trades) {
			await until(`a report of trade ${want.id}`, () => heard.trades.has(want.id), 5000);
			const got = heard.trades.get(want.id);
			for (const field of ['order', 'side', 'takerOrMaker', 'symbol', 'timestamp']) equal(got[field], want[field], `${field} of trade ${want.id}`);
			for (const field of ['price', 'amount', 'cost']) same(got[field], want[field], `${field} of trade ${want.id}`);
			equal(got.fee.currency, want.fee.currency, 'currency of the fee');
			same(got.fee.cost, want.fee.cost, 'fee');
			const rate = want.fee.cost / (want.fee.currency === 'USDT' ? want.cost : want.amount);
			must(Math.abs(rate - market.fee) < 1e-5, `a fee of ${rate}, not ${market.fee}`);
		}
		for (const id of done) {
			const o = await x.fetchOrder(id, symbol);
			same(trades.filter((t) => t.order === id).reduce((s, t) => s + t.amount, 0), o.filled, `fills of order ${id}`);
		}
	});
	await check(named('watchBalance ends where fetchBalance does'), async () => {
		const want = await x.fetchBalance();
		must(heard.balances > 0, 'nothing was heard');
		for (const asset of spot ? ['BTC', 'USDT'] : ['USDT']) {
			must(heard.balance[asset], `nothing was heard of ${asset}`);
			same(heard.balance[asset].total, spot ? want[asset].total : Number(walletOf(want, asset)), `total ${asset}`);
			if (spot) same(heard.balance[asset].free, want[asset].free, `free ${asset}`);
		}
		must(want.USDT.total !== before.balance.USDT.total, 'trading did not change the balance');
	});
	await check(named('no stream failed'), async () => {
		must(heard.failures.length === 0, String(heard.failures[0]?.message));
	});
}

const walletOf = (balance, asset) => balance.info.assets.find((a) => a.asset === asset).walletBalance;

async function sessionLogon(x, market, kind, named) {
	const url = x.urls.api.ws['ws-api'][market.wire === 'binance_spot' ? 'spot' : 'future'];
	const ask = (method, params) => {
		const id = x.requestId(url).toString();
		const subscription = { method: (c, message) => c.resolve(message, id) };
		return x.watch(url, id, { id, method, params }, id, subscription);
	};
	if (kind === 'hmac') {
		await refused(named('session.logon with such a key'), ccxt.AuthenticationError, '-4056', () => ask('session.logon', x.signParams({})));
		return;
	}
	await check(named('session.logon, then requests without a signature'), async () => {
		const a = await ask('session.logon', x.signParams({}));
		equal(a.result.apiKey, x.apiKey, 'apiKey');
		const s = await ask('account.status', { timestamp: x.milliseconds() });
		equal(s.status, 200, 'status');
		equal((await ask('session.logout', {})).result.apiKey, null, 'apiKey after the logout');
	});
}

async function account(market, kind) {
	const { symbol } = market;
	const x = client(market, keysOf(market, kind));
	const named = (what) => `${x.id} ${kind} ${what}`;
	const spot = market.wire === 'binance_spot';
	const before = { time: Date.now() - 1 };
	await x.loadMarkets();
	const known = await check(named('fetchBalance'), async () => {
		before.balance = await x.fetchBalance();
		must(before.balance.USDT.total > 50000 && before.balance.USDT.free > 0, JSON.stringify(before.balance.USDT));
		if (spot) must(before.balance.BTC.total > 1, JSON.stringify(before.balance.BTC));
	});
	if (!known) return;
	if (!spot)
		await check(named('fetchBalanceWs'), async () => {
			const b = await x.fetchBalanceWs();
			same(b.USDT.total, before.balance.USDT.total, 'total');
		});
	else
		await check(named('fetchBalanceWs'), async () => {
			const b = await x.fetchBalanceWs();
			for (const asset of ['BTC', 'USDT']) same(b[asset].total, before.balance[asset].total, `total ${asset}`);
		});
	const heard = new Hearing(x, symbol);
	await sleep(500); // the subscription's answer
	const done = [];
	for (const way of Object.keys(ways)) await orders(x, market, way, (what) => named(`${way}: ${what}`), done);
	await reports(x, market, named, done, heard, before);
	for (const way of Object.keys(ways)) await refusals(x, market, way, (what) => named(`${way}: ${what}`));
	for (const way of Object.keys(ways)) await keyRefusals(market, kind, way);
	if (spot)
		await check(named('fetchMyTradesWs, fetchOpenOrdersWs'), async () => {
			const rest = await x.fetchMyTrades(symbol);
			const ws = await x.fetchMyTradesWs(symbol);
			equal(ws.map((t) => t.id).join(), rest.map((t) => t.id).join(), 'the trades');
			equal((await x.fetchOpenOrdersWs(symbol)).length, 0, 'the number of open orders');
		});
	else
		await check(named('fetchPositions'), async () => {
			const p = await x.fetchPositions([symbol]);
			equal(p.length, 1, 'the number of positions');
			const net = (await x.fetchMyTrades(symbol)).reduce((s, t) => s + (t.side === 'buy' ? t.amount : -t.amount), 0);
			same((p[0].side === 'short' ? -1 : 1) * p[0].contracts, Number(net.toFixed(8)), 'contracts');
		});
	await check(named('cancelAllOrders'), async () => {
		const { bid } = await touch(x, symbol);
		for (let i = 0; i < 3; i++) await x.createOrder(symbol, 'limit', 'buy', orderAmount, Number(x.priceToPrecision(symbol, bid * 0.96)));
		equal((await x.fetchOpenOrders(symbol)).length, 3, 'the number of open orders');
		await x.cancelAllOrders(symbol);
		equal((await x.fetchOpenOrders(symbol)).length, 0, 'the number of open orders after');
	});
	await sessionLogon(x, market, kind, named);
	heard.stop();
}

// ---------------------------------------------------------------- all of it

process.on('unhandledRejection', (e) => report(false, 'a rejection that nobody awaited', `${e?.constructor?.name}: ${e?.message}`));
for (const market of markets) {
	await marketData(market);
	for (const kind of Object.keys(keyKinds)) await account(market, kind);
}
await Promise.allSettled(opened.map((x) => within(5000, x.close())));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
