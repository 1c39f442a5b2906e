"""What the service does, told on the real thing: real databases, real sockets, a fixed clock."""
