"""Proposals: settings for files that nobody here has seen, to be corrected by whoever knows them.

A file is looked at as text, the way the readers will see it: where its header stands, which columns
are months, dates, units, dimensions and measures, how numbers are written, which rows are totals.
What comes of it are settings in YAML with comments that say what was seen and what was guessed.
Nothing is decided for good: ``opsnb check`` reads the settings and says what does not hold.
"""

from opsnb.proposal.company import Proposal, empty, propose

__all__ = ["Proposal", "empty", "propose"]
