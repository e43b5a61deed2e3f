"""Conversion of dtypes."""

from typing import Any

import numpy as np

from chainrule.trace import Abstract, Op, ParameterOp


def _convert_evaluate(x: Any, /, *, dtype: np.dtype[Any]) -> Any:
    return x.astype(dtype)


def _convert_infer(x: Any, *, dtype: np.dtype[Any]) -> Abstract:
    return Abstract(x.shape, dtype)


# To a floating dtype only: a conversion to integers or booleans is a step, `truncate`.
convert = ParameterOp("convert", _convert_evaluate, _convert_infer, core=(0,))
truncate = Op("truncate", _convert_evaluate, _convert_infer, core=(0,), discrete=True)
