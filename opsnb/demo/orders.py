"""Order lines: drawn around the plan, with the dealer lost, prices raised, costs shocked.

Every month's revenue of a region and product line is decided first and its lines are scaled
to it; so the noise of a month is what was meant, whatever the number of lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opsnb.demo import shape
from opsnb.demo.chance import Floats, Ints, pick, stratified, stream
from opsnb.demo.days import MONTHS, Days, position
from opsnb.demo.market import Customers, Products
from opsnb.demo.plan import Plan
from opsnb.demo.truths import Truth, duplicate_lines, truth

REGIONS, LINES = len(shape.REGIONS), len(shape.LINES)


@dataclass(frozen=True)
class OrderLines:
    """Order lines as parallel arrays, by order date.

    Attributes
    ----------
    order : array of int64
        Running number of the order.
    line : array of int64
        Line in the order, from 1.
    day, month, region, customer, product : array of int64
        Places on their axes.
    quantity : array of int64
    list_price, amount, cost : array of int64
        Cents; the price of one, the others of the line.
    """

    order: Ints
    line: Ints
    day: Ints
    month: Ints
    region: Ints
    customer: Ints
    product: Ints
    quantity: Ints
    list_price: Ints
    amount: Ints
    cost: Ints

    def take(self, places: Ints) -> OrderLines:
        """Lines at `places`."""
        return OrderLines(**{name: values[places] for name, values in vars(self).items()})


@dataclass(frozen=True)
class _Orders:
    """Orders as parallel arrays, by day."""

    day: Ints
    month: Ints
    region: Ints
    customer: Ints


def order_lines(
    seed: int, days: Days, plan: Plan, products: Products, customers: Customers
) -> OrderLines:
    """Draw the order lines of the history, without duplicates."""
    volume, noise = _volume(seed, plan)
    orders = _draw_orders(seed, days, plan, customers, noise)
    rng = stream(seed, "lines")
    sizes = 1 + pick(np.cumsum(shape.LINES_PER_ORDER), rng.random(len(orders.day)))
    order = np.repeat(np.arange(len(sizes)), sizes)
    line = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1
    month, region, customer = orders.month[order], orders.region[order], orders.customer[order]
    product = _draw_products(rng, region * MONTHS + month, volume, products)
    discount = customers.discount[customer] + rng.integers(-100, 101, len(order))
    discount = np.clip(discount, 0, None)
    price = products.list_price[product]
    paid = price * (1 - discount / 10_000)
    quantity = _quantities(
        rng,
        wanted=customers.order_size[customer] * rng.lognormal(0.0, 0.6, len(order)) / price,
        paid=paid / 100,
        group=(region * LINES + products.line[product]) * MONTHS + month,
        volume=volume.ravel(),
    )
    list_price = _list_prices(products)[product, month]
    amount = (quantity * list_price * (10_000 - discount) + 5_000) // 10_000
    cost = quantity * _unit_costs(seed, products)[product, month]
    drawn = OrderLines(
        order, line, orders.day[order], month, region, customer, product, quantity, list_price,
        amount, cost,
    )  # fmt: skip
    gone = (customer == customers.lost) & (month >= position(truth("dealer_lost").first))
    return _renumbered(drawn.take(np.flatnonzero(~gone)))


def duplicated(seed: int, drawn: OrderLines, lines: int) -> Ints:
    """Places of the lines that the file holds a second time."""
    candidates = np.flatnonzero(drawn.month >= position(truth("duplicates").first))
    chosen = stream(seed, "duplicates").choice(candidates, duplicate_lines(lines), replace=False)
    return np.sort(chosen)


def since(event: Truth) -> Floats:
    """1 for the months from the truth's first on, 0 before."""
    return (np.arange(MONTHS) >= position(event.first)).astype(np.float64)


def _volume(seed: int, plan: Plan) -> tuple[Floats, Floats]:
    """Revenue at old prices (regions, product lines, months), and the regions' noise in it."""
    rng = stream(seed, "volume")
    region = rng.normal(0.0, shape.REGION_NOISE, (REGIONS, MONTHS))
    line = rng.normal(0.0, shape.LINE_NOISE, (REGIONS, LINES, MONTHS))
    volume = plan.revenue[:, :, :MONTHS] * np.exp(region[:, None, :] + line)
    rise = truth("price_rise")
    reaction = rise.parts["volume_elasticity"] * np.log1p(rise.size) * since(rise)
    volume[:, shape.LINES.index(str(rise.item)), :] *= np.exp(reaction)
    return volume, region


def _draw_orders(seed: int, days: Days, plan: Plan, customers: Customers, noise: Floats) -> _Orders:
    """Orders of every region and month: customer and day."""
    rng = stream(seed, "orders")
    wobble = 0.7 * noise + rng.normal(0.0, shape.ORDER_NOISE, noise.shape)
    count = np.maximum(np.rint(plan.orders[:, :MONTHS] * np.exp(wobble)), 1).astype(np.int64)
    group = np.repeat(np.arange(REGIONS * MONTHS), count.ravel())
    region, month = group // MONTHS, group % MONTHS
    uniform = stratified(rng, group, REGIONS * MONTHS)
    customer = np.empty(len(group), dtype=np.int64)
    for place in range(REGIONS):
        own = np.flatnonzero(customers.region == place)
        mine = region == place
        customer[mine] = own[pick(np.cumsum(customers.frequency[own]), uniform[mine])]
    day = days.draw(rng, month)
    by_day = np.lexsort((rng.random(len(day)), day))
    return _Orders(day[by_day], month[by_day], region[by_day], customer[by_day])


def _draw_products(
    rng: np.random.Generator, group: Ints, volume: Floats, products: Products
) -> Ints:
    """Draw a product for each line; `group` is the region and month."""
    weight = volume / np.array(shape.LINE_VALUE)[:, None]
    share = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    cumulative = share.transpose(0, 2, 1).reshape(REGIONS * MONTHS, LINES)[:, :-1]
    uniform = stratified(rng, group, REGIONS * MONTHS)
    line = (uniform[:, None] >= cumulative[group]).sum(axis=1)
    popular = np.cumsum(products.popularity, axis=1)[line, :-1]
    within = (rng.random(len(group))[:, None] >= popular).sum(axis=1)
    product: Ints = line * shape.PRODUCTS_PER_LINE + within
    return product


def _quantities(
    rng: np.random.Generator, *, wanted: Floats, paid: Floats, group: Ints, volume: Floats
) -> Ints:
    """Whole quantities in proportion to `wanted` whose paid value adds up to each group's volume.

    Rounding up or down is left to chance, and the smallest quantity is 1; the scale is put
    right for what that does to the sum.
    """
    dice = rng.random(len(group))
    scale = volume / np.bincount(group, weights=wanted * paid, minlength=len(volume))
    for _ in range(4):
        quantity = np.maximum(np.floor(wanted * scale[group] + dice), 1)
        scale *= volume / np.bincount(group, weights=quantity * paid, minlength=len(volume))
    return quantity.astype(np.int64)


def _list_prices(products: Products) -> Ints:
    """List price of each product and month, cents."""
    rise = truth("price_rise")
    raised = (products.line == shape.LINES.index(str(rise.item)))[:, None] * since(rise)
    prices: Ints = np.rint(products.list_price[:, None] * (1 + rise.size * raised)).astype(np.int64)
    return prices


def _unit_costs(seed: int, products: Products) -> Ints:
    """Cents that one piece of each product costs in each month."""
    shock = truth("cost_shock")
    noise = stream(seed, "costs").normal(0.0, shape.COST_NOISE, (LINES, MONTHS))
    struck = (products.line == shape.LINES.index(str(shock.item)))[:, None] * since(shock)
    cost = products.unit_cost[:, None] * np.exp(noise[products.line]) * (1 + shock.size * struck)
    cents: Ints = np.rint(cost).astype(np.int64)
    return cents


def _renumbered(kept: OrderLines) -> OrderLines:
    """Lines whose orders are numbered from 1 in each month."""
    new = np.diff(kept.order, prepend=-1) != 0
    running = np.cumsum(new)
    before = np.concatenate([[0], np.cumsum(np.bincount(kept.month[new], minlength=MONTHS))])
    return OrderLines(**vars(kept) | {"order": running - before[kept.month]})
