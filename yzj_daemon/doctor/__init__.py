"""The first-day questions to a set-up and to the platform, asked one by one, each with what to do about its answer."""
