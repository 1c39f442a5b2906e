"""Commands for developers; `python3 run.py check` runs them."""
