"""Outbound edges and wire formats, one small file each."""
