"""The entry of compiled functions: from `g(x)` to native code in less than a tenth of a microsecond.

A compiled program is a C function of pointers. Between the call that a user writes and that function stands the entry:
it looks whether the arguments (and the globals, cells and arrays that the program depends on) are what the program was
compiled for, creates the results, and calls it. There are two, of equal results:

    path.py       what a compiled specialisation asks of a call: a list of checks
    entry.py      what both entries share: the paths of an instance
    choice.py     which of them is used
    native.py     a type with its own vectorcall function
      memory.py       where CPython and NumPy keep what is read, and whether that is so here
      records.py      paths as C structures, and what keeps what alive
      packing.py      from a path to its records
      signature.py    by which number the paths for a call are found
      interface.py    functions and objects of CPython and NumPy, by address
      writer.py       LLVM IR that reads C structures
      code.py         the code, read from here:
        signing.py      the signature of a call
        attempt.py      one path
        checks.py       one check
        results.py      one result
      loading.py      the code compiled and loaded
    portable.py   the same by Python and ctypes

Of a call of 80 ns with one array in and one out, the loop around it and an entry without any argument or result take
25, the argument 10, and NumPy's new array, with what freeing it takes, 45. Each further array argument takes 7, a
global to look up 10, a scalar result 8. A call for another path than the one before takes 20 to 40 more, be there two
paths or a hundred.
"""

from chainrule.compile.entry.choice import entry_type, why_portable
from chainrule.compile.entry.entry import Entry
from chainrule.compile.entry.path import (
    Argument,
    Array,
    Attribute,
    Cell,
    Check,
    Container,
    Defaults,
    Equal,
    FastPath,
    Held,
    InClass,
    Instance,
    Item,
    Missing,
    Name,
    Number,
    Own,
    Result,
    Same,
    is_native,
)

__all__ = [
    "Argument",
    "Array",
    "Attribute",
    "Cell",
    "Check",
    "Container",
    "Defaults",
    "Entry",
    "Equal",
    "FastPath",
    "Held",
    "InClass",
    "Instance",
    "Item",
    "Missing",
    "Name",
    "Number",
    "Own",
    "Result",
    "Same",
    "entry_type",
    "is_native",
    "why_portable",
]
