"""What Lineup takes in time and memory, measured on the running system. Each file is a command that prints figures."""
