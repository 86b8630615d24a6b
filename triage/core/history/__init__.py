"""What many runs say of one test: how its failure comes back, where its writes and reads went, what that proves."""
