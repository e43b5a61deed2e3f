"""How we know that it is right: samples, the laws that hold for all of them, and the check of a user's derivatives."""
