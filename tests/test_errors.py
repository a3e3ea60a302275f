import copy
import inspect
import pickle

import pytest

from opsnb import errors
from opsnb.errors import OpsnbError, UnknownNameError, suggest

CLASSES = [
    item for _, item in inspect.getmembers(errors, inspect.isclass) if issubclass(item, OpsnbError)
]


def pickled(error):
    return pickle.loads(pickle.dumps(error))  # noqa: S301


def full(cls):
    return cls(
        "metric 'revenu' does not exist",
        where="metrics.yaml:12",
        expected="a metric of the company",
        given="revenu",
        choices=["revenue", "orders"],
    )


def test_the_tree_is_seen():
    assert {"PeriodError", "SettingsError", "NotReadyError", "RunError"} <= {
        cls.__name__ for cls in CLASSES
    }


@pytest.mark.parametrize(
    ("given", "nearest"),
    [("revenu", "revenue"), ("REVENUE", "revenue"), ("order", "orders"), ("xyz", None), ("", None)],
)
def test_suggest(given, nearest):
    assert suggest(given, ["revenue", "orders"]) == nearest


def test_suggest_keeps_the_case_of_the_choice_and_takes_no_choices():
    assert suggest("grossmargin", ["GrossMargin"]) == "GrossMargin"
    assert suggest("revenue", []) is None


@pytest.mark.parametrize("cls", CLASSES)
def test_the_message_says_what_where_expected_and_nearest(cls):
    assert str(full(cls)) == (
        "metrics.yaml:12: metric 'revenu' does not exist; expected a metric of the company; "
        "did you mean 'revenue'?"
    )


def test_the_choices_are_listed_when_no_form_is_named():
    error = OpsnbError("no such unit", given="x", choices=["north", "south"])
    assert str(error) == "no such unit; known: north, south"
    many = OpsnbError("no such unit", choices=[f"u{i}" for i in range(30)])
    assert "u11, ..." in str(many)
    assert "u12" not in str(many)


def test_only_what_is_known_is_said():
    error = OpsnbError("it failed")
    assert str(error) == "it failed"
    assert (error.where, error.expected, error.nearest, error.choices) == (None, None, None, ())


def test_a_key_error_is_not_quoted():
    assert str(UnknownNameError("no such unit")) == "no such unit"


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled])
def test_copies_keep_class_message_and_attributes(cls, again):
    error = full(cls)
    twin = again(error)
    assert type(twin) is cls
    assert str(twin) == str(error)
    assert vars(twin) == vars(error)
    assert vars(twin).keys() >= {"what", "where", "expected", "given", "choices", "nearest"}


@pytest.mark.parametrize("cls", CLASSES)
def test_exit_codes(cls):
    codes = {
        "OpsnbError": 1,
        "RunError": 1,
        "ClaimError": 1,
        "NotReadyError": 3,
        "ChangedError": 3,
        "GateError": 3,
    }
    assert cls.exit_code == codes.get(cls.__name__, 2)


@pytest.mark.parametrize(
    ("name", "builtin"),
    [
        ("PeriodError", ValueError),
        ("SettingsError", ValueError),
        ("ParameterError", ValueError),
        ("UnknownNameError", KeyError),
        ("ExpressionError", ValueError),
        ("SourceError", ValueError),
    ],
)
def test_caught_as_the_builtin(name, builtin):
    assert issubclass(getattr(errors, name), builtin)
