"""The laws find what they are there to find: each wrong statement about an op breaks the law that it should."""

import numpy as np
import pytest

from chainrule import ops
from chainrule.jacobians.forms import batch, linear, partials, push, transpose
from chainrule.numpy.handle import Handle, wrap
from chainrule.numpy.operands import value_of
from chainrule.testing.comparison import LawError
from chainrule.testing.laws import check_laws, laws_for
from chainrule.testing.sample import COMPLEX, POSITIVE, Sample
from chainrule.trace import Abstract, Op, ground


def elementwise(name, evaluate=None, infer=None):
    """An op that squares, or claims to."""
    return Op(name, evaluate or (lambda x: x * x), infer or (lambda x: x), core=(0,))


def on_arrays(op):
    """An op as a function of NumPy's arrays and of handles."""

    def function(*xs):
        y = op(*map(value_of, xs))
        return wrap(y) if any(isinstance(x, Handle) for x in xs) else y

    return function


def broken_laws(op, shapes=((3,),), **options):
    """The names of the laws that an op breaks in double precision."""
    names = set()
    for case in Sample(on_arrays(op), shapes=shapes, name=op.name, **options).cases():
        for law in laws_for(case):
            try:
                law(case)
            except Exception:
                names.add(law.__name__)
    return names


def test_right_statements_break_no_law():
    """The right partial of x² passes."""
    square = elementwise("square")
    partials(square)(lambda _y, x: (2 * x,))
    assert broken_laws(square, shapes=[(), (0,), (2, 3)]) == set()


def test_wrong_partial():
    """A partial that is wrong by a hundredth breaks the law of tangents; it is its own adjoint all the same."""
    square = elementwise("square")
    partials(square)(lambda _y, x: (2.02 * x,))
    found = broken_laws(square)
    assert "tangent" in found
    assert "adjoint" not in found


def test_wrong_sign_of_an_imaginary_part():
    """A partial that is right for real numbers and conjugate for complex ones breaks the law of tangents."""
    square = elementwise("square")
    partials(square)(lambda _y, x: (2 * ops.conj(x),) if x.dtype.kind == "c" else (2 * x,))
    assert broken_laws(square) == set()
    assert "tangent" in broken_laws(square, dtypes=COMPLEX)


def test_partial_without_a_derivative():
    """A partial that is a constant to the next derivative breaks the law of second order alone."""
    square = elementwise("square")
    partials(square)(lambda _y, x: (2 * ground(x),))
    assert "second_order" in broken_laws(square)
    assert not {"tangent", "adjoint", "value"} & broken_laws(square)


def test_affine_taken_for_multilinear():
    """Addition declared as linear in each operand alone, d(x + y) = (dx + y) + (x + dy), breaks the laws."""
    add = Op("add_like_multiply", np.add, lambda x, _y: x, core=(0, 0))
    transpose(add, operand=0)(lambda z_bar, _x, _y: z_bar)
    transpose(add, operand=1)(lambda z_bar, _x, _y: z_bar)
    assert {"tangent", "adjoint"} <= broken_laws(add, shapes=[((3,), (3,))])


def test_wrong_transpose():
    """A reversal whose transpose is taken to be the identity breaks the law of adjoints, and not that of tangents."""
    reverse = Op("reverse", lambda x: x[::-1].copy(), lambda x: x)
    linear(reverse)(lambda y_bar, _x: y_bar)
    batch(reverse)(lambda _size, _batched, x: ops.flip(x, axes=(1,)))
    found = broken_laws(reverse)
    assert {"adjoint", "tensor"} <= found
    assert "tangent" not in found


def test_wrong_inference():
    """An op that infers another dtype or shape than comes out breaks the law of inference."""
    for infer in (lambda x: Abstract(x.shape, np.dtype(float)), lambda x: Abstract((*x.shape, 1), x.dtype)):
        square = elementwise("square", infer=infer)
        partials(square)(lambda _y, x: (2 * x,))
        assert "infer" in broken_laws(square)


def test_wrong_batching():
    """A cumulative sum that runs on over the batch axis breaks the law of batches."""
    total = Op("total", lambda x: np.cumsum(x).reshape(x.shape), lambda x: x)
    linear(total)(lambda y_bar, _x: ops.flip(total(ops.flip(y_bar, axes=(0,))), axes=(0,)))
    batch(total)(lambda _size, _batched, x: total(x))
    assert "batch" in broken_laws(total)


def test_value_that_is_not_numpys():
    """A value that differs in the last digit, in its dtype, or as an array from a scalar, breaks the law of values."""
    for changed in (lambda y: np.nextafter(y, 9), np.float64, np.asarray):
        square = elementwise("square")
        partials(square)(lambda _y, x: (2 * x,))

        def function(x, square=square, changed=changed):
            y = square(value_of(x))
            return wrap(y) if isinstance(x, Handle) else changed(y)

        case = next(iter(Sample(function, shapes=[()], name="square").cases()))
        with pytest.raises(ExceptionGroup) as caught:
            check_laws(case)
        assert any("law `value` does not hold" in str(error) for error in caught.value.exceptions)


def test_gradient_of_another_dtype():
    """A cotangent in double precision for an operand in single precision breaks the law of gradients."""
    square = elementwise("square")
    partials(square)(lambda _y, x: (2 * ops.convert(x, dtype=np.dtype(float)),))
    assert "gradient" in broken_laws(square)


def test_rule_that_reads_memory_and_not_the_array():
    """An op that reads its operand in the order of memory breaks the law of layouts."""
    kept = Op("kept", lambda x: np.ravel(x, order="K").reshape(x.shape), lambda x: x)
    linear(kept, selects=True)(lambda y_bar, _x: y_bar)
    batch(kept)(lambda _size, _batched, x: x)
    assert "layout" in broken_laws(kept, shapes=[(2, 3)])


def test_derivative_that_warns():
    """A rule that warns where its function is not smooth breaks the law of special values."""

    def root_push(x_dots, y, _x):
        with np.errstate(all="warn"):
            return x_dots[0] * (1 / (2 * y))

    root = Op("root", np.sqrt, lambda x: x, core=(0,))
    push(root)(root_push)
    assert broken_laws(root, domain=POSITIVE, special=[0.0]) == {"special"}


def test_message():
    """A failure names the law, the sample, shapes and dtype, and shows both numbers and the operands."""
    square = elementwise("square")
    partials(square)(lambda _y, x: (3 * x,))
    case = list(Sample(on_arrays(square), shapes=[(2,)], name="my_square").cases())[1]

    with pytest.raises(LawError) as caught:
        next(law for law in laws_for(case) if law.__name__ == "tangent")(case)

    text = str(caught.value)
    assert "law `tangent` does not hold for `my_square`, shapes (2,), float64: push: differs by" in text
    assert "expected array(" in text
    assert "found    array(" in text
    assert f"x0 = {case.inputs[0]!r}"[:20] in text
