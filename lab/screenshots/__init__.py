"""Pictures of Lineup's own pages, from recorded runs: for the documentation, and to see that nothing is cut off."""
