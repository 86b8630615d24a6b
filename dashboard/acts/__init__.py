"""What people can do on the pages, by name: a form read, the store called, and a sentence of what was done."""
