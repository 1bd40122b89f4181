"""The numbers to hold, measured beside their peer in the same run: `python -m tests.benchmarks [--quick] [NAME…]`."""
