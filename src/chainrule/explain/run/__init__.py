"""One run of a function: what was computed, in steps, and the chain rule multiplied out over them."""
