"""The demonstration company 启明制造: generated from a seed, with known truths planted in it."""

from opsnb.demo.generate import LINES, generate, is_current
from opsnb.demo.truths import AS_OF, SEED, TRUTHS, Truth, duplicate_lines, truth

__all__ = [
    "AS_OF",
    "LINES",
    "SEED",
    "TRUTHS",
    "Truth",
    "duplicate_lines",
    "generate",
    "is_current",
    "truth",
]
