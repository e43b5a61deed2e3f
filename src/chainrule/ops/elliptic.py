"""Complete elliptic integrals of a parameter m. SciPy evaluates them, and is imported when the first is."""

from chainrule.ops.declaration import special

# ∫ (1 - m sin² t)^(-1/2) over t from 0 to π/2, the same of m = 1 - p, and ∫ (1 - m sin² t)^(1/2).
ellipk = special("ellipk")
ellipkm1 = special("ellipkm1")
ellipe = special("ellipe")
