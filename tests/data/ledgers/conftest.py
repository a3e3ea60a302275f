"""A company of which only the ledgers matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from opsnb.company import Company
from opsnb.errors import OpsnbError

METRICS = {
    "revenue": {
        "table": "sales",
        "measure": "sum(amount)",
        "label": {"zh": "收入", "en": "Revenue"},
    },
    "margin": {
        "kind": "ratio",
        "numerator": "sum(amount)",
        "denominator": "sum(amount)",
        "table": "sales",
        "unit": "ratio",
        "label": {"zh": "毛利率", "en": "Margin"},
    },
}


@pytest.fixture
def company(write_company: Any, tmp_path: Path) -> Callable[..., Company]:
    """Return the function that writes ledgers, given by name as text, and opens their company."""

    def company(profile: Mapping[str, Any] | None = None, **ledgers: str | bytes) -> Company:
        folder = write_company(
            tmp_path,
            metrics=METRICS,
            sources={"sales": {"columns": {"day": "date", "amount": "decimal(2)"}}},
            data={},
            ledgers=ledgers,
            **(profile or {}),
        )
        return Company(folder)

    return company


@pytest.fixture
def write_excel() -> Callable[..., None]:
    """Return the function that writes rows of Python values to the sheets of a workbook."""

    def write_excel(path: Path, **sheets: Sequence[Sequence[Any]]) -> None:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(list(row))
        book.save(path)

    return write_excel


@pytest.fixture
def refused() -> Callable[..., str]:
    """Return the function that gives the message a call is refused with."""

    def refused(call: Callable[..., Any], *arguments: Any) -> str:
        with pytest.raises(OpsnbError) as caught:
            call(*arguments)
        assert caught.value.exit_code == 2
        return str(caught.value)

    return refused
