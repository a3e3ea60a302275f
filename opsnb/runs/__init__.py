"""Runs: a report and its parameters become a folder with page, notebook, records, manifest."""
