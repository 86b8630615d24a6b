"""What the pages that speak of formats show, as frozen records: the catalogue, the try-out and a project's settings."""
