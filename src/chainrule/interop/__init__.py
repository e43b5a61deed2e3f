"""Neighbours: packages of other names and interfaces over chainrule's engine."""
