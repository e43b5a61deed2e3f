"""Compiled derivatives beside those of autograd, JAX, PyTorch, Dr.Jit and hand-written C: what `cr.jit` is worth."""
