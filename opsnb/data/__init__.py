"""Data: where SQL runs, where the tables come from, and whether they can be trusted."""
