"""The logistic function, its logarithm and its inverse. SciPy evaluates them, and is imported when the first is."""

from chainrule.ops.declaration import special

# 1 / (1 + e⁻ˣ).
expit = special("expit")
log_expit = special("log_expit")
# log(x / (1 - x)).
logit = special("logit")
