"""Stand-ins for the clouds: what the real engine, kubectl and client-go start instead of what needs an account."""
