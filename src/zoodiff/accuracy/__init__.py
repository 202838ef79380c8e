"""Claimed accuracies, and what speaks for them or against them: statistics, predictions, verdicts."""
