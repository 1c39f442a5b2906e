"""Which unit answers a need: directory snapshot and ordered rules (not HTTP routers)."""
