"""The sample school and what `muster demo` starts."""
