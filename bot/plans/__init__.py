"""Ready-made plans as TOML (they come with the issue on plans)."""
