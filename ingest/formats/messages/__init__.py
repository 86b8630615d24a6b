"""What programs say, in whatever envelope: one grammar a file, the same in a journal and in a bare file."""
