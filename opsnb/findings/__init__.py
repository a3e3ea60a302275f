"""Findings: coded rules, each a function of one row of the scorecard or of one table's state."""

from opsnb.findings.rules import METRIC_RULES, TABLE_RULES, find, find_in_tables, rank

__all__ = ["METRIC_RULES", "TABLE_RULES", "find", "find_in_tables", "rank"]
