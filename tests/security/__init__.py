"""Tests: who calls, and what its token lets it do."""
