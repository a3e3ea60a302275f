"""History of runs that were made: all their numbers, as their files have them."""

import pandas as pd

from opsnb.history import COLUMNS, SCHEMAS, History
from opsnb.runs import records


def test_what_is_written_now_is_read(first, root):
    past = History(root / "outputs", "little")
    assert records.SCHEMA in SCHEMAS
    assert list(COLUMNS["results"]) == records.RESULTS.names[1:]
    assert list(COLUMNS["findings"]) == records.FINDINGS.names[1:]
    found = past.query("select * from results where run_id = ?", [first.folder.name])
    told = pd.read_parquet(first.folder / "results.parquet").drop(columns="schema")
    assert len(found) == len(told)
    joined = found.merge(told, on=["result", "key"], suffixes=("", "_told"))
    assert len(joined) == len(told)
    pd.testing.assert_series_equal(joined["value"], joined["value_told"], check_names=False)
    assert past.faults == []
