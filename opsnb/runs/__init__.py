"""Runs: from a report and its parameters to one folder with page, notebook, records and manifest."""
