"""Each figure of the house, counted on small trees made by hand."""

from tests.house import docstrings, figures
from tests.house.tree import House, Module

LINTER = """
[importlinter]
root_packages =
    services
    shared

[importlinter:contract:layers]
name = Calls go down
type = layers
containers =
    services.desk
layers =
    commands
    (pages) : hearing
    domain

[importlinter:contract:other]
name = Not a layer
type = forbidden
source_modules =
    shared
"""


def _path(name: str) -> str:
    return name.replace("__", "/").replace("//init/", "/__init__")


def house(**sources: str) -> House:
    """A tree of modules, `__` for each slash."""
    modules = [Module(f"{_path(path)}.py", source) for path, source in sources.items()]
    return House(modules, LINTER)


def test_a_type_named_in_two_modules_is_found_once_with_both() -> None:
    tree = house(
        shared__a="class Row: ...\nclass Only: ...\nclass _Row: ...\nLIMIT = 3\nother = 1",
        services__desk__b="class Row: ...\nclass _Row: ...\nLIMIT = 3\nother = 1",
        services__desk__c="Told = tuple[int, str]\nAt: TypeAlias = Now | Later",
        services__sla__d="class Told: ...\nAt = Now",
        tests__c="class Only: ...",
    )
    both = "services/desk/c.py, services/sla/d.py"
    rows = "Row: services/desk/b.py, shared/a.py"
    assert figures.duplicate_types(tree) == [f"At: {both}", rows, f"Told: {both}"]


def test_a_function_called_by_a_participle_alone_is_found() -> None:
    tree = house(
        shared__a="""
class Letter:
    def told(self): ...
    @cached_property
    def held(self): ...
async def one(connection): ...
def told_letters():
    def kept(): ...
def reopen(): ...
@contextmanager
def serving(): ...
"""
    )
    assert figures.bare_functions(tree) == ["shared/a.py:3 told", "shared/a.py:6 one"]


def test_a_module_that_no_layer_holds_is_outside() -> None:
    tree = house(
        services__desk__commands__letters="",
        services__desk__hearing="",
        services__desk__books="",
        deploy__demo="",
        tests__x="",
    )
    assert figures.outside_layers(tree) == ["services/desk/books.py"]


def test_an_import_that_climbs_is_found_within_a_service_and_between_the_folders() -> None:
    tree = house(
        services__desk__domain__item="from services.desk.pages import words",
        services__desk__pages__words="from services.desk.domain.item import Item",
        services__desk__commands="import services.desk.pages.words",
        shared__ids="from services.desk import commands",
        services__desk__books="from services.desk.pages import words",
    )
    assert figures.upward_imports(tree) == [
        "services.desk.domain.item → services.desk.pages.words",
        "shared.ids → services.desk.commands",
    ]


def test_modules_that_import_each_other_are_one_circle_however_long() -> None:
    tree = house(
        shared__a="from shared.b import x",
        shared__b="from shared import c",
        shared__c="def f():\n    import shared.a",
        shared__d="import shared.a",
        shared__e="import shared.d",
    )
    assert figures.circles(tree) == ["shared.a ↔ shared.b ↔ shared.c"]


def test_a_loop_over_one_is_found_in_statements_and_comprehensions() -> None:
    source = "for one in a:\n    b\nc = [one for one in a]\nfor item in a:\n    'for one in'"
    tree = house(shared__a=source, tests__b="x = {one for one in y}")
    assert figures.loops_over_one(tree) == ["shared/a.py:1", "shared/a.py:3"]
    assert figures.loops_over_one_in_tests(tree) == ["tests/b.py:1"]


def test_the_standing_rule_is_known_by_its_shape_in_python_and_in_sql() -> None:
    tree = house(
        shared__a="gone = {f.fact for f in facts if isinstance(f, FactWithdrawn)}",
        shared__b="many = any(isinstance(f, FactWithdrawn) for f in facts)",
        shared__c="""Q = "SELECT fact->>'fact' FROM f WHERE type = 'FactWithdrawn'\"""",
    )
    assert figures.standing_rules(tree) == ["shared/a.py:1", "shared/c.py:1"]


def test_a_size_that_needs_a_reason_is_past_300_or_under_40_lines() -> None:
    tree = house(
        shared__short="x\n" * 39, shared__right="x\n" * 40, shared__whole="x\n" * 300,
        shared__long="x\n" * 301, services____init__="x",
    )  # fmt: skip
    assert figures.odd_sizes(tree) == ["shared/short.py: 39", "shared/long.py: 301"]


def test_a_participle_is_seen_in_any_word_of_a_name_and_a_noun_is_none() -> None:
    tree = house(
        shared__keeping="", shared__told_again="", shared__people_erased="",
        shared__routing="", shared__standing="", shared__red="", shared__king="", shared__wings="",
    )  # fmt: skip
    assert figures.participles(tree) == [
        "shared/keeping.py", "shared/told_again.py", "shared/people_erased.py",
    ]  # fmt: skip


def test_a_docstring_that_opens_with_a_pronoun_names_nothing() -> None:
    source = '''
class Row:
    """What is kept."""
def one():
    """One row of the list."""
def _private():
    """Who knows."""
def count():
    """The number of rows."""
def item():
    """Items of a day."""
'''
    assert figures.bare_docstrings(house(shared__a=source)) == [
        "shared/a.py:2 Row", "shared/a.py:4 one",
    ]  # fmt: skip


def test_a_docstring_with_words_that_leave_something_out_is_vague_wherever_they_stand() -> None:
    source = '''
class Perimeter:
    """The label's perimeter."""
    def after(self):
        """Returns the perimeter.

        Moved as the clocks say (rule
        4).
        """
def fold():
    """Folds the facts."""
def write():
    """Writes to somebody by mail."""
def limit():
    """Returns the limit (CLOCKS,
    rule 4), if anything moves it."""
def _private():
    """Returns the reply, if any."""
def meet():
    """States that they met."""
def mark():
    """Prints it; the State's. `mark`: of the set."""
'''
    assert docstrings.vague(house(shared__a=source)) == [
        "shared/a.py:10 fold: Folds",
        "shared/a.py:12 write: by mail",
        "shared/a.py:19 meet: States",
        "shared/a.py:21 mark: `mark`: of",
        "shared/a.py:4 after: rule 4",
    ]


def test_a_function_says_what_it_does_and_what_is_read_like_a_field_says_what_it_is() -> None:
    source = '''
class Item:
    """The item."""
    @property
    def chrono(self):
        """The number of the item."""
    def limit(self):
        """The limit of the item."""
@contextmanager
def opened():
    """A context manager that opens it."""
@desk.command("run")
def run():
    """All that runs."""
def every():
    """Each month."""
'''
    assert docstrings.without_verb(house(shared__a=source)) == [
        "shared/a.py:15 every",
        "shared/a.py:7 limit",
    ]


def test_a_function_that_refuses_says_so_or_its_class_does() -> None:
    source = '''
class Desk:
    """One author; each act raises Refused."""
    def close(self):
        """Closes it."""
        raise Refused("no")
def close():
    """Closes it."""
    raise Refused("no")
def reopen():
    """Refuses what is open."""
    raise Refused
def move():
    """Moves it."""
    raise ValueError("no")
@month.command()
def show():
    """Show it."""
    raise Refused("no")
'''
    assert docstrings.silent_refusals(house(shared__a=source)) == ["shared/a.py:7 close"]


def test_a_function_with_a_limit_says_how_many_it_gives() -> None:
    source = '''
def oldest(connection, limit: int):
    """Returns the oldest items."""
def newest(connection, *, limit: int = 5):
    """Returns the `limit` newest items."""
def claimed(connection, limit: int):
    """Claims items. At most so many."""
def listed(connection, limit: int):
    """Returns a page of items."""
def late(connection, limit: date):
    """Returns whether the limit has passed."""
@desk.command()
def show(limit: int):
    """Show items."""
'''
    assert docstrings.silent_limits(house(shared__a=source)) == ["shared/a.py:2 oldest"]


def test_a_function_that_reads_under_a_lock_says_so() -> None:
    source = '''
def sheet(connection):
    """Returns a sheet."""
    return connection.fetchrow(f"SELECT {COLUMNS} FROM sheets FOR UPDATE SKIP LOCKED")
def number(connection):
    """Returns the next number."""
    connection.execute("SELECT pg_advisory_xact_lock(1)")
def second(connection):
    """Returns the next number. No other transaction gets one meanwhile."""
    connection.execute("SELECT pg_advisory_xact_lock(1)")
def held(connection):
    """Locks a sheet and returns it."""
    return connection.fetchrow("SELECT * FROM sheets FOR NO KEY UPDATE")
def put(connection):
    """Stores a sheet in place of the one that is there."""
    return connection.fetchrow("SELECT * FROM sheets FOR UPDATE")
'''
    assert docstrings.silent_locks(house(shared__a=source)) == [
        "shared/a.py:2 sheet",
        "shared/a.py:5 number",
    ]


def test_a_generator_that_checks_says_that_it_yields_what_is_wrong() -> None:
    source = '''
def check(site) -> Iterator[Wrong]:
    """Checks the site."""
async def verify(chain) -> AsyncIterator[Difference]:
    """Verifies a chain."""
def check_all(site) -> Iterator[Wrong]:
    """Checks the site. Yields each mistake."""
def judge(site) -> Sequence[Wrong]:
    """Checks the site."""
def lines(site) -> Iterator[str]:
    """Formats the site as lines."""
'''
    assert docstrings.silent_findings(house(shared__a=source)) == [
        "shared/a.py:2 check",
        "shared/a.py:4 verify",
    ]
