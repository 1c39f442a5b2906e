"""The pages that a reader follows: their commands and answers, run for real."""
