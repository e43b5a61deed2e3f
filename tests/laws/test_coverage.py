"""The laws are held against every op: none is without a sample."""

import warnings

from chainrule import ops
from chainrule.api import specialisation
from chainrule.api.compilation import jit
from chainrule.api.products import jvp, vjp
from chainrule.compile import Interpreted
from chainrule.numpy.swap import opened
from chainrule.testing.laws.inference import CheckingLevel
from chainrule.testing.samples import SAMPLES


class Watching(CheckingLevel):
    """A level that notes which ops it is asked for."""

    def __init__(self, case, seen):
        super().__init__(case)
        self.seen = seen

    def bind(self, op, operands, params):
        self.seen.add(op.name)
        return super().bind(op, operands, params)


def test_every_op_has_a_sample(monkeypatch):
    """Each op, also those that only rules use, takes part in some sample's value, push, pull or recording."""
    # What is recorded is asked for, and not its native code, which would take most of a minute.
    monkeypatch.setattr(specialisation, "compiled", Interpreted)
    seen = set()
    for sample in SAMPLES:
        cases = {case.dtype: case for case in sample.cases() if not case.is_single}
        for case in cases.values():
            level = Watching(case, seen)
            xs = [level.handle(x) for x in case.inputs]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if sample.order:
                    y, pull = vjp(sample.function, *xs)
                    pull(y)
                    jvp(sample.function, xs, xs)
                else:
                    opened(sample.function)(*xs)
                compiled = jit(sample.function)
                compiled(*case.inputs)
            for recorded in compiled.specialisations:
                seen.update(node.op.name for node in recorded.program.graph.nodes)

    # This one is put into recorded programs, and is never called.
    seen.add(ops.spread.name)
    assert sorted(set(ops.ALL_OPS) - seen) == []
