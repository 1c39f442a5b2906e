"""Delivery: the worker, notifications to subscribers, and what an answer or its absence means."""
