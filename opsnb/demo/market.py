"""Products and customers: who buys, how much of it, at what discount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opsnb.demo import shape
from opsnb.demo.chance import Floats, Ints, stream
from opsnb.demo.truths import truth

FREQUENCY = 0.8
"""A customer's share of orders goes with its share of revenue to this power."""


@dataclass(frozen=True)
class Products:
    """Products, ordered by product line; ``PRODUCTS_PER_LINE`` each.

    Attributes
    ----------
    name : list of str
    line : array of int64
        Place of the product line.
    list_price, unit_cost : array of int64
        Cents; the cost before noise and shocks, as float64.
    popularity : array of float64, shape (product lines, products a line)
        Sums to 1 in each product line.
    """

    name: list[str]
    line: Ints
    list_price: Ints
    unit_cost: Floats
    popularity: Floats


@dataclass(frozen=True)
class Customers:
    """Customers, ordered by region.

    Attributes
    ----------
    name : list of str
    region, channel : array of int64
    share : array of float64
        Expected share of the region's revenue.
    frequency : array of float64
        Expected share of the region's orders.
    discount : array of int64
        Basis points.
    """

    name: list[str]
    region: Ints
    channel: Ints
    share: Floats
    frequency: Floats
    discount: Ints

    @property
    def order_size(self) -> Floats:
        """List value of a customer's order beside the others' of its region."""
        size: Floats = self.share / self.frequency / (1 - self.discount / 10_000)
        return size

    @property
    def paid(self) -> Floats:
        """Expected share of the list value that is paid after discount, by region."""
        paid: Floats = 1 / np.bincount(
            self.region, weights=self.share / (1 - self.discount / 10_000)
        )
        return paid

    @property
    def lost(self) -> int:
        """Place of the dealer that stops ordering."""
        return self.name.index(str(truth("dealer_lost").item))


def products(seed: int) -> Products:
    """Draw the product range."""
    rng = stream(seed, "products")
    count = shape.PRODUCTS_PER_LINE
    low, high = np.array(shape.PRICE_RANGE, dtype=np.float64).T[:, :, None]
    step = (np.arange(count) + rng.uniform(-0.3, 0.3, (len(shape.LINES), count))) / (count - 1)
    price = np.maximum(np.rint(low * (high / low) ** step / 10), 1) * 10
    popularity = rng.lognormal(0.0, 0.5, price.shape)
    popularity /= popularity.sum(axis=1, keepdims=True)
    ratio = rng.normal(1.0, 0.04, price.shape)
    ratio /= (ratio * popularity).sum(axis=1, keepdims=True)
    cost = price * ratio * np.array(shape.COST_OF_LIST)[:, None]
    return Products(
        name=[f"{prefix}-{110 + 10 * i}" for prefix in shape.PREFIX for i in range(count)],
        line=np.repeat(np.arange(len(shape.LINES)), count),
        list_price=(price.ravel() * 100).astype(np.int64),
        unit_cost=cost.ravel() * 100,
        popularity=popularity,
    )


def customers(seed: int) -> Customers:
    """Draw the customers of all regions."""
    rng = stream(seed, "customers")
    parts = [_region_customers(rng, region) for region in range(len(shape.REGIONS))]
    channel = np.concatenate([part[0] for part in parts])
    share = np.concatenate([part[1] for part in parts])
    region = np.repeat(np.arange(len(shape.REGIONS)), shape.CUSTOMERS)
    frequency = share**FREQUENCY
    frequency /= np.bincount(region, weights=frequency)[region]
    mean, sd = np.array(shape.DISCOUNT, dtype=np.float64)[channel].T
    discount = np.clip(rng.normal(mean, sd), 0, mean + 3 * sd)
    return Customers(
        name=[f"C{i + 1:05d}" for i in range(len(region))],
        region=region,
        channel=channel,
        share=share,
        frequency=frequency,
        discount=(np.rint(discount / 50) * 50).astype(np.int64),
    )


def _region_customers(rng: np.random.Generator, region: int) -> tuple[Ints, Floats]:
    """Channel and revenue share of one region's customers, the big dealers among them."""
    count, big = shape.CUSTOMERS[region], shape.BIG_DEALERS[region]
    channel = rng.choice(len(shape.CHANNELS), count, p=shape.CHANNEL_CUSTOMERS)
    places = rng.choice(count, len(big), replace=False)
    if shape.REGIONS[region] == truth("dealer_lost").unit:
        places = _with_lost_dealer(places, region)
    dealer = shape.CHANNELS.index("dealer")
    channel[places] = dealer
    weight = rng.lognormal(0.0, np.array(shape.SPREAD)[channel])
    weight[places] = 0.0
    budget = np.array(shape.CHANNEL_REVENUE[region])
    budget[dealer] -= sum(big)
    share = weight * (budget / np.bincount(channel, weights=weight))[channel]
    share[places] = big
    return channel.astype(np.int64), share


def _with_lost_dealer(places: Ints, region: int) -> Ints:
    """Places of the big dealers, the biggest being the one that is going to be lost."""
    lost = int(str(truth("dealer_lost").item)[1:]) - 1 - sum(shape.CUSTOMERS[:region])
    return np.concatenate([[lost], places[places != lost][: len(places) - 1]])
