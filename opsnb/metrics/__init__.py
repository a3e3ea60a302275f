"""Metrics: definitions resolved, compiled to one SQL query a table, and evaluated."""
