"""Ready-made plans, one TOML file a kind of incident, and the agencies outside; `bot/config/plans.py` reads them."""
