"""Compiled derivatives beside those of autograd, JAX, PyTorch and hand-written C: what `cr.jit` is worth."""
