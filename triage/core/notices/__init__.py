"""What notifications say, and to whom: pure, from plain records to messages of each channel."""
