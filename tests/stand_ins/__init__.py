"""Other people's services on the loopback address: real HTTP, with the manners and the moods of the originals."""
