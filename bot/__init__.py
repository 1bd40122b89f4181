"""Muster's heart: what a school's emergency plan means, and how it is kept and told.

`domain` holds values and rules, `storage` keeps them, `services` decide, `messages` are the words, `delivery`
brings them out. Only `app.py`, `cli.py` and `demo` know every part.
"""
