"""Frozen values, enums and rules. Nothing here reads a clock, a file, a database or a network."""
