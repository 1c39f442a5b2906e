"""Delivery: the worker, subscriptions and channels."""
