"""Clones of functions: the same code, over swapped globals, cells and defaults."""

from __future__ import annotations

import dis
import functools
import sys
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from chainrule.numpy.swap.places import Variable
from chainrule.numpy.swap.watching import Cell, Default

if TYPE_CHECKING:
    from chainrule.numpy.swap.namespaces import SwappedGlobals
    from chainrule.numpy.swap.run import Run

# The contents of a cell that has none.
EMPTY: Any = object()

# Types whose instances mean the same inside a derivative as outside.
AS_IS: frozenset[type] = frozenset(
    (int, float, complex, bool, str, bytes, type(None), range, slice, type(Ellipsis), type(NotImplemented))
)


@dataclass(frozen=True, slots=True)
class Rebound:
    """The names outside of its own that a function rebinds, its nested functions included."""

    globals: frozenset[str] = frozenset()
    cells: frozenset[str] = frozenset()


_NOTHING = Rebound()
_GLOBAL_STORES = frozenset(dis.opmap[name] for name in ("STORE_GLOBAL", "DELETE_GLOBAL"))
_CELL_STORES = frozenset(dis.opmap[name] for name in ("STORE_DEREF", "DELETE_DEREF"))

# By identity, since code objects compare by their contents, which takes long.
_rebound: dict[int, tuple[weakref.ref[CodeType], Rebound]] = {}


def rebound_by(code: CodeType) -> Rebound:
    """Which globals and which variables of enclosing functions a code object rebinds."""
    key = id(code)
    known = _rebound.get(key)
    if known is not None and known[0]() is code:
        return known[1]
    found = _rebound_by(code)
    _rebound[key] = (weakref.ref(code, lambda _: _rebound.pop(key, None)), found)
    return found


def _rebound_by(code: CodeType) -> Rebound:
    global_names: set[str] = set()
    cell_names: set[str] = set()
    for part in _with_nested(code):
        # Bytes of operands are skipped: what stands at even offsets is an opcode or a cache, which reads as zero.
        operations = set(part.co_code[::2])
        if not operations & (_GLOBAL_STORES | _CELL_STORES):
            continue
        for instruction in dis.get_instructions(part):
            if instruction.opcode in _GLOBAL_STORES:
                global_names.add(instruction.argval)
            elif instruction.opcode in _CELL_STORES:
                cell_names.add(instruction.argval)
    cell_names.intersection_update(code.co_freevars)
    return Rebound(frozenset(global_names), frozenset(cell_names)) if global_names or cell_names else _NOTHING


def _with_nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from _with_nested(constant)


_NO_CELL = CellType()


class SwappedCell:
    """A cell that stands for one of an enclosing function's, and is shared by all clones that see the variable."""

    __slots__ = ("initial", "made", "name", "real")

    def __init__(self, real: CellType, name: str) -> None:
        self.real = real
        self.name = name
        self.made = CellType()
        self.initial: Any = EMPTY

    def fill(self, value: Any) -> None:
        """Give the cell what stands for the contents of the real one."""
        self.made.cell_contents = self.initial = value

    def write_back(self, run: Run) -> None:
        """Write what opened code stored through to the real cell."""
        value = contents(self.made)
        if value is self.initial:
            return
        self.initial = value
        if value is EMPTY:
            del self.real.cell_contents
        else:
            self.real.cell_contents = value
            run.note(value, Variable, self.real)

    def rest(self) -> None:
        """Hold nothing until a clone that sees the variable wakes."""
        del self.made.cell_contents
        self.initial = EMPTY
        self.real = _NO_CELL

    def close(self) -> None:
        """Hold what the real cell holds, so that a clone that outlives the run is the function again."""
        value = contents(self.real)
        if value is EMPTY:
            del self.made.cell_contents
        else:
            self.made.cell_contents = value


def contents(cell: CellType) -> Any:
    """What a cell holds, `EMPTY` if nothing."""
    try:
        return cell.cell_contents
    except ValueError:
        return EMPTY


class Opened:
    """A function that a run has opened, and what it takes to open it again by the same clone.

    clone, globals_
        The clone, and its globals.
    function
        The function, while it is open.
    is_plain
        Whether it may rest: its defaults are modules and numbers, and it rebinds no names outside of its own. None
        until that is asked.
    """

    __slots__ = (
        "_cells",
        "_code",
        "_defaults",
        "_is_undressed",
        "_reference",
        "clone",
        "function",
        "globals_",
        "is_plain",
    )

    def __init__(self, f: FunctionType, clone: FunctionType, globals_: SwappedGlobals) -> None:
        self.function: FunctionType | None = f
        self._reference = weakref.ref(f)
        self._code = f.__code__
        self._defaults = f.__defaults__
        self.clone = clone
        self.globals_ = globals_
        self.is_plain: bool | None = None
        self._is_undressed = False
        # For each variable that it encloses the cell of the clone's, None for one that it shares with the function.
        self._cells: tuple[SwappedCell | None, ...] = ()

    def look(self, run: Run) -> bool:
        """Find out whether the function `is_plain`, at the end of its first run."""
        f = self.function
        assert f is not None
        self.is_plain = (
            not f.__kwdefaults__
            and rebound_by(self._code) is _NOTHING
            and all(type(value) in AS_IS or type(value) is ModuleType for value in self._defaults or ())
        )
        if f.__closure__:
            self._cells = tuple([run.cells.get(id(cell)) for cell in f.__closure__])
        return self.is_plain

    def wakes(self, f: FunctionType, run: Run) -> bool:
        """Stand for the function in a later run, if it is the same, and its variables are of the same kinds."""
        if (
            self._reference() is not f
            or f.__code__ is not self._code
            or f.__defaults__ is not self._defaults
            or f.__kwdefaults__ is not None
        ):
            return False
        clone, globals_, real = self.clone, self.globals_, f.__globals__
        if globals_.real is not real:
            if run.namespaces.setdefault(id(real), globals_) is not globals_:
                return False
            globals_.begin_again(real)
        unfilled = self._unfilled(f, run) if self._cells else None
        if unfilled is None and self._cells:
            return False
        self.function = f
        if self._is_undressed:
            clone.__dict__ = f.__dict__
            self._is_undressed = False
        run.opened.append(self)
        run.clones[f] = clone
        run.originals[clone] = f
        if unfilled:
            for cell, value in unfilled:
                cell.fill(run.swapped(value))
        return True

    def undress(self) -> None:
        """Let the clone have no attributes, since they are the function's."""
        self.clone.__dict__ = {}
        self._is_undressed = True

    def _unfilled(self, f: FunctionType, run: Run) -> list[tuple[SwappedCell, Any]] | None:
        """The clone's cells with what is to be swapped for them; None if some are to be others."""
        unfilled: list[tuple[SwappedCell, Any]] = []
        for name, real, cell in zip(self._code.co_freevars, f.__closure__ or (), self._cells, strict=True):
            value = contents(real)
            is_shared = value is EMPTY or name == "__class__" or type(value) in AS_IS
            known = run.cells.get(id(real))
            if is_shared is not (cell is None) or (known is not None and known is not cell):
                return None
            if cell is not None and known is None:
                unfilled.append((cell, value))
                cell.real = real
        for cell, _ in unfilled:
            run.cells[id(cell.real)] = cell
        return unfilled


def cloned(run: Run, f: FunctionType, globals_: SwappedGlobals) -> FunctionType:
    """The clone of a user's function for a run."""
    code = f.__code__
    rebound = rebound_by(code)
    closure, unfilled = _closure(run, f, rebound.cells) if f.__closure__ else (None, ())
    clone = FunctionType(code, globals_, f.__name__, None, closure)
    _dress(clone, f)
    if rebound.globals:
        run.affected("rebinds a global variable")
        globals_.store(rebound.globals)
    globals_.clones += 1
    opened = run.known[id(f)] = Opened(f, clone, globals_)
    run.opened.append(opened)
    # Known before its cells and defaults are filled, so that a recursive function finds itself.
    run.clones[f] = clone
    run.originals[clone] = f
    for swapped_cell, value in unfilled:
        swapped_cell.fill(run.found(Cell(swapped_cell.real, swapped_cell.name), value))
    if f.__defaults__:
        clone.__defaults__ = tuple([run.found(Default(f, k), value) for k, value in enumerate(f.__defaults__)])
    if f.__kwdefaults__:
        clone.__kwdefaults__ = {name: run.found(Default(f, name), value) for name, value in f.__kwdefaults__.items()}
    return clone


def _dress(clone: FunctionType, f: FunctionType) -> None:
    """Give a clone what people see of the function; attributes that either of them gets, both have."""
    clone.__qualname__ = f.__qualname__
    clone.__doc__ = f.__doc__
    clone.__dict__ = f.__dict__
    clone.__module__ = f.__module__
    if sys.version_info >= (3, 14):
        # Annotations are evaluated when they are asked for, and need not be defined by then.
        clone.__annotate__ = f.__annotate__
    else:
        clone.__annotations__ = f.__annotations__


def _closure(
    run: Run, f: FunctionType, rebound: frozenset[str]
) -> tuple[tuple[CellType, ...], list[tuple[SwappedCell, Any]]]:
    """The cells of a clone, and those among them that are still to be filled, each with what it shall stand for."""
    cells: list[CellType] = []
    unfilled: list[tuple[SwappedCell, Any]] = []
    for name, cell in zip(f.__code__.co_freevars, f.__closure__ or (), strict=True):
        known = run.cells.get(id(cell))
        if known is not None:
            cells.append(known.made)
            continue
        value = contents(cell)
        if value is EMPTY or name == "__class__" or type(value) in AS_IS:
            # What the function stores is then seen by everyone at once.
            if run.watcher is not None and value is not EMPTY:
                run.watcher.found(Cell(cell, name), value)
            cells.append(cell)
            if name in rebound:
                run.places.append(Variable(cell))
                run.affected("rebinds a variable of an enclosing function")
            continue
        made = run.cells[id(cell)] = SwappedCell(cell, name)
        cells.append(made.made)
        unfilled.append((made, value))
    return tuple(cells), unfilled


def library_function(run: Run, f: FunctionType) -> FunctionType:
    """A function of a library that wraps functions of the user's, as decorators make them, around their clones.

    Only functions among the variables that it encloses are opened: the library works on real objects.
    """
    if f.__closure__ is None:
        return f
    found = [contents(cell) for cell in f.__closure__]
    stand_ins = [run.swapped(value) if _is_function(value) else value for value in found]
    if all(stand_in is value for stand_in, value in zip(stand_ins, found, strict=True)):
        return f
    cells = [
        cell if stand_in is value else CellType(stand_in)
        for cell, stand_in, value in zip(f.__closure__, stand_ins, found, strict=True)
    ]
    made = FunctionType(f.__code__, f.__globals__, f.__name__, f.__defaults__, tuple(cells))
    _dress(made, f)
    made.__kwdefaults__ = f.__kwdefaults__
    run.clones[f] = made
    run.originals[made] = f
    return made


def _is_function(value: Any) -> bool:
    return isinstance(value, (FunctionType, functools.partial)) or hasattr(value, "__wrapped__")
