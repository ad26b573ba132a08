"""The rules of the house, read from the code itself.

Imports run one way, files and functions stay short, and what makes a run unrepeatable (clocks, sleeps) or unsafe
(pickle, eval, a shell) is nowhere. Each test lists every offence at once, as `file:line what`.
"""

from __future__ import annotations

import ast
import graphlib
import importlib
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

FILE_LINES = 600
FUNCTION_LINES = 70
CLASS_METHODS = 25
PUBLIC_NAMES = 20
EMPTY_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "handler", "base", "misc"}
TOP_LEVEL = {
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    ".ci",
    "ksds",
    "dtf",
    "tests",
    "docs",
    "jcl_samples",
}

# A part may import parts of a lower number, never its own level or above: docs/ARCHITECTURE.md draws it.
LEVELS = {
    "ksds.errors": 0,
    "ksds.codepage": 1,
    "ksds.external_sort": 1,
    "ksds.tensors": 1,
    "ksds.text_table": 1,
    "ksds.waiting": 1,
    "ksds.closing": 1,
    "ksds.command_line": 1,
    "ksds.copybook": 2,
    "ksds.layout": 2,
    "ksds.storage": 3,
    "ksds.cluster": 4,
    "ksds.datasets": 4,
    "ksds.access": 5,
    "ksds.catalog": 5,
    "ksds.host_folder": 4,
    "ksds.system": 6,
    "ksds.idcams": 7,
    "ksds.inspection": 7,
    "ksds.space_map": 7,
    "ksds.space_picture": 8,
    "ksds.figures": 8,
    "ksds.descriptors": 6,
    "ksds.host_files": 7,
    "ksds.cobrix": 7,
    "ksds.tensor_cluster": 7,
    "ksds": 8,
    "ksds.cli": 9,
    "dtf.errors": 10,
    "dtf.process": 11,
    "dtf.protocol": 11,
    "dtf.record_layouts": 11,
    "dtf.library_unload": 11,
    "dtf.selection": 11,
    "dtf.initparms": 12,
    "dtf.netmap": 12,
    "dtf.user_table": 12,
    "dtf.statistics_log": 12,
    "dtf.statistics_listing": 13,
    "dtf.timeline": 13,
    "dtf.transmission_queue": 12,
    "dtf.queue_listing": 13,
    "dtf.copying": 12,
    "dtf.node": 13,
    "dtf.transport": 14,
    "dtf.simulation": 14,
    "dtf.watch": 15,
    "dtf.command_language": 12,
    "dtf.operations": 14,
    "dtf.batch": 15,
    "dtf.console": 15,
    "dtf.jcl": 16,
    "dtf": 17,
    "dtf.cli": 18,
    "ksds.__main__": 19,
    "dtf.__main__": 19,
}
DOORS_INTO_KSDS = {
    "ksds",
    "ksds.system",
    "ksds.errors",
    "ksds.codepage",
    "ksds.external_sort",
    "ksds.idcams",
    "ksds.datasets",
    "ksds.catalog",
    "ksds.host_folder",
    "ksds.tensors",
    "ksds.text_table",
    "ksds.waiting",
    "ksds.closing",
    "ksds.command_line",
}
KNOW_NO_DATA_SETS = {"dtf.process", "dtf.protocol"}

COMMAND_LINES = {
    *("ksds/cli/utilities.py", "ksds/cli/transfer.py", "ksds/cli/importing.py", "ksds/cli/tensors.py"),
    "dtf/jcl/replay_command.py",
    "ksds/waiting.py",
}
COMMAND_LINES |= {
    "dtf/cli/working.py",
    "dtf/cli/asking.py",
    "dtf/cli/ordering.py",
    "dtf/cli/partners.py",
    "dtf/cli/operands.py",
    "dtf/cli/rehearsing.py",
    "dtf/cli/begun_work.py",
    "dtf/cli/job_entry.py",
    "dtf/cli/prompting.py",
}
OPENS_FILES = COMMAND_LINES | {
    "dtf/console.py",
    "dtf/jcl/libraries.py",
    "dtf/jcl/site_programs.py",
    "dtf/jcl/unix_files.py",
    "ksds/storage/device.py",
    "ksds/host_files.py",
    "ksds/command_line.py",
}
DECLARES_LAYOUTS = (
    *("ksds/layout/", "dtf/record_layouts.py", "dtf/library_unload.py"),
    *("dtf/protocol/frames.py", "dtf/protocol/fields.py", "dtf/copying/checkpoint.py"),
)

FILE_CALLS = {
    *("open", "io.open", "os.open", "os.read", "os.write", "os.pread", "os.pwrite", "os.fsync", "os.fdatasync"),
    *("os.rename", "os.replace", "os.remove", "os.unlink", "os.ftruncate", "os.truncate", "os.fdopen", "os.makedirs"),
    *("shutil.copyfile", "shutil.copy", "shutil.move", "shutil.rmtree", "shutil.copyfileobj", "mmap.mmap"),
}
FILE_METHODS = {"read_bytes", "write_bytes", "read_text", "write_text", "unlink"}
CLOCKS = {
    *("time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.sleep"),
    *(
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "datetime.datetime.now",
        "date.today",
        "datetime.date.today",
    ),
    "asyncio.sleep",
}
UNSAFE_CALLS = {"eval", "exec", "compile", "os.system", "os.popen", "breakpoint"}
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}


@dataclass(frozen=True, slots=True)
class Source:
    """One module of the project, parsed."""

    path: str
    lines: int
    tree: ast.Module

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def at(self, node: ast.AST, what: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)} {what}"


@cache
def sources() -> tuple[Source, ...]:
    found = []
    for package in ("ksds", "dtf"):
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            found.append(Source(path.relative_to(ROOT).as_posix(), text.count("\n"), ast.parse(text)))
    return tuple(found)


@cache
def modules() -> frozenset[str]:
    return frozenset(source.module for source in sources())


def offences(check: Callable[[Source], Iterator[str]]) -> list[str]:
    return [line for source in sources() for line in check(source)]


def level_name(module: str) -> str:
    """The part of the house a module belongs to: `ksds.cluster.split` lives in `ksds.cluster`."""
    return ".".join(module.split(".")[:2])


def imported_modules(node: ast.AST) -> list[str]:
    """The project's modules that an import statement reaches; `from package import module` names the module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names if alias.name.split(".")[0] in ("ksds", "dtf")]
    if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ("ksds", "dtf"):
        return [
            f"{node.module}.{a.name}" if f"{node.module}.{a.name}" in modules() else node.module for a in node.names
        ]
    return []


def for_types_only(tree: ast.Module) -> set[ast.stmt]:
    """Imports that no run carries out: those under `if TYPE_CHECKING`."""
    blocks = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    return {statement for block in blocks for statement in block.body}


def dotted(node: ast.expr) -> str:
    """`os.path.join` of a call's function; "" for anything that is not a plain dotted name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def calls(source: Source) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def test_every_part_of_the_house_has_a_level() -> None:
    unknown = {level_name(module) for module in modules()} - set(LEVELS)
    assert not unknown, f"not in the table above or in docs/ARCHITECTURE.md: {sorted(unknown)}"


def test_imports_run_one_way() -> None:
    def check(source: Source) -> Iterator[str]:
        here = level_name(source.module)
        for node in ast.walk(source.tree):
            for module in imported_modules(node):
                there = level_name(module)
                if there != here and LEVELS[there] >= LEVELS[here]:
                    yield source.at(node, f"{here} imports {there}")

    assert offences(check) == []


def test_dtf_enters_ksds_by_its_doors_only() -> None:
    def check(source: Source) -> Iterator[str]:
        here = level_name(source.module)
        for node in ast.walk(source.tree):
            for module in imported_modules(node) if here.startswith("dtf") else ():
                if module.startswith("ksds") and (
                    here in KNOW_NO_DATA_SETS or level_name(module) not in DOORS_INTO_KSDS
                ):
                    yield source.at(node, f"{here} imports {module}")

    assert offences(check) == []


def test_no_import_cycle_and_no_relative_import() -> None:
    graph: dict[str, set[str]] = {}
    relative = []
    for source in sources():
        if source.path.endswith("__init__.py"):
            continue
        reached = graph.setdefault(source.module, set())
        for node in ast.walk(source.tree):
            if node not in for_types_only(source.tree):
                reached.update(imported_modules(node))
            if isinstance(node, ast.ImportFrom) and node.level:
                relative.append(source.at(node, "relative import"))
    graphlib.TopologicalSorter(graph).prepare()
    assert relative == []


LATE = {
    "dtf/cli/job_entry.py": "dtf.jcl.program_list",  # only RUN TASK needs the utilities
    "dtf/cli/program.py": "dtf.cli",  # the prompt
    "dtf/node/local.py": "ksds",  # only a new system needs IDCAMS
}
"""Imports inside a function: what they load takes longer than most commands do, and hardly one needs it."""


def test_no_import_inside_a_function_but_of_what_few_commands_need() -> None:
    def check(source: Source) -> Iterator[str]:
        for function in ast.walk(source.tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    late = isinstance(node, ast.ImportFrom) and node.module == LATE.get(source.path)
                    if isinstance(node, ast.Import | ast.ImportFrom) and not late:
                        yield source.at(node, f"import inside {function.name}")

    assert offences(check) == []


def test_files_functions_and_classes_stay_short() -> None:
    def check(source: Source) -> Iterator[str]:
        if source.lines > FILE_LINES:
            yield f"{source.path}:1 {source.lines} lines"
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
                length = (node.end_lineno or first.lineno) - first.lineno + 1
                if length > FUNCTION_LINES:
                    yield source.at(node, f"{node.name} has {length} lines")
            elif isinstance(node, ast.ClassDef):
                names = [m.name for m in node.body if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef)]
                if len(names) > CLASS_METHODS:
                    yield source.at(node, f"{node.name} has {len(names)} methods")

    assert offences(check) == []


def test_modules_have_names_of_the_trade() -> None:
    def check(source: Source) -> Iterator[str]:
        name = source.module.split(".")[-1]
        if set(name.split("_")) & EMPTY_WORDS:
            yield f"{source.path}:1 says nothing about what it holds"
        if name in sys.stdlib_module_names:
            yield f"{source.path}:1 is named like a module of the standard library"

    assert offences(check) == []


def test_every_module_says_what_it_is() -> None:
    def check(source: Source) -> Iterator[str]:
        if source.tree.body and not ast.get_docstring(source.tree):
            yield f"{source.path}:1 has no docstring"

    assert offences(check) == []


def test_files_are_touched_through_devices_only() -> None:
    def check(source: Source) -> Iterator[str]:
        for node, name in calls(source) if source.path not in OPENS_FILES else ():
            if name in FILE_CALLS or (isinstance(node.func, ast.Attribute) and node.func.attr in FILE_METHODS):
                yield source.at(node, f"calls {ast.unparse(node.func)}")

    assert offences(check) == []


def test_time_is_an_argument_below_the_command_lines() -> None:
    def check(source: Source) -> Iterator[str]:
        for node, name in calls(source) if source.path not in COMMAND_LINES else ():
            if name in CLOCKS:
                yield source.at(node, f"calls {name}")

    assert offences(check) == []


def test_nothing_unsafe() -> None:
    def check(source: Source) -> Iterator[str]:
        for call, called in calls(source):
            if called in UNSAFE_CALLS:
                yield source.at(call, f"calls {called}")
            if any(keyword.arg == "shell" for keyword in call.keywords):
                yield source.at(call, "passes shell=")
        for node in ast.walk(source.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if {name.split(".")[0] for name in names} & UNSAFE_MODULES:
                yield source.at(node, "imports a module that runs what it reads")

    assert offences(check) == []


def test_errors_are_caught_by_name() -> None:
    """All of them at once only to clean up and raise again."""

    def check(source: Source) -> Iterator[str]:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ExceptHandler):
                caught = "" if node.type is None else ast.unparse(node.type)
                if caught in ("", "Exception", "BaseException") and ast.unparse(node.body[-1]) != "raise":
                    yield source.at(node, f"except {caught}".strip())

    assert offences(check) == []


def test_construct_stays_where_layouts_are_declared() -> None:
    def check(source: Source) -> Iterator[str]:
        for node in ast.walk(source.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if "construct" in {name.split(".")[0] for name in names} and not source.path.startswith(DECLARES_LAYOUTS):
                yield source.at(node, "imports construct")

    assert offences(check) == []


def test_nothing_is_left_for_later() -> None:
    mark = re.compile(r"\b(TODO|FIXME|XXX)\b")
    found = []
    for source in sources():
        text = (ROOT / source.path).read_text(encoding="utf-8")
        found += [
            f"{source.path}:{n} {line.strip()}" for n, line in enumerate(text.splitlines(), 1) if mark.search(line)
        ]
    assert found == []


def test_public_names_are_few_listed_and_there() -> None:
    for package in ("ksds", "dtf"):
        (source,) = [source for source in sources() if source.path == f"{package}/__init__.py"]
        listed = [
            ast.literal_eval(node.value)
            for node in source.tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        ]
        assert len(listed) == 1, f"{package}/__init__.py has no __all__"
        names = listed[0]
        assert len(names) <= PUBLIC_NAMES
        module = importlib.import_module(package)
        assert [name for name in names if not hasattr(module, name)] == []


def test_the_top_level_is_what_the_architecture_page_says() -> None:
    present = {path.name for path in ROOT.iterdir()}
    assert present >= TOP_LEVEL
    configuration = {
        name for name in present if name.endswith((".cfg", ".ini", ".toml", ".py", ".txt", ".yaml", ".yml"))
    }
    assert configuration <= {"pyproject.toml"}, "pyproject.toml is the only configuration file"
