"""The table of samples: one module for each family, each with its list `SAMPLES`."""

import importlib
import pkgutil

from chainrule.numpy.swap import trace_into
from chainrule.testing.sample import Sample

# Samples are written as users write: they are run over our NumPy when a derivative is taken.
trace_into(__name__)

FAMILIES: dict[str, list[Sample]] = {
    module.name: importlib.import_module(f"{__name__}.{module.name}").SAMPLES
    for module in pkgutil.iter_modules(__path__)
}

SAMPLES: list[Sample] = [sample for family in FAMILIES.values() for sample in family]
