"""A batch on a Dask cluster: its workers each start the children, as threads here would.

What a worker needs is the same code, and the same paths for settings, data and outputs: a shared
file system. It works in a folder of its own, and is handed nothing but absolute paths.
"""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

from opsnb.company import Company
from opsnb.errors import ParameterError
from opsnb.runs.apart import Job

MODULE, EXTRA = "distributed", "cluster"
PATIENCE = 10  # seconds for the scheduler to answer


@contextlib.contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """Executor whose calls run on the workers of the scheduler at `address`, and their number.

    Dask gives the reports of a worker that is lost to others; one with which three were lost has
    failed. A child ends with its worker, so that no report is made twice at once.

    Raises
    ------
    ParameterError
        Dask is not installed, the scheduler does not answer, has no workers, or has others'.
    """
    if importlib.util.find_spec(MODULE) is None:
        raise ParameterError(
            "Dask is not installed", where="--scheduler", expected=f"pip install 'opsnb[{EXTRA}]'"
        )
    from distributed import Client

    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        what = f"no scheduler answers at {address!r}: {error}"
        raise ParameterError(what, where="--scheduler", expected="tcp://host:8786") from None
    with client:
        threads = client.nthreads()
        if not threads:
            raise ParameterError(
                f"the scheduler at {address!r} has no workers", where="--scheduler"
            )
        _check(client)
        yield client.get_executor(pure=False, retries=0), sum(threads.values())


def _check(client: Any) -> None:
    """Refuse workers that cannot make the same reports."""
    from opsnb.runs.manifest import code_hash

    try:
        found = client.run(code_hash)
    except (ImportError, OSError) as error:
        what = f"a worker cannot import opsnb: {error}"
        raise ParameterError(what, where="--scheduler", expected="the same packages") from None
    other = sorted(worker for worker, its in found.items() if its != code_hash())
    if other:
        raise ParameterError(
            f"workers run another version of opsnb: {', '.join(other)}",
            where="--scheduler",
            expected="the same code everywhere",
        )


def placed(job: Job) -> Job:
    """Job whose paths mean the same in every folder; the worker's own is where it works."""
    company = Company.find(job.values["company"]).folder
    values = dict(job.values) | {"company": str(company)}
    return replace(job, values=values, outputs=str(Path(job.folder, job.outputs)), folder="")
