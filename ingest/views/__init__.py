"""The pages that speak of formats: one needs the parsers to say what they read, so they live on this side."""
