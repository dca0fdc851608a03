"""The console: what was forwarded, why, what waits, and putting it right, in a browser and as a JSON API."""
