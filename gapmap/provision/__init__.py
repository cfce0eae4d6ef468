"""Provision: what is provided where, for whom, and how sure that is."""
