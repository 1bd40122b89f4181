"""The sample school and what `muster demo` starts. Everybody in it is invented."""
