"""What the company is: its regions, product lines, channels, and the shares between them.

Money is in yuan a year at the prices of 2022; order of the tuples is the order of all arrays.
"""

from __future__ import annotations

from opsnb.demo.truths import truth

REGIONS = ("east", "south", "west", "north")
REGION_LABELS = {
    "east": ("华东", "East"),
    "south": ("华南", "South"),
    "west": ("华西", "West"),
    "north": ("华北", "North"),
}
LINES = ("motors", "drives", "sensors", "services")
CHANNELS = ("direct", "dealer", "online")
ACCOUNTS = ("selling", "admin", "rnd")

REVENUE_2022 = 1_220e6
REGION_SHARE = (0.37, 0.28, 0.18, 0.17)
LINE_SHARE = (
    (0.37, 0.34, 0.17, 0.12),
    (0.38, 0.33, 0.18, 0.11),
    (0.46, 0.29, 0.12, 0.13),
    (0.43, 0.31, 0.13, 0.13),
)
"""Share of the product lines in each region's revenue of 2022."""
GROWTH = (0.035, 0.07, 0.10, 0.08)
"""Yearly growth of volume by product line; about 6 % together."""
SEASON = (-1.0, -1.0, 1.0, 0.0, 0.0, 1.5, -1.5, -6.0, 1.0, 0.0, 2.0, 4.0)
"""Genuine season from January to December, in log percent; sums to nil."""
MEAN_WORKDAYS = 20.75

# Products -------------------------------------------------------------------------------
PRODUCTS_PER_LINE = 10
PREFIX = ("M", "D", "S", "SV")
PRICE_RANGE = ((800, 9_000), (600, 7_500), (60, 900), (400, 4_000))
"""Lowest and highest list price by product line, yuan."""
COST_OF_LIST = (0.70, 0.645, 0.61, 0.645)
"""Unit cost over list price; the margin on what is paid after discount is about 28 %."""
LINE_VALUE = (1.2, 1.2, 0.65, 0.85)
"""Value of an order line of each product line beside the mean one; only the ratios count."""
LEAD_DAYS = ((12, 25), (8, 16), (5, 9), (5, 12))
"""Days from order to promise, shortest and longest by product line."""

# Customers ------------------------------------------------------------------------------
CUSTOMERS = (864, 672, 456, 408)
CHANNEL_CUSTOMERS = (0.36, 0.16, 0.48)
CHANNEL_REVENUE = ((0.48, 0.40, 0.12), (0.46, 0.41, 0.13), (0.38, 0.52, 0.10), (0.48, 0.42, 0.10))
BIG_DEALERS = (
    (0.07, 0.05, 0.035),
    (0.08, 0.05, 0.035),
    (truth("dealer_lost").size, 0.05, 0.035),
    (0.08, 0.06, 0.04),
)
"""Shares of the biggest dealers in their region's revenue."""
SPREAD = (1.2, 1.0, 1.0)
"""Standard deviation of log size among the other customers of a channel."""
DISCOUNT = ((600, 200), (1_150, 200), (300, 100))
"""Mean and sd of a customer's discount by channel, basis points."""
LINES_PER_ORDER = (0.22, 0.22, 0.20, 0.16, 0.12, 0.08)
"""Probability of 1 to 6 lines."""

# What the other departments keep ----------------------------------------------------------
EXPENSE_SHARE = (0.066, 0.050, 0.042)
"""Expenses by account over the revenue that the trend alone would bring."""
POSTINGS = (6, 5, 4)
"""Postings a month by account."""
MONTHS_OF_STOCK = (2.0, 1.8, 1.5, 0.3)
"""Inventory by product line over a month's cost of goods."""
STAFF = (1_225, 1_272)
"""Headcount at the start of the history and at the end of the plan."""
ON_TIME = (0.948, 0.946, 0.942, 0.944)
SATISFACTION = (4.22, 4.20, 4.17, 4.21)
ANSWERS = 200
ANSWER_SHARE = (0.36, 0.28, 0.19, 0.17)
"""Survey answers a month, and the regions' shares of them."""

# Noise: standard deviations ---------------------------------------------------------------
REGION_NOISE = 0.026
"""Log revenue of a region's month; with LINE_NOISE about 3 %."""
LINE_NOISE = 0.02
ORDER_NOISE = 0.01
COST_NOISE = 0.005
ON_TIME_NOISE = 0.005
SATISFACTION_NOISE = 0.05
EXPENSE_NOISE = 0.02
STOCK_NOISE = 0.025
STAFF_NOISE = 3.0
