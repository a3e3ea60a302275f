"""Joins and derived columns, against pandas: no row of the base is lost or doubled."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsnb.company import Table
from opsnb.company.tables import Sources
from opsnb.data.engine import DuckDB
from opsnb.data.sources import load, load_joined
from opsnb.errors import ExpressionError, SourceError, UnknownNameError

FEW = settings(max_examples=25)  # each writes and reads files
ORDERS = {"day": "date", "id": "integer", "key": "text", "n": "integer"}


@pytest.fixture(scope="module")
def put_together(tmp_path_factory):
    """Base and other tables from frames, joined; what was loaded, and the rows in order."""
    folder = tmp_path_factory.mktemp("joins")

    def put_together(base, others, joins, columns=ORDERS, **more):
        engine = DuckDB()
        try:
            parts, aliases = {}, more.pop("aliases", {})
            for name, frame in {"base": base, **others}.items():
                frame.to_csv(folder / f"{name}.csv", index=False)
                kinds = columns if name == "base" else dict.fromkeys(frame, "text")
                kinds = {c: "integer" if c in ("v", "w") else kinds[c] for c in frame}
                table = Table(path=f"{name}.csv", label="T", columns=kinds)
                parts[name] = load(engine, name, table, folder, aliases)
            whole = Table(label="J", base="base", joins=joins, **more)
            loaded = load_joined(engine, "whole", whole, parts, aliases)
            frame = engine.query("SELECT * FROM whole ORDER BY _record")
            return loaded, frame.drop(columns=["_record", "_file", "_unparsed"])
        finally:
            engine.close()

    return put_together


def frame(rows, *names):
    return pd.DataFrame(rows, columns=list(names), dtype=object)


KEYS = st.one_of(st.none(), st.sampled_from(["a", "b", "c", "d", " a", "A"]))
BASES = st.lists(st.tuples(KEYS, st.integers(0, 9)), min_size=1, max_size=12)
OTHERS = st.dictionaries(KEYS, st.integers(0, 99), min_size=1, max_size=6)


def orders(rows):
    return frame(
        [("2026-10-01", i, key, n) for i, (key, n) in enumerate(rows)], "day", "id", "key", "n"
    )


@FEW
@given(BASES, OTHERS)
def test_a_join_keeps_every_row_of_the_base_once(put_together, rows, known):
    """As pandas' left merge, but that a missing key matches nothing."""
    base, other = orders(rows), frame(list(known.items()), "key", "v")
    loaded, found = put_together(base, {"o": other}, [{"table": "o", "on": "key"}])
    expected = base.merge(other[other["key"].notna()], on="key", how="left")
    assert found["id"].tolist() == expected["id"].tolist() == list(range(len(rows)))
    values = [None if pd.isna(v) else int(v) for v in found["v"]]
    assert values == [None if pd.isna(v) else v for v in expected["v"]]
    lost = (base["key"].notna() & ~base["key"].isin(other["key"].dropna())).sum()
    assert loaded.unmatched == ({"o": lost} if lost else {})
    assert loaded.rows == len(rows)


@FEW
@given(BASES, st.lists(st.tuples(KEYS, st.integers(0, 99)), min_size=1, max_size=12))
def test_several_rows_a_key_are_aggregated(put_together, rows, reviews):
    base, other = orders(rows), frame(reviews, "key", "v")
    join = {"table": "o", "on": "key", "aggregate": {"total": "sum(v)", "reviews": "count(*)"}}
    _, found = put_together(base, {"o": other}, [join])
    sums = other.dropna(subset=["key"]).assign(v=lambda f: f["v"].astype(int)).groupby("key")["v"]
    expected = base.join(sums.agg(total="sum", reviews="count"), on="key")
    for name in ("total", "reviews"):
        assert found[name].astype(float).tolist() == pytest.approx(
            expected[name].astype(float).tolist(), nan_ok=True
        )
    assert len(found) == len(rows)


def test_a_doubled_key_is_refused_with_the_example(put_together):
    other = frame([("a", 1), ("b", 2), ("b", 3), ("b", 4), (None, 5), (None, 6)], "key", "v")
    with pytest.raises(SourceError, match=r"1 keys of 'o' stand in several rows \(b: 3 times\)"):
        put_together(orders([("a", 1)]), {"o": other}, [{"table": "o", "on": "key"}])


def test_columns_may_be_chosen_and_renamed_and_keys_named_otherwise(put_together):
    other = frame([("a", 1, 2)], "code", "v", "w")
    for columns, names in ((["v"], ["v"]), ({"weight": "w", "v": "v"}, ["weight", "v"]), (None, ["v", "w"])):  # fmt: skip # noqa: E501
        join = {"table": "o", "on": {"key": "code"}}
        join |= {"columns": columns} if columns else {}
        _, found = put_together(orders([("a", 1)]), {"o": other}, [join])
        assert list(found.columns) == [*ORDERS, *names]


def test_keys_of_two_types_that_do_not_compare_are_refused(put_together):
    with pytest.raises(SourceError, match=r"table 'whole'.*cannot be computed.*[Cc]onver"):
        put_together(
            orders([("a", 1)]),
            {"o": frame([(1, 1)], "v", "w")},
            [{"table": "o", "on": {"key": "v"}}],
        )


def test_two_keys_and_two_joins(put_together):
    one = frame([("a", "1", 5), ("a", "2", 6)], "key", "n", "v")
    two = frame([("a", 7)], "key", "w")
    joins = [{"table": "one", "on": ["key", "m"]}, {"table": "two", "on": "key"}]
    base = orders([("a", 1), ("a", 3), ("b", 1)]).rename(columns={"n": "m"})
    columns = {"day": "date", "id": "integer", "key": "text", "m": "text"}
    loaded, found = put_together(
        base, {"one": one.rename(columns={"n": "m"}), "two": two}, joins, columns
    )
    assert found["v"].fillna(0).tolist() == [5, 0, 0]
    assert found["w"].fillna(0).tolist() == [7, 7, 0]
    assert loaded.unmatched == {"one": 2, "two": 1}


@pytest.mark.parametrize(
    ("join", "error", "words"),
    [
        ({"on": "key", "columns": {"n": "v"}}, SourceError, "'n' is there already"),
        ({"on": "key", "columns": ["vv"]}, UnknownNameError, "'v'"),
        ({"on": {"key": "kei"}}, UnknownNameError, "'key'"),
        ({"on": {"kee": "key"}}, UnknownNameError, "'key'"),
        ({"on": "key", "aggregate": {"x": "sum(vv)"}}, UnknownNameError, "'v'"),
        ({"on": "key", "aggregate": {"x": "v"}}, ExpressionError, "aggregate"),
    ],
)
def test_what_cannot_be_joined_is_refused_with_its_place(put_together, join, error, words):
    other = frame([("a", 1)], "key", "v")
    with pytest.raises(error, match=r"sources\.yaml \(table 'whole', join 'o'\)") as caught:
        put_together(orders([("a", 1)]), {"o": other}, [{"table": "o"} | join])
    assert words in str(caught.value)


def test_derived_columns_use_those_before_them_and_those_looked_up(put_together):
    other = frame([("a", 10), ("b", 20)], "key", "v")
    rows = [("a", 1), ("b", 2), ("c", 3)]
    derive = {"cost": "n * v", "double": "cost * 2", "kind": "case when v > 10 then 'big' else 'small' end"}  # fmt: skip # noqa: E501
    loaded, found = put_together(
        orders(rows), {"o": other}, [{"table": "o", "on": "key"}], derive=derive, where="n < 3"
    )
    assert found["cost"].tolist() == [10, 40]
    assert found["double"].tolist() == [20, 80]
    assert found["kind"].tolist() == ["small", "big"]
    assert (loaded.rows, loaded.excluded) == (2, 1)


def test_rows_that_are_left_out_are_counted(load_files):
    content = "unit,x\n东,1\n合计,9\n,4\n西,2\n"
    loaded, rows = load_files(
        {"a.csv": content}, {"unit": "text", "x": "integer"}, where="unit <> '合计'"
    )
    assert rows == [("东", 1), ("西", 2)]
    assert (loaded.rows, loaded.excluded) == (2, 2)  # what cannot be told is left out too


def test_a_derived_column_that_uses_a_later_one_is_refused(load_files):
    derive = {"a": "b + 1", "b": "x + 1"}
    with pytest.raises(UnknownNameError, match=r"derive 'a'.*unknown column 'b'"):
        load_files({"a.csv": "x\n1\n"}, {"x": "integer"}, derive=derive)


def test_a_derived_column_that_cannot_be_computed_is_refused(load_files):
    with pytest.raises(SourceError, match="derived columns cannot be computed"):
        load_files({"a.csv": "x\nq\n"}, {"x": "text"}, derive={"a": "x - 1"})


def test_units_are_known_by_their_words_and_others_stay(tmp_path):
    (tmp_path / "a.csv").write_text("u\n华东\n East \neast\n华中\n", encoding="utf-8")
    table = Table(path="a.csv", label="T", columns={"u": "text"}, unit="u")
    engine = DuckDB()
    load(engine, "t", table, tmp_path, {"华东": "east", "East": "east", "华西": "west"})
    found = engine.connection.execute("SELECT u FROM t ORDER BY _record").fetchall()
    engine.close()
    assert [u for (u,) in found] == ["east", "east", "east", "华中"]


def test_a_table_builds_on_those_before_it_only():
    tables = {
        "j": {"label": "J", "base": "bass"},
        "base": {"label": "B", "path": "b.csv", "columns": {"x": "text"}},
    }
    with pytest.raises(ValueError, match="'bass', which does not stand before it"):
        Sources.model_validate({"schema": 1, "tables": tables})
    turned = {"base": tables["base"], "j": tables["j"]}
    with pytest.raises(ValueError, match="did you mean 'base'"):
        Sources.model_validate({"schema": 1, "tables": turned})
