"""The gate of a workbook: what closes it, and which metrics and units an alert touches."""

import pytest

import opsnb
from opsnb.company import Company
from opsnb.errors import GateError, SettingsError, UnknownNameError
from opsnb.workbook import Workbook

UNITS = "unit,label,parent\nnorth,N,\nn1,N1,north\nn2,N2,north\nsouth,S,\n"
SALES = [
    f"{day},{unit},{order},{customer}"
    for order, (day, unit, customer) in enumerate(
        (day, unit, customer)
        for day in ("2026-09-10", "2026-10-10")
        for unit, customer in (("n1", "c1"), ("n2", "c2"), ("south", "c1"))
    )
]
COSTS = ["2026-09-01,n1,5", "2026-09-01,south,5", "2026-10-01,n1,6", "2026-10-01,south,7"]
CUSTOMERS = ["c1,large", "c2,small"]
METRICS = {
    "orders": {"table": "sales", "measure": "count(order)"},
    "large": {"table": "known_sales", "measure": "count_if(size = 'large')"},
    "costs": {"table": "costs", "measure": "sum(cost)"},
    "cost_per_order": {"kind": "derived", "expression": "costs / orders"},
}


@pytest.fixture
def opened(write_company, tmp_path):
    """Workbook of a company of three tables and one that is joined; settings by table."""

    def opened(sales=(), costs=(), customers=(), unit="all", changes=None):
        changes = changes or {}
        tables = {
            "sales": {
                "columns": {"day": "date", "unit": "text", "order": "integer", "customer": "text"},
                "unit": "unit",
            },
            "costs": {
                "columns": {"day": "date", "unit": "text", "cost": "integer"}, "unit": "unit",
            },
            "customers": {"columns": {"customer": "text", "size": "text"}, "date": None},
            "known_sales": {
                "path": None, "base": "sales", "unit": "unit",
                "joins": [{"table": "customers", "on": "customer"}],
            },
        }  # fmt: skip
        folder = write_company(
            tmp_path / "c",
            metrics=METRICS,
            sources={name: table | changes.get(name, {}) for name, table in tables.items()},
            data={
                "sales": "\n".join(["day,unit,order,customer", *SALES, *sales]),
                "costs": "\n".join(["day,unit,cost", *COSTS, *costs]),
                "customers": "\n".join(["customer,size", *CUSTOMERS, *customers]),
            },
            ledgers={"units": UNITS},
        )
        return Workbook.open(folder, "2026-10", unit)

    return opened


def touched(workbook):
    return {metric for metric in METRICS if workbook.alerts_on(metric)}


UNIQUE = {"sales": {"checks": [{"unique": ["order"]}]}}
AGAIN = ["2026-10-10,n1,3,c1"]


def test_an_alert_touches_the_metrics_of_its_table_through_joins_and_formulas(opened):
    assert touched(opened(AGAIN, changes=UNIQUE)) == {"orders", "large", "cost_per_order"}
    costs = {"costs": {"checks": [{"range": {"column": "cost", "max": 6}}]}}
    assert touched(opened(changes=costs)) == {"costs", "cost_per_order"}
    sizes = {"customers": {"checks": [{"rows": "size <> 'small'"}]}}
    assert touched(opened(changes=sizes)) == {"large"}


def test_an_alert_touches_the_metrics_that_its_check_names(opened):
    named = {"sales": {"checks": [{"unique": ["order"], "metrics": ["large"]}]}}
    assert touched(opened(AGAIN, changes=named)) == {"large"}


@pytest.mark.parametrize(
    ("unit", "is_touched"),
    [("all", True), ("north", True), ("n1", True), ("n2", False), ("south", False)],
)
def test_an_alert_touches_its_units_and_those_above_them(opened, unit, is_touched):
    assert bool(touched(opened(AGAIN, changes=UNIQUE, unit=unit))) == is_touched


@pytest.mark.parametrize("value", ["", "nobody"])
@pytest.mark.parametrize("unit", ["all", "n1"])
def test_rows_of_no_known_unit_touch_the_root_alone(opened, value, unit):
    twice = [f"2026-10-10,{value},9,c1"] * 2
    assert bool(touched(opened(twice, changes=UNIQUE, unit=unit))) == (unit == "all")


def test_a_table_without_units_touches_all(opened):
    sizes = {"customers": {"checks": [{"rows": "size <> 'small'"}]}}
    assert touched(opened(changes=sizes, unit="south")) == {"large"}


def test_what_holds_touches_nothing_and_lets_pass(opened):
    workbook = opened(changes=UNIQUE)
    assert (workbook.alerts, touched(workbook)) == ((), set())
    workbook.check_gate()


ERROR = {"sales": {"checks": [{"unique": ["order"], "severity": "error"}]}}


@pytest.mark.parametrize("unit", ["all", "n1", "south"])
def test_an_error_closes_the_gate_of_whom_it_concerns(opened, unit):
    workbook = opened(AGAIN, changes=ERROR, unit=unit)
    if unit == "south":
        workbook.check_gate()
        return
    with pytest.raises(GateError) as caught:
        workbook.check_gate()
    text = str(caught.value)
    assert "table 'sales': unique does not hold once (sales.csv, row 8)" in text
    assert caught.value.exit_code == 3


def test_a_warning_does_not_close_it_and_the_gate_can_be_left_out(opened):
    opened(AGAIN, changes=UNIQUE).check_gate()
    folder = opened(AGAIN, changes=ERROR).company.folder
    with pytest.raises(GateError):
        opsnb.open(folder, "2026-10")
    assert opsnb.open(folder, "2026-10", gate=False).alerts


@pytest.mark.parametrize("unit", ["all", "south", "n1"])
def test_what_is_required_and_missing_closes_it(opened, unit):
    required = {"costs": {"required": True, "due": {"day": 4}}}
    workbook = opened(changes=required, unit=unit)
    workbook.check_gate()
    late = Company(workbook.company.folder)
    path = late.data_folder / "costs.csv"
    path.write_text("\n".join(line for line in path.read_text().splitlines() if "7" not in line))
    workbook = Workbook.open(late.folder, "2026-10", unit)
    if unit == "n1":
        workbook.check_gate()
        return
    with pytest.raises(GateError, match="'costs': nothing from south for 2026-10, due 2026-11-04"):
        workbook.check_gate()


def test_all_reasons_are_told_at_once(opened):
    both = ERROR | {"costs": {"checks": [{"rows": "cost < 6", "severity": "error"}]}}
    with pytest.raises(GateError, match=r"'sales': unique .*; table 'costs': rows .* 2 times"):
        opened(AGAIN, changes=both).check_gate()


@pytest.mark.parametrize(
    ("check", "error", "words"),
    [
        ({"unique": ["order"], "metrics": ["odrers"]}, UnknownNameError, "'orders'?"),
        ({"refers": {"column": "order", "table": "cost", "key": "day"}}, SettingsError, "'costs'?"),
        ({"refers": {"column": "order", "table": "costs", "key": "dya"}}, SettingsError, "'day'?"),
        ({"unique": ["order"], "rows": "order > 1"}, SettingsError, "this one has unique, rows"),
        ({"range": {"column": "order"}}, SettingsError, "min or max"),
    ],
)
def test_a_check_that_names_what_is_not_there_is_refused_when_it_is_opened(
    opened, check, error, words
):
    with pytest.raises(error, match=r"^sources\.yaml") as caught:
        opened(changes={"sales": {"checks": [check]}})
    assert words in str(caught.value)


def test_a_doubt_counts_the_rows_of_the_unit_alone(write_company, tmp_path):
    """Three rows out of range, in two shops of two areas; a duplicate of another shop's row."""
    rows = [("a1", 1, -1), ("a1", 2, -2), ("a2", 3, 5), ("b1", 4, -3), ("b1", 3, 6), ("b1", 5, 7)]
    text = "day,unit,n,x\n" + "".join(f"2026-10-01,{u},{n},{x}\n" for u, n, x in rows)
    folder = write_company(
        tmp_path / "tiny",
        metrics={"sum": {"table": "t", "measure": "sum(x)"}},
        sources={
            "t": {
                "unit": "unit",
                "columns": {"day": "date", "unit": "text", "n": "integer", "x": "integer"},
                "checks": [
                    {"range": {"column": "x", "min": 0}, "label": {"zh": "负数", "en": "Negative"}},
                    {"unique": ["n"]},
                ],
            }
        },
        data={"t": text},
        ledgers={"units": "unit,label,parent\na,A,\nb,B,\na1,A1,a\na2,A2,a\nb1,B1,b\n"},
    )
    whole = Workbook.open(folder, "2026-10", None, "en")
    found = {
        unit: {
            alert.kind: (alert.count, alert.units, alert.examples)
            for alert in whole.for_unit(unit).alerts_on("sum")
        }
        for unit in ("all", "a", "a1", "a2", "b")
    }
    negative = {"a1": (2, 3), "b1": (5,)}
    places = {unit: tuple(f"t.csv, row {row}" for row in at) for unit, at in negative.items()}
    assert found["all"]["range"] == (3, ("a1", "b1"), (*places["a1"], *places["b1"]))
    assert found["a"] == found["a1"] == {"range": (2, ("a1",), places["a1"])}
    assert found["a2"] == {}
    # The later of two rows repeats the earlier, whoever it belongs to.
    again = (1, ("b1",), ("t.csv, row 6",))
    assert found["b"] == {"range": (1, ("b1",), places["b1"]), "unique": again}
    assert found["all"]["unique"] == again
    (labelled,) = [a for a in whole.alerts if a.kind == "range"]
    assert labelled.label == {"zh": "负数", "en": "Negative"}


def test_a_ledger_that_others_refer_to_is_read_once(demonstration, monkeypatch):
    """And what is read once is checked as what is read alone."""
    from opsnb.data import ledgers

    read, real = [], ledgers.book
    monkeypatch.setattr(
        ledgers, "book", lambda folder, name: read.append(name) or real(folder, name)
    )
    book = Workbook.open(demonstration, "2026-10")
    found = {name: book.ledger(name) for name in ledgers.LEDGERS}
    assert read.count("risks") == 1
    for name, frame in found.items():
        assert frame.equals(ledgers.ledger(book.company, name, book.units)), name
