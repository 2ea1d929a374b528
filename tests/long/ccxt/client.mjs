// Trades with simulated venues through ccxt, and holds what ccxt made of their answers against what must be.
//
//   node client.mjs ENDPOINTS_JSON CCXT_MODULE
import { ccxt, check, client, equal, keyKinds, keysOf, markets, must, near, opened, refused, report, same, sleep, tally, until, within } from './kit.mjs';

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

// Keeps ccxt's book by update id, all levels of it, until a REST snapshot of the same id can be laid beside it.
async function bookInStep(x, symbol) {
	const kept = new Map();
	let updates = 0;
	let newest = 0;
	let on = true;
	let broken;
	const watching = (async () => {
		while (on) {
			const b = await x.watchOrderBook(symbol);
			kept.set(b.nonce, JSON.stringify([b.bids, b.asks]));
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
			const b = await x.fetchOrderBook(symbol, 1000);
			await until(`update ${b.nonce}`, () => broken || newest >= b.nonce);
			if (!kept.has(b.nonce)) continue;
			must(b.bids.length > 50 && b.asks.length > 50, 'a snapshot of few levels');
			equal(kept.get(b.nonce), JSON.stringify([b.bids, b.asks]), `the book at ${b.nonce}`);
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
		const o = await create(x, symbol, 'limit', 'sell', orderAmount, price(ask * 1.03), { newClientOrderId: clientOrderId });
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
	// createOrderWs sends its own words (postOnly, clientOrderId) along, and spot minds what it does not know: -1104.
	const postOnly = (px) =>
		spot && way === 'WebSocket'
			? create(x, symbol, 'LIMIT_MAKER', 'buy', orderAmount, px)
			: create(x, symbol, 'limit', 'buy', orderAmount, px, { postOnly: true });
	await check(named('post-only rests'), async () => {
		const { bid } = await touch(x, symbol);
		const o = await postOnly(price(bid * 0.97));
		isNothingFilled(o, 'open');
		equal(o.postOnly, true, 'postOnly');
		equal((await cancel(x, o.id, symbol)).status, 'canceled', 'status');
		done.push(o.id);
	});
	const wouldTake = spot ? ccxt.OrderImmediatelyFillable : way === 'REST' ? ccxt.OrderNotFillable : ccxt.InvalidOrder;
	await refused(named('post-only that would take'), wouldTake, '', async () => {
		const { ask } = await touch(x, symbol);
		return postOnly(price(ask * 1.01));
	});
	await check(named('market order fills'), async () => {
		const o = await create(x, symbol, 'market', 'sell', orderAmount);
		isFilled(o, 'sell', 1);
		equal(o.type, 'market', 'type');
		done.push(o.id);
	});
	// ccxt knows `test` of spot only, and places the order elsewhere.
	if (spot)
		await check(named('an order is tried out without being sent'), async () => {
			const { bid } = await touch(x, symbol);
			await create(x, symbol, 'limit', 'buy', orderAmount, price(bid * 0.97), { test: true });
			equal((await x.fetchOpenOrders(symbol)).length, 0, 'the number of open orders');
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
	// These two words it looks for in what came over REST alone.
	await refused(named('a price off the tick'), spot && !overWs ? ccxt.InvalidOrder : ccxt.BadRequest, spot ? 'PRICE_FILTER' : '-1111',
		() => place(orderAmount, { price: `${Math.floor(px)}.0051` }));
	await refused(named('a quantity off the lot'), spot && !overWs ? ccxt.InvalidOrder : ccxt.BadRequest, spot ? 'LOT_SIZE' : '-1111',
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
			const o = await place(orderAmount, { newClientOrderId: clientOrderId });
			try {
				return await place(orderAmount, { newClientOrderId: clientOrderId });
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
			equal(walletOf(b, 'USDT'), walletOf(before.balance, 'USDT'), 'walletBalance');
			must(b.USDT.total > 0 && b.USDT.free > 0, JSON.stringify(b.USDT));
		});
	else
		await check(named('fetchBalanceWs'), async () => {
			// ccxt reads futures' answer only: spot's comes out as it is.
			const { balances } = (await x.fetchBalanceWs()).info;
			for (const asset of ['BTC', 'USDT'])
				same(Number(balances.find((b) => b.asset === asset).free), before.balance[asset].free, `free ${asset}`);
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
	else {
		await check(named('a listen key lives on and ends'), async () => {
			const { listenKey } = await x.fapiPrivatePostListenKey();
			equal((await x.fapiPrivatePutListenKey()).listenKey, listenKey, 'listenKey');
		});
		await check(named('fetchPositions'), async () => {
			await x.createOrder(symbol, 'market', 'buy', orderAmount);
			const p = await x.fetchPositions([symbol]);
			equal(p.length, 1, 'the number of positions');
			const net = (await x.fetchMyTrades(symbol)).reduce((s, t) => s + (t.side === 'buy' ? t.amount : -t.amount), 0);
			same((p[0].side === 'short' ? -1 : 1) * p[0].contracts, Number(net.toFixed(8)), 'contracts');
			must(p[0].entryPrice > 0 && p[0].markPrice > 0, JSON.stringify(p[0]));
			const w = await x.fetchPositionsWs([symbol]);
			equal(w.length, 1, 'the number of positions by WebSocket');
			same(w[0].contracts, p[0].contracts, 'contracts by WebSocket');
			same(w[0].entryPrice, p[0].entryPrice, 'entry price by WebSocket');
		});
	}
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
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exit(tally.failed || !tally.passed ? 1 : 0);
