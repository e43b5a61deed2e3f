"""Speed and memory, beside HIPS autograd and plain NumPy, in one process."""
